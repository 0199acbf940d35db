// Activity entries for pages: with the names of the actors, and similar entries within a short time as one.
import type { App } from "../../app.ts";
import { userIdOf, type ActivityEntry } from "../../store/organizations/activity.ts";
import { listTokenNames } from "../../store/tokens.ts";
import { listUserNames } from "../../store/accounts/users.ts";

/** Each has its sentence on the activity page. */
export type { OrganizationAction } from "../../store/organizations/activity.ts";

export type Details = Record<string, string | number | boolean | null>;

export type ShownActivity = {
  id: string;
  by: Actor;
  action: string;
  subject: string;
  details: Details;
  at: number;
  times: number;
  /** The entries that it stands for, newest first, including itself. */
  parts: Part[];
};

type Part = { subject: string; at: number };

export type Actor = { kind: "person" | "token" | "cli" | "system"; name: string | null };

const alikeMs = 10 * 60_000;

/** Keeps the order of the entries. */
export async function describeActivity(app: App, entries: ActivityEntry[]): Promise<ShownActivity[]> {
  const actors = await actorNames(
    app,
    entries.map(({ actor }) => actor),
  );
  return entries.map((entry) => ({
    id: entry.id,
    by: actors(entry.actor),
    action: entry.action,
    subject: entry.subject,
    details: JSON.parse(entry.details) as Details,
    at: entry.created_at,
    times: 1,
    parts: [{ subject: entry.subject, at: entry.created_at }],
  }));
}

/** Looks up users and tokens, each kind with one query, and returns who an actor is. */
export async function actorNames({ db }: App, actors: string[]): Promise<(actor: string) => Actor> {
  const tokenId = (actor: string) => (actor.startsWith("token:") ? actor.slice("token:".length) : null);
  const ids = (idOf: (actor: string) => string | null) => [
    ...new Set(actors.map(idOf).filter((id) => id !== null)),
  ];
  const people = await listUserNames(db, ids(userIdOf));
  const tokens = await listTokenNames(db, ids(tokenId));
  return (actor) => {
    const user = userIdOf(actor);
    if (user !== null) return { kind: "person", name: people.get(user) ?? null };
    const token = tokenId(actor);
    if (token !== null) return { kind: "token", name: tokens.get(token) ?? null };
    return { kind: actor === "cli" ? "cli" : "system", name: null };
  };
}

/** Joins entries of the same actor and action within ten minutes of the newest into one with a count. */
export function joinAlike(entries: ShownActivity[]): ShownActivity[] {
  const joined: ShownActivity[] = [];
  for (const each of withoutConsequences(entries)) {
    const newer = joined.find((one) => isAlike(one, each));
    if (newer) {
      newer.times += each.times;
      newer.details = summed(newer.details, each.details);
      newer.parts = [...newer.parts, ...each.parts];
    } else joined.push({ ...each });
  }
  return joined;
}

const sameMomentMs = 5000;
/** Actions that follow whenever a repository is added. */
const consequences = new Set(["repository.sync_asked", "webhook.set_up"]);

/** Leaves out the first sync and the webhook setup beside the entry that the repository was added. */
function withoutConsequences(entries: ShownActivity[]): ShownActivity[] {
  const keyOf = ({ by, subject }: ShownActivity) => `${by.kind} ${by.name} ${subject}`;
  const added = new Map(
    entries.flatMap((each) => (each.action === "repository.added" ? [[keyOf(each), each.at] as const] : [])),
  );
  return entries.filter((each) => {
    const at = consequences.has(each.action) ? added.get(keyOf(each)) : undefined;
    return at === undefined || Math.abs(each.at - at) > sameMomentMs;
  });
}

/** Actions that are joined although they are about different things: three tokens revoked. */
const ofManyThings = new Set(
  [
    ["token", "created revoked"],
    ["vendor", "added removed"],
    ["repository", "added removed credential_changed sync_asked sync_cancelled removals_confirmed synced"],
    ["webhook", "set_up rotated repaired removed"],
    ["credential", "created replaced removed"],
    ["ssh_key", "created removed"],
    ["package", "deleted brought_back"],
    ["member", "removed"],
    ["invitation", "sent resent revoked"],
  ].flatMap(([noun, verbs = ""]) => verbs.split(" ").map((verb) => `${noun}.${verb}`)),
);

function isAlike(newer: ShownActivity, older: ShownActivity): boolean {
  if (newer.action !== older.action || newer.at - older.at > alikeMs) return false;
  if (newer.by.kind !== older.by.kind || newer.by.name !== older.by.name) return false;
  if (newer.action === "tag.moved") return newer.details["repository"] === older.details["repository"];
  if (newer.action.startsWith("organization.")) return false;
  return ofManyThings.has(newer.action) || newer.subject === older.subject;
}

/** Adds numbers up, and keeps the newer value of everything else. */
function summed(newer: Details, older: Details): Details {
  return Object.fromEntries(
    Object.entries(newer).map(([key, value]) => {
      const before = older[key];
      return [key, typeof value === "number" && typeof before === "number" ? value + before : value];
    }),
  );
}
