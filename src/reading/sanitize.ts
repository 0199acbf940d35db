// Defines which of a README's HTML is allowed in our pages.
import sanitizeHtml from "sanitize-html";

export function sanitize(html: string): string {
  return sanitizeHtml(html, {
    allowedTags: [
      ...["h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "kbd", "samp"],
      ...["ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "del", "ins"],
      ...["strong", "em", "b", "i", "s", "sub", "sup", "details", "summary", "a", "img", "div", "span"],
      "input",
    ],
    allowedAttributes: {
      a: ["href", "title", "rel"],
      pre: ["tabindex"],
      input: ["type", "checked", "disabled", "aria-label"],
      img: ["src", "alt", "title", "width", "height", "loading"],
      "*": ["align"],
    },
    allowedSchemes: ["https", "http", "mailto"],
    allowedSchemesByTag: { img: ["https"] },
    allowProtocolRelative: false,
    transformTags: {
      // A scrollable block must be reachable by keyboard.
      pre: () => ({ tagName: "pre", attribs: { tabindex: "0" } }),
      a: (tagName, attribs) => ({
        tagName,
        attribs: { ...onlyAbsolute(attribs, "href"), rel: "nofollow noopener ugc" },
      }),
      img: (tagName, attribs) => ({ tagName, attribs: { ...imageOf(attribs), loading: "lazy" } }),
      // Only checkboxes of task lists; other inputs are removed below.
      input: (tagName, { type, checked }) => ({
        tagName,
        attribs: type === "checkbox" ? boxOf(checked) : {},
      }),
    },
    exclusiveFilter: ({ tag, attribs }) => tag === "input" && attribs["type"] !== "checkbox",
  });
}

/** Removes relative links, which would lead into our own pages; anchors stay. */
function onlyAbsolute(attribs: Record<string, string>, name: "href" | "src"): Record<string, string> {
  const target = attribs[name] ?? "";
  if (/^(https?:\/\/|mailto:|#)/i.test(target)) return attribs;
  return Object.fromEntries(Object.entries(attribs).filter(([each]) => each !== name));
}

function boxOf(checked: string | undefined): Record<string, string> {
  const isDone = checked !== undefined;
  const state: Record<string, string> = isDone ? { checked: "" } : {};
  return { type: "checkbox", disabled: "", ...state, "aria-label": isDone ? "Done" : "To do" };
}

const isImage = /\.(?:png|jpe?g|gif|webp|avif|svg)$/i;
const longestPath = 300;

/** Images of the repository keep their path from the root: the page serves them from the version's archive. */
function imageOf(attribs: Record<string, string>): Record<string, string> {
  const [path = ""] = decoded((attribs["src"] ?? "").slice(0, longestPath)).split(/[?#]/);
  const parts = path.replace(/^(?:\.?\/)?/, "").split("/");
  const isInside = parts.every((part) => !/^(?:|\.|\.\.)$|[\\:*"<>|]/.test(part));
  return isInside && isImage.test(path) ? { ...attribs, src: parts.join("/") } : onlyAbsolute(attribs, "src");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
