// C1–C14: what a composer.json and a README may try with the registry, with clients and with readers. Each against the
// built binary: one repository, one bad tag for each way to be bad. One row after another, so that the file is as long as its
// part of the list.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { basic } from "../clients/documents.ts";
import type { Step } from "../tools/repositories.ts";
import { eventNames, eventOf, type Attempt } from "../worlds/attempts.ts";
import { openWorld, type World } from "../worlds/world.ts";

setDefaultTimeout(60_000);

let world: World<{ in: "binary"; git: true; attempts: true }>;

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true, attempts: true });
});
afterAll(() => world?.close());

type Manifest = Record<string, unknown> | string;
type Mirrored = Attempt & {
  reasons: Record<string, string>;
  versions: Record<string, Record<string, unknown>>;
};

/** A good main branch, and a tag for each of `manifests`; text is what stands in the file. */
async function mirror(name: string, manifests: Record<string, Manifest>): Promise<Mirrored> {
  const tags = Object.entries(manifests).map(([tag, manifest]): Step => ({
    branch: `b${tag}`,
    manifest: typeof manifest === "string" ? manifest : { name, ...manifest },
    tags: [tag],
  }));
  const { url } = await world.repository(name, [{ manifest: { name } }, ...tags]);
  const mirrored = await world.mirror(url);
  expect(mirrored.code).toBe(0);
  const skipped = mirrored.sync?.skipped ?? [];
  const reasons = Object.fromEntries(
    skipped.flatMap(({ ref, reason }) => (ref in manifests ? [[ref, reason]] : [])),
  );
  return { ...mirrored, reasons, versions: await world.versions(name) };
}

/** The tags that an event was logged about. */
function tagsOf({ events }: Attempt, name: string): string[] {
  const refs = events.flatMap(({ event, ref }) => (event === name ? [String(ref)] : []));
  return refs.flatMap((ref) => (ref.startsWith("Tag ") ? [ref.slice("Tag ".length)] : [])).toSorted();
}

function stable({ versions }: Mirrored): string[] {
  return Object.keys(versions)
    .filter((version) => !version.includes("dev"))
    .toSorted();
}

test("C1: a field of the wrong type costs its version or itself, never the sync", async () => {
  const refused = {
    "1.0.1": { require: { "acme/x": "?" } },
    "1.0.3": "[1]",
  };
  const passed = {
    "1.0.0": { name: ["a"] },
    "1.0.4": { require: "x" },
    "2.0.0": { description: 5, autoload: 5, keywords: { a: 1 }, authors: "Ann" },
    "2.0.1": {},
  };
  const mirrored = await mirror("acme/types", { ...refused, ...passed, "1.0.2": { version: {} } });
  expect(stable(mirrored)).toEqual(["1.0.0", "1.0.4", "2.0.0", "2.0.1"]);
  expect(mirrored.reasons["1.0.1"]).toContain("composer.json: require.acme/x has a constraint");
  expect(mirrored.reasons["1.0.2"]).toContain('composer.json says version "{}", which is not a version');
  expect(tagsOf(mirrored, "composer.invalid")).toEqual(Object.keys(refused));
  const { description, autoload, keywords, authors } = mirrored.versions["2.0.0"] ?? {};
  expect([description, autoload, keywords, authors]).toEqual([undefined, undefined, ["1"], undefined]);
  const notes = mirrored.events.flatMap((event) => (event.event === "version.noted" ? [event.notes] : []));
  expect(notes.join(" ")).toContain("description was left out");
});

test("C1: whatever a composer.json holds, each tag ends as a version or with a reason", async () => {
  const fields = [
    "description",
    "require",
    "extra",
    "autoload",
    "bin",
    "license",
    "replace",
    "archive",
    "abandoned",
  ];
  const anything = fc.record(Object.fromEntries(fields.map((field) => [field, fc.jsonValue()])), {
    requiredKeys: [],
  });
  const manifests = fc.sample(anything, { numRuns: 100, seed: 42 });
  const tags = Object.fromEntries(manifests.map((manifest, index) => [`1.0.${index}`, manifest as Manifest]));
  const mirrored = await mirror("acme/anything", tags);
  const ended = [...stable(mirrored), ...Object.keys(mirrored.reasons)];
  expect(ended.toSorted()).toEqual(Object.keys(tags).toSorted());
});

