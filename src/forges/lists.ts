// Paginated lists.
import { ask, askFor, type ForgeApi } from "./ask.ts";
import type { ForgeCredential, ForgeList, ForgeRepository } from "./forge.ts";
import { inTrouble, type Purpose } from "./failures.ts";
import { objectIn, type Json } from "./json.ts";

/** An upper bound for a forge that sends pages without end. */
const mostPages = 10;
/** A user waits for the result; the rest is on the next page. */
const searchMs = 6000;

/** Valid repository paths; other paths from a forge are dropped. */
export function isPath(path: string): boolean {
  if (path.split("/").some((part) => part === "." || part === "..")) return false;
  return path.length <= 500 && /^[^\s/\\<>"'?#%]+(?:\/[^\s/\\<>"'?#%]+)+$/.test(path);
}

/** The repository at a path of the API; null when this token cannot see one there. */
export async function repositoryAt(
  forge: ForgeApi,
  access: ForgeCredential,
  { path, read }: { path: string; read(json: Json): ForgeRepository },
): Promise<ForgeRepository | null> {
  const answer = await ask(forge, access, { path, purpose: "repositories" });
  if (answer === null) return null;
  const repository = read(objectIn(answer.json));
  if (isPath(repository.path)) return repository;
  throw inTrouble(new URL(forge.origin).host, "responded with something that is not a repository");
}

/** The next page by the Link header; null after the last, or when it points outside `origin`. */
export function nextInLink(headers: Headers, origin: string | null): string | null {
  const links = (headers.get("link") ?? "").split(/,\s*(?=<)/);
  const next = links.find((each) => /;\s*rel="?next"?/.test(each));
  const url = URL.parse(/^\s*<([^>]+)>/.exec(next ?? "")?.[1] ?? "");
  return url && (origin === null || url.origin === origin) ? url.href : null;
}

/** The number of the next page by the Link header; null after the last. */
export function nextPageIn(headers: Headers): string | null {
  const url = URL.parse(nextInLink(headers, null) ?? "");
  return /^\d{1,6}$/.exec(url?.searchParams.get("page") ?? "")?.[0] ?? null;
}

/**
 * A page of one of several lists that an owner's repositories may be in. The cursor is the name of the list and a page
 * number; any other cursor is refused.
 */
export async function pageOf<List extends string>(
  page: string | null,
  source: {
    lists: readonly List[];
    /** Null when there is no such list. */
    read(list: List, number: string): Promise<ForgeList<ForgeRepository> | null>;
    /** The lists that may hold the first page, in order. */
    first(): AsyncIterable<List> | Iterable<List>;
  },
): Promise<ForgeList<ForgeRepository>> {
  const [name, number = ""] = (page ?? "").split(":");
  const known = source.lists.find((each) => each === name);
  const named = (list: List, found: ForgeList<ForgeRepository>) => ({
    items: found.items.filter(({ path }) => isPath(path)),
    next: found.next === null ? null : `${list}:${found.next}`,
  });
  if (known && /^\d{1,6}$/.test(number)) {
    const found = await source.read(known, number);
    return found ? named(known, found) : { items: [], next: null };
  }
  for await (const list of source.first()) {
    const found = await source.read(list, "1");
    if (found) return named(list, found);
  }
  return { items: [], next: null };
}

/** All items of a short list. */
export async function everything<Item>(
  forge: ForgeApi,
  access: ForgeCredential,
  source: {
    path: string;
    purpose: Purpose;
    what: string;
    read(json: unknown): Item[];
    next(answer: { headers: Headers; json: unknown }): string | null;
  },
): Promise<Item[]> {
  const items: Item[] = [];
  let path: string | null = source.path;
  for (let page = 0; path !== null && page < mostPages; page++) {
    const { purpose, what } = source;
    const answer = await askFor(forge, access, { path, purpose, what });
    items.push(...source.read(answer.json));
    path = source.next(answer);
  }
  return items;
}

/**
 * Search for a forge that has none: reads up to ten pages, or as many as fit in a few seconds. `page` answers one page
 * and the cursor of the next.
 */
export async function searchThrough(
  { search, from }: { search: string; from: string | null },
  page: (at: string | null) => Promise<ForgeList<ForgeRepository>>,
): Promise<ForgeList<ForgeRepository>> {
  const terms = search.toLowerCase().split(/\s+/).filter(Boolean);
  const items: ForgeRepository[] = [];
  let next = from;
  const start = performance.now();
  for (let read = 0; read < mostPages; read++) {
    const found = await page(next);
    const matches = found.items.filter(({ path }) =>
      terms.every((word) => path.toLowerCase().includes(word)),
    );
    items.push(...matches);
    next = found.next;
    if (next === null || terms.length === 0 || performance.now() - start > searchMs) break;
  }
  return { items, next };
}
