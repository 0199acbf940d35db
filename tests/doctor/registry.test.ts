// Checks of what is in the registry: jobs, repositories, accounts, webhooks and names.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ForgeName } from "../../src/forges/forge.ts";
import { insertNew } from "../../src/store/engine/database.ts";
import { listCredentials, updateCredential } from "../../src/store/repositories/credentials.ts";
import { markWorkerSeen } from "../../src/store/jobs/workers.ts";
import { updateRepository } from "../../src/store/repositories/repositories.ts";
import { updateWebhook } from "../../src/store/webhooks/webhooks.ts";
import { openWorld, type World } from "../worlds/world.ts";
import { contextWith, examine } from "./examine.ts";

let world: World<{ forge: ForgeName }>;
beforeAll(async () => {
  world = await openWorld({ in: "process", forge: "github" });
});
afterAll(() => world.close());

const look = (id: string) => examine(id, contextWith(world.app));

test("OP39: config fails on a mistake, warns of an unknown name, and is well without either", async () => {
  const look = (problems: string[], unknown: { name: string; meant: string | null }[]) =>
    examine("config", contextWith(world.app, {}, { problems, unknown }));
  const wrong = await look(['PORT "http" is not a whole number'], []);
  expect(wrong).toMatchObject({ status: "fail", remedy: { do: "check-settings" } });
  const slip = await look([], [{ name: "APPURL", meant: "APP_URL" }]);
  expect([slip.status, slip.advice]).toEqual(["warn", "Set APP_URL instead of APPURL."]);
  expect((await look([], [])).status).toBe("ok");
});

test("OP39: queue fails without a worker or with jobs that wait, and is well when one runs them", async () => {
  const { app, tick } = world;
  expect(await look("queue")).toMatchObject({ status: "fail", remedy: { do: "run-worker" } });
  const seen = () =>
    markWorkerSeen(app.db, {
      ...{ id: "w", host: "here", pid: 1, started_at: 0, seen_at: app.now(), memory_bytes: 1 },
      ...{ min_places: 1, max_places: 1, places: 1, slots: "[]" },
    } as Parameters<typeof markWorkerSeen>[1]);
  await seen();
  await app.jobs.enqueue("prune", {}, { key: "prune" });
  tick(600_000);
  await seen();
  const late = await look("queue");
  expect([late.status, late.advice]).toEqual(["fail", expect.stringContaining("WORKER_CONCURRENCY")]);
  await app.db.write.deleteFrom("jobs").execute();
  expect((await look("queue")).status).toBe("ok");
});

test("OP39: git fails with the reason of the Git host, and is well once the URL is right", async () => {
  const { app } = world;
  const { url } = world.blog;
  await updateRepository(app.db, world.blog.id, { url: url.replace("/blog.git", "/gone.git") });
  const gone = await look("git");
  expect(gone).toMatchObject({
    status: "fail",
    remedy: { do: "edit-repository", organization: "acme", repository: world.blog.name },
  });
  await updateRepository(app.db, world.blog.id, { url });
  expect((await look("git")).status).toBe("ok");
});

test("OP39: forge.tokens fails when a token is refused, warns before it ends, and is well with a new one", async () => {
  const { app } = world;
  const [credential] = await listCredentials(app.db, world.acme.id);
  const { id = "" } = credential ?? {};
  const seal = (token: string) =>
    updateCredential(app.db, world.acme.id, { id, secret: app.secrets.seal("credentials", id, token) });
  await seal("refused");
  expect(await look("forge.tokens")).toMatchObject({
    status: "fail",
    remedy: { do: "connect-account", organization: "acme" },
  });
  await seal(world.forge.token);
  const soon = await examine("forge.tokens", contextWith(app, {}, { now: () => Date.parse("2026-11-25") }));
  expect([soon.status, soon.seen]).toEqual(["warn", expect.stringContaining("expires on 2026-12-01")]);
  expect((await look("forge.tokens")).status).toBe("ok");
});

test("OP39: webhooks warns of one that is missing or refused, and is well once it is back", async () => {
  const { app } = world;
  await world.keep();
  expect((await look("webhooks")).status).toBe("ok");
  await updateWebhook(app.db, world.blog.id, { state: "missing" });
  expect(await look("webhooks")).toMatchObject({
    status: "warn",
    remedy: { do: "check-webhook", organization: "acme", repository: world.blog.name },
  });
  await updateWebhook(app.db, world.blog.id, { state: "active" });
  const delivery = (verdict: "refused" | "accepted") => ({
    ...{
      id: Bun.randomUUIDv7(),
      organization_id: world.acme.id,
      repository_id: world.blog.id,
      forge_id: null,
    },
    ...{
      event: "push",
      verdict,
      reason: null,
      refs: "[]",
      size_bytes: 1,
      received_at: app.now(),
      repeats: 0,
    },
    sync_id: null,
  });
  await insertNew(app.db, "deliveries", delivery("refused"), ["id"]);
  expect((await look("webhooks")).seen).toContain("only deliveries that are refused");
  await insertNew(app.db, "deliveries", delivery("accepted"), ["id"]);
  expect((await look("webhooks")).status).toBe("ok");
});

test("OP39: slugs warns of an organization with the address of a page, and is well once it has another", async () => {
  const { app } = world;
  const row = { id: Bun.randomUUIDv7(), slug: "operations", name: "Operations", created_at: 0, notice: null };
  await insertNew(app.db, "organizations", { ...row, publishes_source: 0 }, ["id"]);
  expect(await look("slugs")).toMatchObject({
    status: "warn",
    remedy: { do: "rename-organization", organization: "operations" },
  });
  await app.db.write.updateTable("organizations").set({ slug: "ops" }).where("id", "=", row.id).execute();
  expect((await look("slugs")).status).toBe("ok");
});
