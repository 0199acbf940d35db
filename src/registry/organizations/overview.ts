// The overview of an organization, for its first page: a fixed number of queries, however large it is.
import type { App } from "../../app.ts";
import { listActivity } from "../../store/organizations/activity.ts";
import { hasDownloads, listOrganizationDownloads } from "../../store/packages/downloads.ts";
import { countMembers } from "../../store/organizations/members.ts";
import type { Membership } from "../../store/organizations/members.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import {
  countRepositoryStates,
  listByTrouble,
  listPublishedNames,
  type RepositoryStates,
} from "../../store/repositories/states.ts";
import { listLastSyncs, type Sync } from "../../store/syncs/syncs.ts";
import { hasToken } from "../../store/tokens.ts";
import { countVersions } from "../../store/packages/versions.ts";
import { listMissingPackages, type MissingPackage } from "../packages/missing.ts";
import { freshnessOf, staleBefore } from "../syncs/freshness.ts";
import { joinAlike, describeActivity, type ShownActivity } from "./activity.ts";

/** `at` is midnight, UTC. */
export type Day = { at: number; count: number };
export type Tick = "same" | "changed" | "failed" | "waiting";

export type Freshness = {
  /** Of the repository. */
  name: string;
  /** The name of the package that it publishes; its own where it publishes none of that name. */
  label: string;
  state: "fresh" | "stale" | "syncing" | "waiting" | "failed";
  /** The time of its last check, or of its failure. */
  at: number | null;
  ticks: Tick[];
};

export type Overview = {
  states: RepositoryStates;
  versions: number;
  members: number;
  invited: number;
  downloads: Downloads;
  entries: ShownActivity[];
  freshness: Freshness[];
  /** Packages of its own vendors that its packages require and that do not exist here. */
  missing: MissingPackage[];
};

/** The last 30 days, ending today, and the total of the 30 days before. */
type Downloads = { days: Day[]; total: number; before: number };

const dayMs = 86_400_000;
const daysShown = 30;
const entriesShown = 20;
/** Enough that twenty remain after similar ones are joined. */
const read = 400;
const repositories = 12;
const ticks = 18;

export async function overviewOf(app: App, { id }: Organization): Promise<Overview> {
  const { db } = app;
  const [states, versions, people, downloads, entries, freshness, missing] = await Promise.all([
    countRepositoryStates(db, id, staleBefore(clockOf(app))),
    countVersions(db, id),
    countMembers(db, id, app.now()),
    downloadsOf(app, id),
    listActivity(db, id, read),
    worstOf(app, id),
    listMissingPackages(app, id),
  ]);
  const joined = joinAlike(await describeActivity(app, entries)).slice(0, entriesShown);
  return { states, versions, ...people, downloads, entries: joined, freshness, missing };
}

async function downloadsOf({ db, now }: App, organizationId: string): Promise<Downloads> {
  const today = Math.floor(now() / dayMs) * dayMs;
  const dayAt = (at: number) => new Date(at).toISOString().slice(0, 10);
  const first = today - (2 * daysShown - 1) * dayMs;
  const counts = await listOrganizationDownloads(db, organizationId, dayAt(first));
  const all = Array.from({ length: 2 * daysShown }, (_, index) => {
    const at = first + index * dayMs;
    return { at, count: counts.get(dayAt(at)) ?? 0 };
  });
  const sum = (days: Day[]) => days.reduce((total, { count }) => total + count, 0);
  const days = all.slice(daysShown);
  return { days, total: sum(days), before: sum(all.slice(0, daysShown)) };
}

async function worstOf(app: App, organizationId: string): Promise<Freshness[]> {
  const { db } = app;
  const worst = await listByTrouble(db, organizationId, {
    staleBefore: staleBefore(clockOf(app)),
    limit: repositories,
  });
  const ids = worst.map(({ id }) => id);
  const [syncs, published] = await Promise.all([listLastSyncs(db, ids, ticks), listPublishedNames(db, ids)]);
  return worst.map((repository) => {
    const { id, name, package_name, state, last_synced_at, last_proven_fresh_at } = repository;
    const own = syncs.get(id) ?? [];
    const failedAt = own.at(-1)?.finished_at ?? last_synced_at;
    const at = state === "failed" ? failedAt : last_proven_fresh_at;
    const shownState = state === "waiting" ? state : freshnessOf(repository, clockOf(app)).kind;
    // Two repositories may name one package: only the one that publishes it goes by that name.
    const isPublished = package_name !== null && published.get(id)?.has(package_name);
    return { name, label: isPublished ? package_name : name, state: shownState, at, ticks: own.map(tickOf) };
  });
}

function clockOf({ now, config }: App): { now: number; intervalMs: number | null } {
  return { now: now(), intervalMs: config.syncIntervalMs };
}

function tickOf({ state, outcome, added, updated, removed }: Sync): Tick {
  if (state === "running" || outcome === "cancelled") return "waiting";
  if (outcome === "failed") return "failed";
  return added + updated + removed > 0 ? "changed" : "same";
}

/** Which steps to the first install are done. */
export type FirstSteps = { repository: boolean; package: boolean; token: boolean; install: boolean };

/** null when all steps are done, or the user has dismissed them. */
export async function firstStepsOf(
  { db }: App,
  { organization, member }: Membership,
  counts: { repositories: number; packages: number },
): Promise<FirstSteps | null> {
  if (member.onboarding_dismissed_at !== null) return null;
  const steps = {
    repository: counts.repositories > 0,
    package: counts.packages > 0,
    token: await hasToken(db, organization.id, member.user_id),
    install: await hasDownloads(db, organization.id),
  };
  return Object.values(steps).every(Boolean) ? null : steps;
}
