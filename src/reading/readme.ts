// Renders a README to HTML that is safe in our pages, once, when the version is read.
import { createHash } from "node:crypto";
import type { Readme } from "./mirror.ts";

/**
 * Above any of these limits a README is shown as plain text. `milliseconds` are processor time, so a busy machine does
 * not change the result.
 */
export const readmeLimits = {
  characters: 512 * 1024,
  htmlCharacters: 1024 * 1024,
  tags: 20_000,
  depth: 100,
  milliseconds: 200,
} as const;

/** Renders Markdown and shows anything else as plain text; removes scripts, forms, styles and htmx attributes. */
export async function renderReadme({ path, text }: { path: string; text: string }): Promise<Readme> {
  const isMarkdown = /\.(md|markdown|mdown)$/i.test(path) || !path.includes(".");
  const readable = text.slice(0, readmeLimits.characters);
  const html = (isMarkdown && (await rendered(readable))) || plain(readable);
  return { hash: createHash("sha256").update(html).digest("hex"), html };
}

/** Null when a limit is exceeded. */
async function rendered(text: string): Promise<string | null> {
  // Loading the module does not count as rendering time.
  const { sanitize } = await import("./sanitize.ts");
  const since = process.cpuUsage();
  if (isDeeplyNested(text)) return null;
  const raw = Bun.markdown.html(text);
  if (raw.length > readmeLimits.htmlCharacters || isTooMuch(raw)) return null;
  const html = sanitize(raw);
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000 > readmeLimits.milliseconds || html.length > readmeLimits.htmlCharacters
    ? null
    : html;
}

/**
 * Nested brackets. A megabyte of them costs a renderer minutes, one of `<b>` a browser its stack; nobody writes that by
 * hand.
 */
function isDeeplyNested(text: string): boolean {
  return /(?:[[(*_>`] ?|(?:[-+]|\d{1,9}[.)]) |<[a-z][^<>]{0,40}>){200}/i.test(text);
}

/** Elements whose end tag is optional or forbidden; they nest only in elements that are counted. */
const shallow = new Set(
  "area base br col dd dt embed hr img input li link meta p source td th tr wbr".split(" "),
);

/** More tags than the limit, or deeper nesting, whether they are closed or not. */
function isTooMuch(html: string): boolean {
  let tags = 0;
  let depth = 0;
  for (const [, slash, name = ""] of html.matchAll(/<(\/?)([a-z][a-z0-9]{0,15})/gi)) {
    if (++tags > readmeLimits.tags) return true;
    if (shallow.has(name.toLowerCase())) continue;
    depth = slash ? Math.max(0, depth - 1) : depth + 1;
    if (depth > readmeLimits.depth) return true;
  }
  return false;
}

/** Escapes plain text, truncated where its HTML would exceed the limit. */
function plain(text: string): string {
  const [open, close] = ['<pre tabindex="0">', "</pre>"];
  const escaped = Bun.escapeHTML(text);
  const isLarge = escaped.length > readmeLimits.htmlCharacters - open.length - close.length;
  // The longest escape has six characters.
  const longest = Math.floor(readmeLimits.htmlCharacters / 6) - open.length - close.length;
  return `${open}${isLarge ? Bun.escapeHTML(text.slice(0, longest).toWellFormed()) : escaped}${close}`;
}
