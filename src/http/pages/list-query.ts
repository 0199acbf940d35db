// What the address of a list asks for: a page, an order, words to look for.

export type Query = Record<string, string | undefined>;

const lastPage = 999_999;
const termsAtOnce = 10;

/** The number of the page, from 1: the first where the address names none, the last where it names one beyond it. */
export function pageIn(query: Query, pages = lastPage): number {
  const named = query["page"] ?? "";
  return /^[1-9]\d{0,5}$/.test(named) ? Math.min(Number(named), Math.max(1, pages)) : 1;
}

/** By one of `sorts`, the first of them where the address names none; with `-` before it from the end. */
export function sortIn<const Sort extends string>(
  query: Query,
  sorts: readonly [Sort, ...Sort[]],
): { by: Sort; descending: boolean } {
  const named = query["sort"] ?? "";
  const by = sorts.find((sort) => sort === named.replace(/^-/, ""));
  return by === undefined ? { by: sorts[0], descending: false } : { by, descending: named.startsWith("-") };
}

/** Every one of these is to be found in what the list shows. */
export function termsOf(text: string): string[] {
  return text.split(/\s+/).filter(Boolean).slice(0, termsAtOnce);
}
