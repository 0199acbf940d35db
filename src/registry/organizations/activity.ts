// Entries as they are told: with the names of who acted, and several alike within a short while as one.
import type { App } from "../../app.ts";
import { userIdOf, type ActivityEntry, type OrganizationAction } from "../../store/organizations/activity.ts";
import { listTokenNames } from "../../store/tokens.ts";
import { listUserNames } from "../../store/accounts/users.ts";

/** Each has its sentence on the activity page. */
export type { OrganizationAction };
export type Details = Record<string, string | number | boolean | null>;

export type ShownActivity = {
  id: string;
  by: Actor;
  action: string;
  subject: string;
  details: Details;
  at: number;
  times: number;
  /** What it stands for, newest first, itself among them. */
  parts: Part[];
};

export type Part = { subject: string; at: number };

export type Actor = { kind: "person" | "token" | "cli" | "system"; name: string | null };

const alikeMs = 10 * 60_000;

/** Newest first, as they came. */
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

/** Looks people and tokens up, each kind with one statement, and tells who an actor is. */
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

/** Those by the same actor with the same act, within ten minutes of the newest, are one entry with a number. */
export function joinAlike(told: ShownActivity[]): ShownActivity[] {
  const joined: ShownActivity[] = [];
  for (const each of withoutConsequences(told)) {
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
/** What is done with every repository that is added. */
const consequences = new Set(["repository.sync_asked", "webhook.set_up"]);

/** Adding a repository asks for its first sync and sets its webhook up: the same person, the same moment, one act. */
function withoutConsequences(told: ShownActivity[]): ShownActivity[] {
  const keyOf = ({ by, subject }: ShownActivity) => `${by.kind} ${by.name} ${subject}`;
  const added = new Map(
    told.flatMap((each) => (each.action === "repository.added" ? [[keyOf(each), each.at] as const] : [])),
  );
  return told.filter((each) => {
    const at = consequences.has(each.action) ? added.get(keyOf(each)) : undefined;
    return at === undefined || Math.abs(each.at - at) > sameMomentMs;
  });
}

/** Acts of which those about different things are one entry: three tokens revoked. */
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

/** Numbers are added up; of everything else the newer stays. */
function summed(newer: Details, older: Details): Details {
  return Object.fromEntries(
    Object.entries(newer).map(([key, value]) => {
      const before = older[key];
      return [key, typeof value === "number" && typeof before === "number" ? value + before : value];
    }),
  );
}
