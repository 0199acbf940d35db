// Links to the forge's own pages of a repository, a commit, a tag or a branch, and the forge's icon.
import type { IconName } from "../../../../templates/parts/icons.ts";
import type { App } from "../../../app.ts";
import { forgeNames } from "../../../forges/forge.ts";
import type { RefKind } from "../../../store/schema.ts";

export function forgeIcon(provider: string | null): IconName {
  return provider === "github" ? "github" : provider === "gitlab" ? "gitlab" : "git-branch";
}

export type ForgeHrefs = {
  repository: string | null;
  commit(reference: string): string | null;
  ref(kind: RefKind, name: string): string | null;
  /** What changed from one commit to another. */
  compare(from: string, to: string): string | null;
};

/** Pages of the forge at that address, also of one for SSH; null everywhere for a host that nothing is known of. */
export function forgeHrefs(
  app: App,
  { url, provider }: { url: string | null; provider: string | null },
): ForgeHrefs {
  const name = forgeNames.find((each) => each === provider);
  const found = url === null ? null : app.forges.recognize(url, name && { name, origin: null });
  if (found === null) return { repository: null, commit: () => null, ref: () => null, compare: () => null };
  const { path } = found;
  const { links } = app.forges.at(found.name, found.origin);
  return {
    repository: links.repository(path),
    commit: (reference) => links.commit(path, reference),
    ref: (kind, ref) => (kind === "tag" ? links.tag(path, ref) : links.branch(path, ref)),
    compare: (from, to) => links.compare(path, from, to),
  };
}
