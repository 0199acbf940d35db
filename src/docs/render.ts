// README.md and docs/*.md → the pages at /docs. Runs when the executable is built, or on the first visit where the
// program runs from source.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

type DocsPage = {
  /** `git-hosts` for docs/git-hosts.md. */
  name: string;
  /** In the menu. */
  label: string;
  /** What it is for, in the list of all pages. */
  about: string;
  title: string;
  html: string;
  /** The headings of its sections. */
  contents: { id: string; title: string }[];
};
type DocsImage = { name: string; type: string; base64: string };
export type Docs = { pages: DocsPage[]; images: DocsImage[] };

/** Fails when a page is missing in the README's list, or the other way round. */
export function renderDocs(root: string): Docs {
  const listed = listedIn(readFileSync(join(root, "README.md"), "utf8"));
  const names = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
  const odd = names.filter((file) => !listed.some(({ name }) => `${name}.md` === file));
  if (odd.length > 0) throw new Error(`README.md does not list ${odd.join(", ")} of docs/.`);
  const pages = listed.map((entry) => ({
    ...entry,
    ...renderPage(readFileSync(join(root, "docs", `${entry.name}.md`), "utf8")),
  }));
  return { pages, images: imagesIn(join(root, "docs/images")) };
}

/** The rows of its table of pages: the order of the menu, too. */
function listedIn(readme: string): { name: string; label: string; about: string }[] {
  const rows = readme.matchAll(/^\| \[([^\]]+)\]\(docs\/([a-z-]+)\.md\) *\| (.*?) *\|$/gm);
  return [...rows].map(([, label = "", name = "", about = ""]) => ({ name, label, about }));
}

export function renderPage(markdown: string): Pick<DocsPage, "title" | "html" | "contents"> {
  const raw = Bun.markdown.html(markdown, { headings: { ids: true } });
  const contents = [...raw.matchAll(/<h2 id="([^"]+)">(.*?)<\/h2>/g)].map(([, id = "", title = ""]) => ({
    id,
    title: textOf(title),
  }));
  const [, title = ""] = /<h1[^>]*>(.*?)<\/h1>/.exec(raw) ?? [];
  return { title: textOf(title), html: forOurPages(raw), contents };
}

/** The title stands in the head of the page; links lead to pages here, or nowhere; what scrolls is reached by Tab. */
function forOurPages(html: string): string {
  return new HTMLRewriter()
    .on("h1", { element: (heading) => void heading.remove() })
    .on("pre", { element: (block) => void block.setAttribute("tabindex", "0") })
    .on("table", {
      element(table) {
        table.before('<div class="scrolls" role="group" aria-label="Table" tabindex="0">', { html: true });
        table.after("</div>", { html: true });
      },
    })
    .on("img", {
      element: (image) =>
        void image
          .setAttribute("src", `/docs/${image.getAttribute("src") ?? ""}`)
          .setAttribute("loading", "lazy"),
    })
    .on("a", {
      element(link) {
        const target = addressFor(link.getAttribute("href") ?? "");
        if (target === null) link.removeAndKeepContent();
        else link.setAttribute("href", target);
      },
    })
    .transform(html);
}

/** null for a file of the project that is no page. */
function addressFor(target: string): string | null {
  if (/^(https?:|#)/.test(target)) return target;
  const [, name, anchor = ""] = /^([a-z-]+)\.md(#.*)?$/.exec(target) ?? [];
  return name === undefined ? null : `/docs/${name}${anchor}`;
}

function textOf(html: string): string {
  const plain = html.replace(/<[^>]*>/g, "");
  const signs: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return plain.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => signs[name] ?? "");
}

const imageTypes: Record<string, string> = { ".webp": "image/webp", ".png": "image/png" };

function imagesIn(folder: string): DocsImage[] {
  return readdirSync(folder).map((name) => ({
    name,
    type: imageTypes[extname(name)] ?? "application/octet-stream",
    base64: readFileSync(join(folder, name)).toString("base64"),
  }));
}
