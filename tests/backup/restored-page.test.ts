// A restored registry says so to administrators, and leaves webhooks alone until one of them confirms it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { checkWebhooks } from "../../src/registry/webhooks/ensure.ts";
import { markRestored } from "../../src/store/backup/after-restore.ts";
import { findWebhook, putWebhook } from "../../src/store/webhooks/webhooks.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { signedIn } from "../pages/visitor.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let blog: Mirrored;
beforeAll(async () => {
  world = await openWorld({ in: "process" });
  const acme = await world.organization("acme");
  blog = await world.mirror(acme, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  await markRestored(world.app.db, { at: world.app.now(), to: world.app.now() - 3_600_000 });
});
afterAll(() => world?.close());

test("OP33: the overview lists what must be looked at, for administrators, until one confirms", async () => {
  const { id, organization_id } = await blog.row();
  const none = { previous_secret: null, previous_until: null, hook_id: null, error: null };
  const times = { created_at: 1, checked_at: null, next_check_at: 1, repaired_at: null };
  const webhook = { repository_id: id, organization_id, state: "active", secret: "v1.sealed" } as const;
  await putWebhook(world.app.db, { ...webhook, ...none, ...times });
  await checkWebhooks(world.app);
  expect((await findWebhook(world.app.db, id))?.next_check_at).toBe(1);

  const ann = await signedIn(world, "ann", { roles: { acme: "owner" }, isAdmin: true });
  const ben = await signedIn(world, "ben", { roles: { acme: "owner" } });
  expect(await ann.read("/organizations/acme")).toContain("tokens that were revoked");
  expect(await ben.read("/organizations/acme")).not.toContain("tokens that were revoked");
  expect((await ben.post("/operations/confirm-restore")).status).toBe(404);
  expect((await ann.post("/operations/confirm-restore")).status).toBe(303);
  expect(await ann.read("/organizations/acme")).not.toContain("tokens that were revoked");

  await checkWebhooks(world.app);
  expect((await findWebhook(world.app.db, id))?.next_check_at).toBeGreaterThan(1);
});
