// What of a README's HTML may stand in our pages.
import sanitizeHtml from "sanitize-html";

export function sanitize(html: string): string {
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
