// When a version was made, as git says it: what an author can write is believed only of what was there before anybody
// looked.
import type { Ref } from "./mirror.ts";
import type { Objects } from "./objects.ts";

/** A commit's or tag's head is a few lines; what comes after them is its message. */
const headBytes = 64 * 1024;

/** The latest of the times that the commit and its annotated tag bear; null when neither bears one. */
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