test("C2: a composer.json that is too large or nested too deeply is refused before it is parsed", async () => {
  const nested = (depth: number) =>
    `{"name":"acme/size","extra":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
  const mirrored = await mirror("acme/size", {
    "1.0.0": `{"name":"acme/size"${" ".repeat(50 * 1024 * 1024)}}`,
    "1.0.1": nested(200_000),
    "2.0.0": nested(490),
    "2.0.1": { description: "x".repeat(1_000_000) },
  });
  expect(stable(mirrored)).toEqual(["2.0.0", "2.0.1"]);
  expect(mirrored.reasons["1.0.0"]).toContain("composer.json is larger than 1024 KB");
  expect(mirrored.reasons["1.0.1"]).toContain("nested deeper than 512 levels");
  expect(tagsOf(mirrored, "composer.too_large")).toEqual(["1.0.0"]);
  expect(tagsOf(mirrored, "composer.invalid")).toEqual(["1.0.1"]);
});

test("C3: keys that could reach a prototype reach nothing and nobody else's version", async () => {
  const evil = '{"polluted":true,"abandoned":true}';
  const mirrored = await mirror("acme/proto", {
    "1.0.0": `{"name":"acme/proto","__proto__":${evil},"extra":{"__proto__":${evil},"constructor":{"prototype":${evil}}},"require":{"__proto__":"*"}}`,
    "2.0.0": {},
  });
  expect(stable(mirrored)).toEqual(["1.0.0", "2.0.0"]);
  // Composer carries such a key, too: it is one of the document and of nothing else.
  expect(JSON.stringify(mirrored.versions["1.0.0"]?.["extra"])).toBe(
    `{"__proto__":${evil},"constructor":{"prototype":${evil}}}`,
  );
  expect({ ...(mirrored.versions["1.0.0"]?.["extra"] as object) }).not.toHaveProperty("polluted");
  expect(mirrored.versions["1.0.0"]).not.toHaveProperty("polluted");
  expect(JSON.stringify(mirrored.versions["2.0.0"])).not.toMatch(/polluted|abandoned/);
});

test("C4: JSON that PHP reads otherwise, or not at all, is refused; a key that stands twice gets a note", async () => {
  const bad = {
    "1.0.0": '\ufeff{"name":"acme/json"}',
    "1.0.1": '{"name":"acme/json","extra":{"a":NaN}}',
    "1.0.2": '{"name":"acme/json"} // hello',
    "1.0.3": '{"name":"acme/json","description":"\\ud800"}',
    "1.0.4": "{'name':'acme/json'}",
  };
  const twice = '{"name":"acme/json","description":"first","description":"last"}';
  const mirrored = await mirror("acme/json", { ...bad, "2.0.0": twice });
  expect(stable(mirrored)).toEqual(["2.0.0"]);
  expect(tagsOf(mirrored, "composer.invalid")).toEqual(Object.keys(bad));
  expect(mirrored.reasons["1.0.0"]).toContain("byte order mark");
  expect(mirrored.reasons["1.0.3"]).toContain("half of a UTF-16 surrogate pair");
  expect(mirrored.versions["2.0.0"]?.["description"]).toBe("last");
  expect(eventOf(mirrored, "version.noted")?.notes).toContain(
    "description appears twice; the last one counts",
  );
});

test("C5: a name that is none, or another repository's, publishes nothing", async () => {
  const long = `acme/${"x".repeat(300)}`;
  const names = ["acme/b/c", "../x", "acme/con", long, "acme", "acme/x y", "acme/blog\u0000"];
  const outcomes = await Promise.all(
    names.map(async (name, index) => {
      const { url } = await world.repository(`names/${index}`, [{ manifest: { name }, tags: ["1.0.0"] }]);
      return world.mirror(url);
    }),
  );
  for (const [index, { code, sync, events }] of outcomes.entries()) {
    expect([names[index], code, sync?.added]).toEqual([names[index], 1, 0]);
    expect(sync?.error).toContain("composer.json: the name ");
    expect(eventNames(events)).toContain("composer.invalid");
  }
  await mirror("acme/owned", { "1.0.0": {} });
  const before = await world.versions("acme/owned");
  const { url } = await world.repository("names/thief", [
    { manifest: { name: "acme/owned" }, tags: ["9.0.0"] },
  ]);
  const refused = await world.mirror(url);
  expect([refused.code, refused.sync?.error]).toEqual([
    1,
    expect.stringContaining("is published by the repository"),
  ]);
  expect(await world.versions("acme/owned")).toEqual(before);
});

test("C6: a version field that is not the tag's is refused, and the reason names both", async () => {
  const mirrored = await mirror("acme/mismatch", {
    "1.0.0": { version: "9.9.9" },
    "2.0.0": { version: "v2.0.0" },
  });
  expect(Object.keys(mirrored.reasons)).toEqual(["1.0.0"]);
  expect(mirrored.reasons["1.0.0"]).toContain("9.9.9");
  expect(tagsOf(mirrored, "composer.version_mismatch")).toEqual(["1.0.0"]);
  expect(Object.values(mirrored.versions).map((version) => version["version_normalized"])).not.toContain(
    "9.9.9.0",
  );
});

test("C7: what is the registry's to say is never taken from a composer.json", async () => {
  const evil = { type: "perforce", url: "https://evil.test/x.zip", reference: "x", shasum: "x" };
  const ours = [
    "dist",
    "source",
    "notification-url",
    "transport-options",
    "installation-source",
    "repositories",
  ];
  const claims = Object.fromEntries(ours.map((field) => [field, evil]));
  await world.pricore("org", "update", "acme", "--source", "on");
  const { versions } = await mirror("acme/claims", { "1.0.0": { ...claims, "default-branch": true } });
  const record = versions["1.0.0"] as { dist: { url: string }; source: { type: string } };
  expect(record.dist.url).toStartWith(`${world.org.url}/dists/acme/claims/`);
  expect(record.source.type).toBe("git");
  expect(JSON.stringify(record)).not.toMatch(/evil|perforce|transport-options|notification-url/);
});

test("C8: versions with signs that mean something in an address can be downloaded", async () => {
  const name = "acme/signs";
  const { url } = await world.repository(name, [
    { manifest: { name }, tags: ["1.0.0+build", "v2.0.0"] },
    { branch: "feature/x#1", manifest: { name } },
    { branch: "ü&a=b;c%2e%2e", manifest: { name } },
  ]);
  expect((await world.mirror(url)).code).toBe(0);
  const versions = await world.versions(name);
  expect(Object.keys(versions)).toContainValues(["1.0.0+build", "v2.0.0", "dev-feature/x+1"]);
  for (const [version, record] of Object.entries(versions)) {
    const { dist } = record as { dist: { url: string; reference: string } };
    expect(new URL(dist.url).href).toBe(dist.url);
    const address = dist.url.replace("%reference%", dist.reference);
    const { status } = await fetch(address, { headers: basic(world.org.token) });
    expect([version, status]).toEqual([version, 200]);
  }
});

test("C9: no text of a package can steer a terminal", async () => {
  const evil = "a\u001b[31mb\u001b]0;title\u0007c\u202ed\u009b1me\r\nf";
  const texts = { description: evil, abandoned: evil, authors: [{ name: evil }], keywords: [evil] };
  const mirrored = await mirror("acme/ansi", {
    "1.0.0": texts,
    "1.0.1": { require: { "acme/x": `\u001b[31m${evil}` } },
  });
  expect(mirrored.versions["1.0.0"]).toMatchObject({
    description: expect.stringMatching(/^abc/),
    keywords: [expect.stringMatching(/^abc/)],
  });
  const { stdout: shown } = await world.pricore("package", "show", "--org", "acme", "acme/ansi");
  const { stdout: why } = await world.pricore("why", "--org", "acme", "acme/ansi", "1.0.1");
  const strings = JSON.stringify(mirrored.versions) + JSON.stringify(mirrored.reasons);
  expect(shown + why + mirrored.output + strings).not.toMatch(
    /[\u001b\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\\u00/,
  );
});

/** What the registry made of each README of a package, under a tag of its own. */
async function rendered(name: string, readmes: string[]): Promise<string[]> {
  const marker = (index: number) => `README ${name} ${index}.`;
  const steps = readmes.map((readme, index) => ({
    manifest: { name },
    files: { "README.md": `${marker(index)}\n\n${readme}` },
    tags: [`1.0.${index}`],
  }));
  const { url } = await world.repository(name, steps);
  expect((await world.mirror(url)).code).toBe(0);
  const pages = world.rows("readmes").map((row) => (JSON.parse(row) as { html: string }).html);
  return readmes.map((_, index) => pages.find((page) => page.includes(marker(index))) ?? "");
}

/** Every element with its attributes, as a browser would take them. */
async function elementsOf(html: string): Promise<{ name: string; attributes: Record<string, string> }[]> {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const element = (each: HTMLRewriterTypes.Element) =>
    void found.push({ name: each.tagName, attributes: Object.fromEntries(each.attributes) });
  await new HTMLRewriter().on("*", { element }).transform(new Response(html)).text();
  return found;
}

test("C10: of more development versions than a document may hold the oldest are left out, and the log tells", async () => {
  const large = (at: number): Step => ({
    branch: `b${at}`,
    manifest: { name: "acme/wide", description: `${at}${"x".repeat(1_000_000)}` },
  });
  const { url } = await world.repository("acme/wide", [
    { manifest: { name: "acme/wide" }, tags: ["1.0.0"] },
    ...Array.from({ length: 36 }, (_, at) => large(at)),
  ]);
  const attempt = await world.mirror(url);
  expect([attempt.code, attempt.sync?.added]).toEqual([0, 38]);
  const versions = Object.keys(await world.versions("acme/wide"));
  expect(versions).toContain("1.0.0");
  expect(versions).toContain("dev-main");
  expect(versions.filter((version) => version.startsWith("dev-b"))).toHaveLength(33);
  for (const at of [0, 1, 2]) expect(versions).not.toContain(`dev-b${at}`);
  expect(eventOf(attempt, "metadata.limit")).toMatchObject({ package: "acme/wide", kept: 34, left_out: 3 });
  expect(attempt.sync).toMatchObject({ leftOut: 3 });
  const why = async (version: string) => {
    const args = ["why", "--org", "acme", "acme/wide", version, "--json"];
    const { steps } = JSON.parse((await world.pricore(...args)).stdout) as {
      steps: { step: string; state: string; detail: string }[];
    };
    return steps.find(({ step }) => step === "published");
  };
  expect(await why("dev-b0")).toMatchObject({
    state: "failed",
    detail: expect.stringContaining("the 3 oldest are left out"),
  });
  expect(await why("dev-b3")).toMatchObject({ state: "ok" });
});

test("C10: more stable versions than a document may hold are refused in words, and what is there stays", async () => {
  const large = (at: number): Step => ({
    manifest: { name: "acme/long", description: `${at}${"x".repeat(1_000_000)}` },
    tags: [`2.${at}.0`],
  });
  const repository = await world.repository("acme/long", [
    { manifest: { name: "acme/long" }, tags: ["1.0.0"] },
  ]);
  await world.mirror(repository.url, ["--name", "long"]);
  await repository.commit(...Array.from({ length: 36 }, (_, at) => large(at)));
  const refused = await world.resync("long");
  expect([refused.code, refused.sync?.error]).toEqual([
    1,
    expect.stringMatching(
      /^The stable versions of acme\/long make 3\d MB of JSON; the limit is 32 MB\. Delete tags/,
    ),
  ]);
  expect(Object.keys(await world.versions("acme/long"))).toContain("1.0.0");
  // The control: with fewer tags the same repository is published.
  for (const at of [0, 1, 2, 3]) await repository.git("tag", "-d", `2.${at}.0`);
  expect((await world.resync("long")).code).toBe(0);
  expect(Object.keys(await world.versions("acme/long"))).toContain("2.35.0");
});

test("C11: a README runs nothing in a reader's browser, and the worst one renders", async () => {
  const attacks = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1)) [b](JaVaScRiPt:x) [c](vbscript:x) [d](data:text/html,x) [e](&#106;avascript:x)",
    "<svg onload=alert(1)><script>x</script></svg><math><mtext></form><form><mglyph><style></math>",
    '<a href="java\nscript:x">f</a> <iframe srcdoc="x"></iframe> <object data=x></object> <base href=//evil.test>',
    '<div style="position:fixed" onclick=x id=login class=button>g</div> <form action=/x><input></form>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"> <meta http-equiv=refresh content=0>',
  ];
  const pages = await rendered("acme/scripts", attacks);
  const allowed = /^(h[1-6]|p|br|hr|pre|code|strong|em|a|img|div|span|ul|li)$/;
  for (const [index, page] of pages.entries()) {
    const elements = await elementsOf(page);
    expect([attacks[index], elements.filter(({ name }) => !allowed.test(name))]).toEqual([
      attacks[index],
      [],
    ]);
    const attributes = elements.flatMap((each) => Object.entries(each.attributes));
    const bad = attributes.filter(
      ([name, value]) => !/^(href|rel|title|src|alt|loading)$/.test(name) || /script:|data:/i.test(value),
    );
    expect([attacks[index], bad]).toEqual([attacks[index], []]);
    expect(page).toContain("README acme/scripts");
  }
  const bombs = ["[", "*_", "> ", "![a](", "<b>"].map((sign) => sign.repeat((1024 * 1024) / sign.length));
  const [honest, ...worst] = await rendered("acme/bombs", ["**bold** <b>x</b>", ...bombs]);
  expect((await elementsOf(honest ?? "")).map(({ name }) => name)).toEqual(["p", "p", "strong", "b"]);
  for (const [index, page] of worst.entries()) {
    expect(page).toContain("README acme/bombs");
    const sign = bombs[index]?.slice(0, 5);
    expect([sign, (await elementsOf(page)).length < 10]).toEqual([sign, true]);
  }
});

test("C12: a relative link in a README does not lead into the registry's own pages", async () => {
  const links = [
    "../../../settings",
    "/settings",
    "//evil.test/x",
    "settings",
    "\\\\evil.test",
    "https:/settings",
  ];
  const text = links.map((link) => `[x](${link}) ![x](${link})`).join("\n\n");
  const [page = ""] = await rendered("acme/relative", [`${text}\n\n[y](https://git.acme.test/blog)`]);
  const elements = await elementsOf(page);
  const targets = elements.flatMap(({ attributes: { href, src } }) => [href, src].filter(Boolean));
  expect(targets).toEqual(["https://git.acme.test/blog"]);
  const link = elements.find(({ attributes }) => attributes["href"]);
  expect(link?.attributes["rel"]).toBe("nofollow noopener ugc");
});

test("C13: a README cannot use the page's own scripts", async () => {
  const attributes = [
    'hx-get="/x"',
    'hx-on:click="x"',
    'data-hx-post="/y"',
    "hx-trigger=load",
    "hx-boost=true",
  ];
  const html = attributes.map(
    (each) => `<div ${each} align="center">z</div>\n\n<a ${each} href="https://a.test">z</a>`,
  );
  const [page = ""] = await rendered("acme/htmx", [html.join("\n\n")]);
  const elements = await elementsOf(page);
  const names = new Set(elements.flatMap((each) => Object.keys(each.attributes)));
  expect([...names].toSorted()).toEqual(["align", "href", "rel"]);
});
