// Reads one commit: parses its composer.json and renders its README, in the worker process, where untrusted text may
// take long.

import { parseManifest } from "../composer/manifest.ts";
import type { GitLimits } from "../git/mirror.ts";
import type { Objects } from "../git/objects.ts";
import { readSnapshot } from "../git/snapshot.ts";
import type { CommitReading, Readme } from "./mirror.ts";
import { renderReadme } from "./readme.ts";

type Parsed = NonNullable<CommitReading["composerJson"]>;

/** Keeps the last few results, because most tags have the same README as the tag before. */
export type CommitReader = (reference: string) => Promise<CommitReading>;

const keptResults = 8;

/** Throws invalid (`git_…`) when this commit can't be used. */
export function createCommitReader(objects: Objects, limits: GitLimits): CommitReader {
  const manifests = new Map<string, Parsed>();
  const readmes = new Map<string, Readme>();
  return async (reference) => {
    const { authoredAt, composerJson, readme } = await readSnapshot(objects, reference, limits);
    const parsed =
      composerJson === null ? null : await kept(manifests, composerJson, () => parseManifest(composerJson));
    const rendered =
      readme === null
        ? null
        : await kept(readmes, `${readme.path}\n${readme.text}`, () => renderReadme(readme));
    const sizeBytes = (composerJson?.length ?? 0) + (rendered?.html.length ?? 0);
    return { authoredAt, composerJson: parsed, readme: rendered, sizeBytes };
  };
}

async function kept<Result>(
  results: Map<string, Result>,
  text: string,
  make: () => Result | Promise<Result>,
): Promise<Result> {
  const known = results.get(text);
  if (known !== undefined) return known;
  const made = await make();
  results.set(text, made);
  for (const oldest of results.keys()) {
    if (results.size <= keptResults) break;
    results.delete(oldest);
  }
  return made;
}
