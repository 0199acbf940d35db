// The name that a repository's versions are published under.
import type { Manifest } from "./manifest.ts";
import { packageNameProblem } from "./name.ts";
import type { ManifestNote } from "./note.ts";
import { excerpt, lowerCase } from "./text.ts";

/** The name under which a package is published: clients request names in lower case only. */
export function publishedName(written: string): { name: string } | { problem: string } {
  const name = lowerCase(written);
  const problem = packageNameProblem(name);
  return problem ? { problem } : { name };
}

/** The default branch's name applies to all versions, so renaming it there renames the package. */
export function packageNameOf(
  manifest: Manifest,
  defaultBranchName: string | null,
): { name: string; notes: ManifestNote[] } | { reason: string } {
  const written = defaultBranchName ?? manifest.name;
  if (written === null) return { reason: "composer.json has no name; add one such as acme/blog" };
  const published = publishedName(written);
  if ("problem" in published) return { reason: `composer.json: the name ${published.problem}` };
  const { name } = published;
  const isCased = manifest.name !== null && manifest.name !== name && lowerCase(manifest.name) === name;
  return { name, notes: isCased ? [{ code: "name_case", written: excerpt(manifest.name!), name }] : [] };
}
