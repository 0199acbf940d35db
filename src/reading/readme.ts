// README → HTML that can stand in our pages: rendered once, when the version is stored.
import { createHash } from "node:crypto";

export type Readme = { hash: string; html: string };

const maxBytes = 512 * 1024;

/** Markdown is rendered, anything else shown as text; scripts, forms, styles and htmx attributes never pass. */
export async function renderReadme({ path, text }: { path: string; text: string }): Promise<Readme> {
  const isMarkdown = /\.(md|markdown|mdown)$/i.test(path) || !path.includes(".");
  const readable = text.length <= maxBytes ? text : text.slice(0, maxBytes);
  const html =
    isMarkdown && !isDeeplyNested(readable) ? await sanitize(Bun.markdown.html(readable)) : plain(readable);
  return { hash: createHash("sha256").update(html).digest("hex"), html };
}

async function sanitize(html: string): Promise<string> {
  // Loaded by the first sync: a server that only serves starts without it.
  const { default: sanitizeHtml } = await import("sanitize-html");
  return sanitizeHtml(html, {
    allowedTags: [
      ...["h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "kbd", "samp"],
      ...["ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "del", "ins"],
      ...["strong", "em", "b", "i", "s", "sub", "sup", "details", "summary", "a", "img", "div", "span"],
    ],
    allowedAttributes: {
      a: ["href", "title", "rel"],
      pre: ["tabindex"],
      img: ["src", "alt", "title", "width", "height", "loading"],
      "*": ["align"],
    },
    allowedSchemes: ["https", "http", "mailto"],
    allowedSchemesByTag: { img: ["https"] },
    allowProtocolRelative: false,
    transformTags: {
      // What scrolls within itself can be scrolled by keyboard.
      pre: () => ({ tagName: "pre", attribs: { tabindex: "0" } }),
      a: (tagName, attribs) => ({
        tagName,
        attribs: { ...onlyAbsolute(attribs, "href"), rel: "nofollow noopener ugc" },
      }),
      img: (tagName, attribs) => ({ tagName, attribs: { ...onlyAbsolute(attribs, "src"), loading: "lazy" } }),
    },
  });
}

/** A relative link would lead into our own pages; an anchor stays. */
function onlyAbsolute(attribs: Record<string, string>, name: "href" | "src"): Record<string, string> {
  const target = attribs[name] ?? "";
  if (/^(https?:\/\/|mailto:|#)/i.test(target)) return attribs;
  return Object.fromEntries(Object.entries(attribs).filter(([each]) => each !== name));
}

/** A megabyte of brackets costs a renderer minutes, one of `<b>` a browser its stack; nobody writes that by hand. */
function isDeeplyNested(text: string): boolean {
  return /(?:[[(*_>`] ?|<[a-z][^<>]{0,40}>){200}/i.test(text);
}

function plain(text: string): string {
  return `<pre tabindex="0">${Bun.escapeHTML(text)}</pre>`;
}
