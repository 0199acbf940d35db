// Places for git processes are few: nobody keeps all of them while others wait.
import { afterAll, describe, expect, test } from "bun:test";
import { unavailable } from "../../src/errors.ts";
import { handlersOf } from "../../src/registry/handlers.ts";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { failSync } from "../../src/registry/syncs/fail.ts";
import { greedOf, type Holder } from "../../src/registry/syncs/slots.ts";
import { requestSync } from "../../src/registry/sync-requests.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { findRepositoryById, type Repository } from "../../src/store/repositories/repositories.ts";
import { addSync } from "../../src/store/syncs/syncs.ts";
import { advertisement, someCommit, startEvilServer } from "../git/evil-server.ts";
import { openWorld } from "../worlds/world.ts";

const endings: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of endings.toReversed()) await end();
});

const holder = (organization: string, host: string): Holder => ({ organization, host });

test("FA2: a sync over its organization's share of the slots gives way before one over its host's share", () => {
  const taken = { others: [holder("acme", "x")], count: 2 };
  expect(greedOf(holder("acme", "y"), taken)).toBe(2);
  expect(greedOf(holder("beta", "x"), taken)).toBe(1);
  expect(greedOf(holder("beta", "y"), taken)).toBe(0);
  expect(greedOf(holder("acme", "x"), { others: [], count: 2 })).toBe(0);
  expect(greedOf(holder("acme", "x"), { ...taken, count: 3 })).toBe(0);
});

/** Answers with its refs, and then says nothing more. */
async function hangingServer(): Promise<string> {
  const body = advertisement([`${someCommit} refs/heads/main`]);
  const server = await startEvilServer({ advertise: { body }, upload: { end: "silent" } });
  endings.push(server.stop);
  return server.url;
}

describe("Of two places", () => {
  test("FA2: one is left to another organization, and to another host, however many wait before it", async () => {
    const made = await openWorld({
      in: "process",
      environment: { GIT_CONCURRENCY: "2", OUTBOUND_ALLOW: "127.0.0.1" },
    });
    endings.push(made.close);
    const { app } = made;
    const acme = await made.organization("acme");
    const hanging = [];
    for (let at = 0; at < 4; at++) {
      const options = { url: await hangingServer(), name: `hanging-${at}`, provider: null, credential: null };
      hanging.push(
        (await addRepository(app, acme, { ...options, allowLocal: true, actor: "cli" })).repository,
      );
    }
    const beta = await made.organization("beta");
    const honest = await made.mirror(beta, "acme/blog", [
      { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    ]);
    for (const each of hanging) await requestSync(app, each, { reason: "test" });
    await requestSync(app, await honest.row(), { reason: "test" });
    const limits = { "sync-repository": app.config.gitConcurrency };
    await app.jobs.start(handlersOf(app), { concurrency: 4, limits });
    endings.push(() => app.jobs.drain(0));
    // The clock of the jobs stands still unless it is moved.
    for (let tries = 0; tries < 200 && (await honest.row()).state !== "fresh"; tries++) {
      made.tick(100);
      await Bun.sleep(50);
    }
    expect((await honest.row()).state).toBe("fresh");
    const states = await Promise.all(
      hanging.map(async ({ id }) => (await findRepositoryById(app.db, id))?.state),
    );
    expect(states.filter((state) => state === "syncing").length).toBeGreaterThanOrEqual(1);
  });
});

test("FA2: what crashed too often in one organization, or from one host, rests at its next crash", async () => {
  const made = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  endings.push(made.close);
  const { app } = made;
  const [acme, beta] = [await made.organization("acme"), await made.organization("beta")];
  const add = async (organization: Organization, url: string) => {
    const options = { url, name: null, provider: null, credential: null, allowLocal: false, actor: "cli" };
    return (await addRepository(app, organization, options)).repository;
  };
  const crash = async (repository: Repository) => {
    const sync = await addSync(app.db, {
      id: Bun.randomUUIDv7(),
      organization_id: repository.organization_id,
      repository_id: repository.id,
      reason: "test",
      started_at: app.now(),
      refs_total: 0,
    });
    await failSync({ app, repository, sync }, unavailable("It was stopped.", { code: "git_memory" }));
    return (await findRepositoryById(app.db, repository.id))?.error ?? "";
  };
  const first = await add(acme, "https://one.test/a/first.git");
  for (let time = 1; time <= 2; time++) expect(await crash(first)).toBe("It was stopped.");
  for (let time = 3; time <= 5; time++)
    expect(await crash(first)).toContain("This happened 3 times in a row, so the next automatic sync is at");
  expect(await crash(await add(acme, "https://two.test/a/second.git"))).toContain(
    "This happened 6 times within an hour in this organization, so the next automatic sync is at",
  );
  expect(await crash(await add(beta, "https://one.test/a/same-host.git"))).toContain(
    "This happened 6 times within an hour from one.test, so the next automatic sync is at",
  );
  expect(await crash(await add(beta, "https://two.test/a/elsewhere.git"))).toBe("It was stopped.");
});
