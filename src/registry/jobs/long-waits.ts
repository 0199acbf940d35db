// Watches for jobs that wait too long: operators get one mail when the wait starts, and one when it is
// over. The watch is the most urgent job itself, so it runs as soon as any slot is free.
import type { App } from "../../app.ts";
import { durationText } from "../../duration.ts";
import { addActivity, type InstanceAction } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { findSetting, setSetting } from "../../store/settings.ts";
import { listOperators } from "../../store/accounts/users.ts";
import { hostOf, queueMail, sendSoon } from "../mail.ts";
import { behindMs, longestWait, stuckMs, type LongestWait } from "./waiting.ts";

const setting = "queue_wait";

/** `since` is when the incident began; null while there is none. */
type Watched = { since: number | null };

export async function checkQueue(app: App): Promise<void> {
  const now = app.now();
  const [counts, pauses] = await Promise.all([app.jobs.countsByName(), app.jobs.paused()]);
  const longest = longestWait(counts, pauses, now);
  const begins = (longest?.ms ?? 0) > stuckMs;
  const isOver = !pauses.all && (longest?.ms ?? 0) <= behindMs;
  const isMailed = await app.db.transaction(async (db) => {
    const { since } = watchedIn(await findSetting(db, setting));
    if (since === null && begins && longest !== null) await begin(app, db, longest);
    else if (since !== null && isOver) await end(app, db, since);
    else return false;
    return true;
  });
  if (isMailed) await sendSoon(app);
}

async function begin(app: App, db: Db, { name, ms }: LongestWait): Promise<void> {
  const now = app.now();
  await saveIncident(db, { since: now - ms });
  await note(app, db, { action: "queue.waits_long", details: { job: name, seconds: Math.round(ms / 1000) } });
  await mail(app, db, {
    subject: `Jobs wait at ${hostOf(app)}`,
    text: [
      `At ${hostOf(app)}, ${name} has waited for more than ${durationText(stuckMs)}.`,
      "Composer is not affected. Syncs, email and other jobs are delayed until the queue catches up. More workers, or a worker on another machine, run more jobs at once.",
      addressOf(app),
      "You get one email about this, and another when the queue has caught up.",
    ].join("\n\n"),
  });
}

async function end(app: App, db: Db, since: number): Promise<void> {
  const now = app.now();
  await saveIncident(db, { since: null });
  await note(app, db, {
    action: "queue.recovered",
    details: { seconds: Math.round(Math.max(0, now - since) / 1000) },
  });
  await mail(app, db, {
    subject: `The jobs at ${hostOf(app)} run again`,
    text: [
      `At ${hostOf(app)}, no job has been waiting longer than ${durationText(behindMs)}.`,
      addressOf(app),
    ].join("\n\n"),
  });
}

function saveIncident(db: Db, watched: Watched): Promise<void> {
  return setSetting(db, setting, JSON.stringify(watched));
}

function watchedIn(text: string | null): Watched {
  return text === null ? { since: null } : (JSON.parse(text) as Watched);
}

type Note = { action: InstanceAction; details: Record<string, string | number> };

async function note({ log, now }: App, db: Db, { action, details }: Note): Promise<void> {
  await addActivity(db, {
    organizationId: null,
    actor: "system",
    action,
    subject: "jobs",
    details,
    now: now(),
  });
  log.warn(action, details);
}

async function mail(app: App, db: Db, letter: { subject: string; text: string }): Promise<void> {
  for (const { email } of await listOperators(db, app.config.horizon.emails))
    await queueMail(app, db, { to: email, ...letter });
}

function addressOf({ config }: App): string {
  return `${config.appUrl}/${config.horizon.path}`;
}
