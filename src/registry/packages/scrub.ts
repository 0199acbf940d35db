// Finds damaged archives before a client requests them: all archives are read once a day, a little at a
// time.
import type { App } from "../../app.ts";
import { listDistsAfter } from "../../store/packages/dists.ts";
import { findSetting, setSetting } from "../../store/settings.ts";
import { reportDamaged } from "./repair.ts";

/** A step is small enough to go unnoticed; with one a minute that is 90 GB a day. */
const stepBytes = 64 * 1024 * 1024;
const stepArchives = 200;
const roundMs = 86_400_000;

/** The progress of the round (`after` is the last archive that was read, "" between two rounds) and its start. */
type Round = { after: string; began: number };

/** Reads some archives and requests a repair of each that is lost or damaged. */
export async function scrubArchives(app: App): Promise<void> {
  const now = app.now();
  const round = roundIn(await findSetting(app.db, "scrub"));
  if (round.after === "" && Math.abs(now - round.began) < roundMs) return;
  const began = round.after === "" ? now : round.began;
  const dists = await listDistsAfter(app.db, round.after, stepArchives);
  let after = round.after;
  let bytes = 0;
  for (const dist of dists) {
    if (!(await app.storage.isSound(dist.sha256))) await reportDamaged(app, dist);
    after = dist.id;
    bytes += dist.size_bytes;
    if (bytes >= stepBytes) break;
  }
  const isOver = dists.length < stepArchives && after === (dists.at(-1)?.id ?? after);
  await setSetting(app.db, "scrub", JSON.stringify({ after: isOver ? "" : after, began } satisfies Round));
}

function roundIn(text: string | null): Round {
  return text === null ? { after: "", began: 0 } : (JSON.parse(text) as Round);
}
