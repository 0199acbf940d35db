// The date of a version according to git. Authors can write any date, so it only counts for versions that the first
// read of a repository finds.
import type { Ref } from "./mirror.ts";
import type { Objects } from "./objects.ts";

/** The header of a commit or tag is a few lines; the message follows it. */
const headBytes = 64 * 1024;

/** The latest date in the commit and its annotated tag; null when neither has one. */
export async function datedAt(objects: Objects, { reference, tagObject }: Ref): Promise<number | null> {
  const ids = tagObject === undefined ? [reference] : [reference, tagObject];
  const times = await Promise.all(ids.map((id) => objects.read(id).then(timesIn, () => [])));
  const all = times.flat();
  return all.length === 0 ? null : Math.max(...all);
}

function timesIn({ bytes }: { bytes: Buffer }): number[] {
  const [head = ""] = bytes.toString("latin1", 0, headBytes).split("\n\n", 1);
  const lines = head.matchAll(/^(?:author|committer|tagger) .*> (-?\d{1,12}) [+-]\d+$/gm);
  return [...lines].map(([, seconds]) => Number(seconds) * 1000);
}
