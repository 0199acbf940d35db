// Untrusted READMEs: rendered within their limits, otherwise shown as plain text.
import { expect, test } from "bun:test";
import { readmeLimits, renderReadme } from "../../src/reading/readme.ts";

const size = readmeLimits.characters;
const filled = (piece: string) => piece.repeat(Math.floor(size / piece.length));
const htmlOf = async (text: string) => (await renderReadme({ path: "README.md", text })).html;

async function secondsFor(text: string): Promise<number> {
  const since = process.cpuUsage();
  await htmlOf(text);
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

test("FA4: the worst README takes no longer than it may, and gives no more HTML than it may", async () => {
  await htmlOf("# warm");
  const pieces = [
    ...[
      "1. ",
      "- ",
      "+ ",
      "> ",
      "> - 1. ",
      "<div>x",
      "<pre>a",
      "<b>",
      "<p>",
      "<li>",
      "<table><td>",
      "<svg><p>",
    ],
    ...[
      "a*b_",
      "*_",
      "**a ",
      "__a",
      "~~a~",
      "`a",
      "[",
      "[a](b",
      "![a](",
      "[a](http://b) ",
      "[^1]",
      "[a]: b\n",
    ],
    ...[
      "|a|b\n|-|-\n",
      "a|",
      "# a\n",
      "a\n\n",
      "<",
      "</p>",
      "<!--",
      "<![CDATA[",
      '<a href="',
      "<a@b.c",
      "&#x;",
    ],
    ...[
      "<script>",
      "<style>",
      "<textarea>",
      "<details><summary>",
      '"',
      "&",
      "http://a.b ",
      "1. ".repeat(90) + "\n\n",
    ],
    "<div>".repeat(90) + "</div>".repeat(90),
  ];
  for (const text of [
    ...pieces.map(filled),
    `[a]: b\n${filled("[a]")}`,
    `|${"a|".repeat(99_999)}\n|${"-|".repeat(99_999)}\n`,
  ]) {
    const start = text.slice(0, 20);
    // The limit itself is 0.2 s; it is checked after each step, and no step takes a second.
    expect([start, (await secondsFor(text)) < 2]).toEqual([start, true]);
    expect([start, (await htmlOf(text)).length <= readmeLimits.htmlCharacters]).toEqual([start, true]);
  }
});

test("FA4: what is too deep, too many or too large is shown as text", async () => {
  const text = '<pre tabindex="0">';
  expect(await htmlOf(filled("1. "))).toStartWith(text);
  expect(await htmlOf(filled("<div>x"))).toStartWith(text);
  expect(await htmlOf("<span>x</span>".repeat(readmeLimits.tags))).toStartWith(text);
  expect(await htmlOf(`${"<span>".repeat(readmeLimits.depth + 1)}x`)).toStartWith(text);
  const cut = await htmlOf(filled('"'));
  expect(cut.length).toBeGreaterThan(readmeLimits.htmlCharacters / 2);
});

test("FA4: an honest README is rendered, a long one too", async () => {
  const part =
    "## Part\n\nSome *text* and `code`, a [link](https://example.com).\n\n- one\n- two\n  1. three\n\n";
  const rule = `${"-".repeat(300)}\n\n| a | b |\n|${"-".repeat(300)}|---|\n| 1 | 2 |\n\n`;
  const html = await htmlOf(
    `# Blog\n\n${part.repeat(500)}${rule}<p>\n<p>\n<img src="https://example.com/a.png">`,
  );
  expect(html).toStartWith("<h1>Blog</h1>");
  expect(html.match(/<h2>Part<\/h2>/g)).toHaveLength(500);
  expect(html).toContain("<td>2</td>");
});

test("FU27: boxes of tasks stay, and images of the repository keep their path; nothing else of a form passes", async () => {
  const html = await htmlOf(
    "- [x] done\n- [ ] open\n\n![logo](./docs/my%20logo.png?raw=true) ![up](../x.png) ![dots](.github/a.svg)\n\n" +
      '![abs](/docs/b.jpg) ![evil](//evil.test/x.png) ![code](docs/x.php)\n\n<input type="text" value="x"><button>go</button>',
  );
  expect(html).toContain('<input type="checkbox" disabled checked aria-label="Done" />');
  expect(html).toContain('<input type="checkbox" disabled aria-label="To do" />');
  expect([...html.matchAll(/ src="([^"]*)"/g)].map(([, src]) => src)).toEqual([
    "docs/my logo.png",
    ".github/a.svg",
    "docs/b.jpg",
  ]);
  expect(html.match(/<input/g)).toHaveLength(2);
  expect(html).not.toContain("<button");
});
