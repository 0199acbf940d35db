// What is asked of repositories, syncs and incidents, alike on every engine.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { migrate, openDatabase, type Database } from "../../src/store/engine/database.ts";
import { addDelivery, findLastNaming } from "../../src/store/webhooks/deliveries.ts";
import {
  countOverdue,
  findIncident,
  listOverdue,
  listOpenIncidents,
  putIncident,
} from "../../src/store/syncs/freshness-incidents.ts";
import { setMember } from "../../src/store/organizations/members.ts";
import { addOrganization, type Organization } from "../../src/store/organizations/organizations.ts";
import { addPackage, countLeftOut, updatePackage } from "../../src/store/packages/packages.ts";
import { dueAtOnce, listDueRepositories, postponePolls } from "../../src/store/syncs/polls.ts";
import {
  addRepository,
  findRepositoryById,
  updateRepository,
  type Repository,
} from "../../src/store/repositories/repositories.ts";
import {
  markFinished,
  findCanceller,
  listRequestedSyncs,
  listPastDeadline,
  markRequested,
  markCancelled,
  extendDeadline,
} from "../../src/store/syncs/requests.ts";
import { countRepositoriesByState, searchRepositories } from "../../src/store/repositories/lists.ts";
import { countRepositoryStates, listByTrouble } from "../../src/store/repositories/states.ts";
import type { Engine } from "../../src/store/engine/engine.ts";
import { addSync, endCancelled, listSyncs, pruneSyncs, updateSync } from "../../src/store/syncs/syncs.ts";
import { addToken, findTokensCalled, revokeToken } from "../../src/store/tokens.ts";
import { addUser } from "../../src/store/accounts/users.ts";
import { makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";

const now = Date.parse("2026-03-01T09:00:00Z");
const minute = 60_000;
const engines: Engine[] = ["sqlite", "pgsql", "mysql"];

for (const engine of engines)
  describe(`on ${engine}`, () => {
    let made: TestDatabase;
    let db: Database;
    let acme: Organization;
    let count = 0;

    beforeAll(async () => {
      made = await makeDatabase(engine);
      db = await openDatabase(made.address);
      await migrate(db);
    }, 120_000);
    afterAll(async () => {
      await db.close();
      await made.remove();
    });

    /** In an organization of its own. */
    async function blog(change: Partial<Repository> = {}): Promise<Repository> {
      acme = await addOrganization(db, { slug: `acme-${++count}`, name: "Acme", now });
      return another("blog", change);
    }

    async function another(name: string, change: Partial<Repository> = {}): Promise<Repository> {
      const url = `https://git.acme.test/${name}.git`;
      const of = { organization_id: acme.id, name, url, provider: "git", credential_id: null };
      const { id } = await addRepository(db, { ...of, created_at: now, next_poll_at: now });
      if (Object.keys(change).length > 0) await updateRepository(db, id, change);
      return rowOf(id);
    }

    async function rowOf(id: string): Promise<Repository> {
      const row = await findRepositoryById(db, id);
      if (!row) throw new Error("the repository is gone");
      return row;
    }

    test("a sync that is asked for waits, or comes after the one that runs, until it has started", async () => {
      const { id } = await blog({ state: "fresh" });
      await markRequested(db, id, { deadline: now + minute, confirmRemovals: true });
      expect(await rowOf(id)).toMatchObject({
        state: "waiting",
        sync_requested: 1,
        sync_deadline: now + minute,
        removals_confirmed: 1,
      });
      expect((await listRequestedSyncs(db)).map((each) => each.id)).toContain(id);
      await updateRepository(db, id, { state: "syncing", sync_requested: 0 });
      await extendDeadline(db, id, now + 2 * minute);
      expect((await rowOf(id)).sync_deadline).toBe(now + 2 * minute);
      await markRequested(db, id, { deadline: now + 3 * minute, confirmRemovals: false });
      expect((await rowOf(id)).state).toBe("syncing");
      await db.transaction((db) => markFinished(db, id, { state: "fresh", deadline: now + 4 * minute }));
      expect(await rowOf(id)).toMatchObject({ state: "waiting", sync_deadline: now + 4 * minute });
      await updateRepository(db, id, { state: "syncing", sync_requested: 0 });
      await db.transaction((db) => markFinished(db, id, { state: "fresh", deadline: now + 5 * minute }));
      expect(await rowOf(id)).toMatchObject({ state: "fresh", sync_deadline: null });
      await extendDeadline(db, id, now + 6 * minute);
      expect((await rowOf(id)).sync_deadline).toBeNull();
    });

    test("what sent no heartbeat in time is found, and what is expected too far ahead", async () => {
      const late = await blog({ sync_deadline: now - 1 });
      const soon = await another("soon", { sync_deadline: now + minute });
      const far = await another("far", { sync_deadline: now + 10 * minute });
      const never = await another("never");
      const found = await listPastDeadline(db, { now, farthest: now + 2 * minute, limit: 100 });
      const ids = new Set(found.map(({ id }) => id));
      expect([late, soon, far, never].map(({ id }) => ids.has(id))).toEqual([true, false, true, false]);
    });

    test("a sync that is cancelled is dropped while it waits, and sees the request while it runs", async () => {
      const { id } = await blog();
      const unwanted = () =>
        db.transaction((db) =>
          markCancelled(db, id, { by: "cli", rested: { state: "fresh", next_poll_at: now + minute } }),
        );
      expect(await unwanted()).toBe(false);
      await markRequested(db, id, { deadline: now, confirmRemovals: false });
      expect(await unwanted()).toBe(true);
      expect(await rowOf(id)).toMatchObject({
        state: "fresh",
        sync_deadline: null,
        next_poll_at: now + minute,
      });
      await markRequested(db, id, { deadline: now, confirmRemovals: false });
      expect(await findCanceller(db, id)).toBeNull();
      await updateRepository(db, id, { state: "syncing" });
      expect(await unwanted()).toBe(true);
      expect(await findCanceller(db, id)).toBe("cli");
      // Another one is wanted; the one that runs is not, still.
      await markRequested(db, id, { deadline: now, confirmRemovals: false });
      expect(await findCanceller(db, id)).toBe("cli");
    });

    test("a server's pause holds for its repositories of the organization, and no shorter one takes it away", async () => {
      const one = await blog();
      const other = await another("other", { url: "https://elsewhere.test/x.git" });
      const origin = "https://git.acme.test";
      await postponePolls(db, acme.id, { origin, until: now + 10 * minute });
      await postponePolls(db, acme.id, { origin, until: now + 5 * minute });
      const rests = { rests_until: now + 10 * minute, next_poll_at: now + 10 * minute };
      expect(await rowOf(one.id)).toMatchObject(rests);
      expect((await rowOf(other.id)).rests_until).toBeNull();
      const due = new Set((await listDueRepositories(db, now, 1000)).map(({ id }) => id));
      expect([due.has(one.id), due.has(other.id)]).toEqual([false, true]);
    });

    test("after an absence what is fresh is due, and what failed or rests is not", async () => {
      const old = {
        state: "fresh",
        last_proven_fresh_at: now - 5 * minute,
        next_poll_at: now + minute,
      } as const;
      const fresh = await blog(old);
      const failed = await another("failed", { ...old, state: "failed" });
      const resting = await another("resting", { ...old, rests_until: now + minute });
      const proven = await another("proven", { ...old, last_proven_fresh_at: now });
      const far = await another("far", {
        ...old,
        last_proven_fresh_at: now,
        next_poll_at: now + 60 * minute,
      });
      await dueAtOnce(db, { now, provenBefore: now - minute, latest: now + 15 * minute });
      const due: boolean[] = [];
      for (const { id } of [fresh, failed, resting, proven, far])
        due.push((await rowOf(id)).next_poll_at === now);
      expect(due).toEqual([true, false, false, false, true]);
    });

    test("what was not checked for too long is overdue, also when it never was", async () => {
      const before = now - 60 * minute;
      await blog({ last_proven_fresh_at: before - 1 });
      await another("never", { created_at: before - 2 });
      await another("fresh", { last_proven_fresh_at: now, created_at: before - 9 });
      await another("new", { created_at: now });
      const late = await listOverdue(db, { provenBefore: before, organizationId: acme.id, limit: 3 });
      expect(late.map(({ name, since }) => [name, since])).toEqual([
        ["never", before - 2],
        ["blog", before - 1],
      ]);
      expect(await countOverdue(db, acme.id, before)).toBe(2);
      expect((await listOverdue(db, { provenBefore: before })).length).toBeGreaterThanOrEqual(2);
    });

    test("an organization has one incident, the latest", async () => {
      await blog();
      const row = { organization_id: acme.id, began_at: now, mailed_at: null, recovered_at: null };
      await putIncident(db, row);
      await putIncident(db, { ...row, mailed_at: now });
      expect((await listOpenIncidents(db)).filter((each) => each.organization_id === acme.id)).toHaveLength(
        1,
      );
      await putIncident(db, { ...row, recovered_at: now + 1 });
      expect(await findIncident(db, acme.id)).toMatchObject({ recovered_at: now + 1 });
      expect((await listOpenIncidents(db)).filter((each) => each.organization_id === acme.id)).toEqual([]);
    });

    test("stale repositories are counted and found apart from the fresh ones", async () => {
      const staleBefore = now - 30 * minute;
      await blog({ state: "fresh", last_proven_fresh_at: now });
      await another("stale", { state: "fresh", last_proven_fresh_at: staleBefore - 1 });
      await another("failed", { state: "failed", last_proven_fresh_at: staleBefore - 1 });
      expect(await countRepositoryStates(db, acme.id, staleBefore)).toMatchObject({
        failed: 1,
        waiting: 0,
        stale: 1,
        fresh: 1,
      });
      expect(await countRepositoryStates(db, acme.id, null)).toMatchObject({ stale: 0, fresh: 2 });
      const worst = await listByTrouble(db, acme.id, { staleBefore, limit: 9 });
      expect(worst.map(({ name }) => name)).toEqual(["failed", "stale", "blog"]);
      const terms: string[] = [];
      const search = { terms, staleBefore, sort: "name" as const, descending: false };
      const found = async (state: "stale" | "fresh") =>
        (await searchRepositories(db, acme.id, { search: { ...search, state }, limit: 9, offset: 0 })).map(
          ({ name }) => name,
        );
      expect([await found("stale"), await found("fresh")]).toEqual([["stale"], ["blog"]]);
      expect(await countRepositoriesByState(db, acme.id, search)).toMatchObject({
        stale: 1,
        fresh: 1,
        failed: 1,
      });
    });

    test("syncs that found nothing by themselves are forgotten sooner than the others", async () => {
      const { id } = await blog();
      const start = { organization_id: acme.id, repository_id: id, refs_total: 0 };
      const day = 86_400_000;
      for (const [reason, outcome, days] of [
        ["poll", "unchanged", 4],
        ["poll", "changed", 4],
        ["asked", "unchanged", 4],
        ["poll", "unchanged", 1],
        ["asked", "changed", 91],
      ] as const) {
        const started_at = now - days * day;
        const sync = await addSync(db, { ...start, id: Bun.randomUUIDv7(), reason, started_at });
        await updateSync(db, sync.id, { state: "done", outcome });
      }
      const running = await addSync(db, {
        ...start,
        id: Bun.randomUUIDv7(),
        reason: "poll",
        started_at: now,
      });
      await pruneSyncs(db, { olderThan: now - 90 * day, unchangedBefore: now - 3 * day });
      const left = async () => (await listSyncs(db, id)).map(({ reason, outcome }) => [reason, outcome]);
      expect(await left()).toEqual([
        ["poll", "changed"],
        ["asked", "unchanged"],
        ["poll", "unchanged"],
        ["poll", null],
      ]);
      await endCancelled(db, id, now);
      expect((await listSyncs(db, id)).find((each) => each.id === running.id)).toMatchObject({
        state: "failed",
        outcome: "cancelled",
      });
    });

    test("what has no room in a document is added up over the packages of a repository", async () => {
      const { id } = await blog();
      expect(await countLeftOut(db, id)).toBe(0);
      for (const [name, left_out] of [
        ["acme/one", 2],
        ["acme/two", 3],
      ] as const) {
        const owner = { organization_id: acme.id, name, repository_id: id, type: "library", created_at: now };
        await updatePackage(db, (await addPackage(db, owner)).id, { left_out });
      }
      expect(await countLeftOut(db, id)).toBe(5);
    });

    test("the last delivery that names a ref is found by its whole name", async () => {
      const { id } = await blog();
      const came = (refs: string[]) =>
        addDelivery(db, {
          organization_id: acme.id,
          repository_id: id,
          forge_id: crypto.randomUUID(),
          event: "push",
          verdict: "accepted",
          reason: null,
          size_bytes: 1,
          refs,
          now,
        });
      await came(["refs/tags/v1.0.0", "refs/heads/main"]);
      await came(["refs/tags/v1.0.0-beta"]);
      const naming = async (ref: string) => (await findLastNaming(db, id, [ref]))?.refs ?? null;
      expect(await naming("refs/tags/v1.0.0")).toBe('["refs/tags/v1.0.0","refs/heads/main"]');
      expect(await naming("refs/tags/v1_0.0")).toBeNull();
      expect(await naming("refs/tags/v1.0")).toBeNull();
    });

    test("a token is found by its name or id, one that still works first, and nobody else's", async () => {
      await blog();
      const token = (owner: { organization_id?: string; user_id?: string }, name: string) =>
        addToken(db, {
          organization_id: null,
          user_id: null,
          ...owner,
          name,
          hash: crypto.randomUUID(),
          packages: null,
          created_at: now,
          expires_at: null,
          created_by: null,
        });
      const first = await token({ organization_id: acme.id }, "ci");
      const second = await token({ organization_id: acme.id }, "ci");
      await revokeToken(db, second.id, now);
      expect((await findTokensCalled(db, acme.id, "ci")).map(({ id }) => id)).toEqual([first.id, second.id]);
      const ann = await addUser(db, {
        email: `ann-${count}@acme.test`,
        name: "Ann",
        passwordHash: null,
        isAdmin: false,
        now,
      });
      const own = await token({ user_id: ann.id }, "laptop");
      expect(await findTokensCalled(db, acme.id, own.id)).toEqual([]);
      await setMember(db, acme.id, { userId: ann.id, role: "member", now });
      expect((await findTokensCalled(db, acme.id, own.id)).map(({ id }) => id)).toEqual([own.id]);
      expect(await findTokensCalled(db, acme.id, "laptop")).toEqual([]);
    });
  });
