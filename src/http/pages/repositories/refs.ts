// The refs of a repository as its pages list them.
import { paths } from "../../../../templates/paths.ts";
import type { RefLine } from "../../../../templates/repositories/ref-line.ts";
import type { Package } from "../../../store/packages/packages.ts";
import { harmlessCodes, type ListedRef, type RemovedRef } from "../../../store/syncs/ref-lists.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";
import type { ForgeHrefs } from "./forge-links.ts";

/** A deleted version is shown as skipped, whatever the last sync made of it. */
export function refLineOf(ref: ListedRef, hrefs: ForgeHrefs, restoreHref: string): RefLine {
  const { kind, name, reason, code, version, reference } = ref;
  const isDeleted = code === "deleted";
  const outcome = isDeleted ? "skipped" : ref.outcome;
  const href = hrefs.ref(kind, name);
  const line = { kind, name, outcome, reason, needsALook: needsAttention({ outcome, code }) };
  return { ...line, version, reference, href, ...(isDeleted ? { restoreHref } : {}) };
}

/** Where a deleted package or version of the repository can be restored; a list where there are several. */
export function restoreHrefOf({ name }: Repository, packages: Package[], slug: string): string {
  const [only, ...others] = packages;
  if (only === undefined || others.length > 0)
    return `${paths.packages(slug)}?${new URLSearchParams({ state: "deleted", repository: name })}`;
  return `${paths.package(slug, only.name)}${only.deleted_at === null ? "/versions?stability=deleted" : ""}`;
}

export function removedLineOf({ kind, name, at }: RemovedRef): RefLine {
  const nothing = { reason: null, needsALook: false, version: null, reference: null, href: null };
  return { kind, name, outcome: "removed", ...nothing, at };
}

export function needsAttention({ outcome, code }: Pick<ListedRef, "outcome" | "code">): boolean {
  return outcome === "skipped" && (code === null || !harmlessCodes.includes(code));
}
