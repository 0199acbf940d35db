// What a list of packages is asked for, and the addresses that ask for it in another way.
import type { ListedPackage } from "./table.tsx";

export type ListQuery = {
  q: string;
  type: string;
  repository: string;
  state: string;
  sort: string;
  page: number;
};

export type PackageListProps = {
  /** The address of the list without a query. */
  base: string;
  repositoriesHref: string;
  /** Null for viewers who may not add one. */
  addHref: string | null;
  query: ListQuery;
  packages: ListedPackage[];
  /** How many match, on all pages; how many there are without a filter. */
  matching: number;
  all: number;
  pageSize: number;
  types: { type: string; count: number }[];
  repositories: string[];
  /** When nothing matches: how many would without the filters. */
  hidden: number;
  /** Packages that were deleted, where there are no others. */
  deleted: number;
  /** Similar names, when nothing matches. */
  similar: string[];
  now: number;
};

export const stateText: Record<string, string> = {
  abandoned: "Abandoned",
  renamed: "Renamed",
  failed: "Sync failed",
  deleted: "Deleted",
};

export function isFiltered({ q, type, repository, state }: ListQuery): boolean {
  return [q, type, repository, state].some((each) => each !== "");
}

export function kept({ type, repository, state, sort }: ListQuery): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ type, repository, state, sort }).filter(([, value]) => value !== ""),
  );
}

export function address({ base, query }: PackageListProps, change: Partial<ListQuery>): string {
  const { page, ...rest } = { ...query, ...change };
  const search = new URLSearchParams(Object.entries(rest).filter(([, value]) => value !== ""));
  if (page > 1) search.set("page", String(page));
  const text = search.toString();
  return text === "" ? base : `${base}?${text}`;
}
