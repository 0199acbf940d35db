// Reads what one commit contains about itself: its date, its composer.json and its README.

import { invalid } from "../errors.ts";
import type { GitLimits, Snapshot } from "./mirror.ts";
import { displayPath } from "./file-names.ts";
import type { Objects, TreeEntry } from "./objects.ts";

/** Throws invalid (`git_…`) when this commit can't be used. */
export async function readSnapshot(
  objects: Objects,
  reference: string,
  limits: GitLimits,
): Promise<Snapshot> {
  const commit = await objects.commit(reference);
  const entries = await objects.tree(commit.tree);
  const files = entries.filter(
    ({ kind, leftOut }) => leftOut === null && (kind === "file" || kind === "executable"),
  );
  const manifest = files.find((entry) => entry.name === "composer.json");
  if (!manifest) refuseLookAlikes(entries);
  return {
    authoredAt: commit.authoredAt,
    composerJson: manifest ? await readManifest(objects, manifest, limits) : null,
    readme: await readReadme(objects, files, limits),
  };
}

const kinds: Partial<Record<TreeEntry["kind"], string>> = {
  symlink: "a symbolic link, which Composer does not follow",
  tree: "a folder",
  submodule: "a submodule",
};

/** Another spelling of composer.json, which Composer ignores. */
function refuseLookAlikes(entries: TreeEntry[]): void {
  const kind = kinds[entries.find((entry) => entry.name === "composer.json")?.kind ?? "file"];
  if (kind) throw invalid(`composer.json is ${kind}. Commit it as a file.`, { code: "git_manifest_no_file" });
  const other = entries.find((entry) => entry.name.toLowerCase() === "composer.json");
  if (other)
    throw invalid(
      `there is no composer.json at the root of the repository, but "${displayPath(other.name)}". Rename it: Composer knows the name in lower case only.`,
      { code: "git_manifest_name" },
    );
}

async function readManifest(
  objects: Objects,
  { object }: TreeEntry,
  { manifestBytes }: GitLimits,
): Promise<string> {
  const bytes = await objects.blob(object, "composer.json");
  if (bytes.length > manifestBytes) {
    throw invalid(`composer.json is larger than ${Math.floor(manifestBytes / 1024)} KB.`, {
      code: "git_manifest_too_large",
    });
  }
  try {
    // A byte order mark stays: Composer refuses a file that has one.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid("composer.json is not valid UTF-8.", { code: "git_manifest_encoding" });
  }
}

const readmeNames = ["readme.md", "readme.markdown", "readme", "readme.txt", "readme.rst"];

const rank = ({ name }: TreeEntry) => readmeNames.indexOf(name.toLowerCase());

async function readReadme(
  objects: Objects,
  files: TreeEntry[],
  limits: GitLimits,
): Promise<Snapshot["readme"]> {
  const [best] = files.filter((file) => rank(file) >= 0).toSorted((a, b) => rank(a) - rank(b));
  if (!best) return null;
  const bytes = await objects.blob(best.object, displayPath(best.name));
  return {
    path: displayPath(best.name),
    text: new TextDecoder().decode(bytes.subarray(0, limits.readmeBytes)),
  };
}
