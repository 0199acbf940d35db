// A README as a page shows it: its headings below the page's own, with anchors; images of the repository from here; and
// images of other hosts as links, so that nobody's browser asks a third host without a click.

/** `html` is as it was sanitized when it was stored; `files` the address below which the files of its version are. */
export function shownReadme(html: string, { files }: { files: string }): string {
  const out: string[] = [];
  const slugs = createSlugs();
  let heading: { at: number; level: number; from: number } | null = null;
  let links = 0;
  let end = 0;
  for (const found of html.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
    const [tag, slash = "", name = "", attributes = ""] = found;
    out.push(html.slice(end, found.index));
    end = found.index + tag.length;
    const isEnd = slash !== "";
    if (/^h[1-6]$/.test(name)) {
      const level = Math.min(6, Number(name[1]) + 2);
      if (!isEnd) heading = { at: out.length, level, from: end };
      else if (heading) {
        const id = slugs(html.slice(heading.from, found.index));
        out[heading.at] = headingOf(heading.level, id);
        heading = null;
      }
      out.push(isEnd ? `</h${level}>` : `<h${level}>`);
    } else if (name === "img") out.push(imageOf(attributes, { files, isLinked: links > 0 }));
    else if (name === "a") {
      links = Math.max(0, links + (isEnd ? -1 : 1));
      out.push(isEnd ? tag : tag.replace(' href="#', ` href="#${prefix}`));
    } else if (name === "table") out.push(isEnd ? "</table></div>" : `${scrolls}<table>`);
    else out.push(tag);
  }
  return out.join("") + html.slice(end);
}

/** Prefixes the ids of a README, so that none collides with one of the page. */
const prefix = "readme-";

/** Makes wide blocks scrollable by keyboard. */
const scrolls = '<div class="scrolls" role="group" aria-label="Table" tabindex="0">';

function headingOf(level: number, id: string | null): string {
  if (id === null) return `<h${level}>`;
  const anchor = `<a class="anchor" href="#${id}" aria-hidden="true" tabindex="-1"></a>`;
  return `<h${level} id="${id}">${anchor}`;
}

const maxSlugLength = 100;

/** Names anchors as Git hosts do, each once, so that links within a README work. */
function createSlugs(): (html: string) => string | null {
  const times = new Map<string, number>();
  return (html) => {
    const slug = slugOf(html.replace(/<[^>]*>/g, ""));
    if (slug === "") return null;
    const before = times.get(slug) ?? 0;
    times.set(slug, before + 1);
    return prefix + (before === 0 ? slug : `${slug}-${before}`);
  };
}

function slugOf(escaped: string): string {
  const text = escaped.replace(/&(?:amp|lt|gt|quot|#39);/g, "").toLowerCase();
  return text
    .slice(0, maxSlugLength)
    .trim()
    .replace(/[^\p{L}\p{M}\p{N}_ -]/gu, "")
    .replace(/ /g, "-");
}

/** Attributes are as the sanitizer wrote them: in double quotes, escaped. */
function imageOf(attributes: string, { files, isLinked }: { files: string; isLinked: boolean }): string {
  const attribute = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  const [src, alt] = [attribute("src"), attribute("alt")];
  if (src === "") return alt;
  if (!/^https?:/i.test(src)) {
    const path = src.replaceAll("&amp;", "&").split("/").map(encodeURIComponent).join("/");
    const sizes = ["width", "height"].map((name) =>
      /^\d{1,4}$/.test(attribute(name)) ? ` ${name}="${attribute(name)}"` : "",
    );
    return `<img src="${files}/${path}" alt="${alt}"${sizes.join("")} loading="lazy" />`;
  }
  const label = alt || "Image";
  if (isLinked) return label;
  return `<a class="outside-image" href="${src}" rel="nofollow noopener noreferrer ugc">${label}</a>`;
}
