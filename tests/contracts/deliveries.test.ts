// Deliveries and webhooks, alike on every engine.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { migrate, openDatabase, type Database } from "../../src/store/engine/database.ts";
import {
  addDelivery,
  countDeliveries,
  countRepeat,
  countWaitingDeliveries,
  findLastDelivery,
  listDeliveries,
  pruneDeliveries,
  claimDeliveries,
  trimRefused,
} from "../../src/store/webhooks/deliveries.ts";
import type { Engine } from "../../src/store/engine/engine.ts";
import { addOrganization, type Organization } from "../../src/store/organizations/organizations.ts";
import { removeOrganization } from "../../src/store/organizations/remove.ts";
import { addRepository, removeRepository } from "../../src/store/repositories/repositories.ts";
import type { DeliveryVerdict, WebhookRow } from "../../src/store/schema.ts";
import {
  findWebhookTarget,
  findWebhook,
  listDueWebhooks,
  listWebhookStates,
  putWebhook,
  updateWebhook,
} from "../../src/store/webhooks/webhooks.ts";
import { makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";

const now = Date.parse("2026-03-01T09:00:00Z");
const engines: Engine[] = ["sqlite", "pgsql", "mysql"];

for (const engine of engines)
  describe(`on ${engine}`, () => {
    let made: TestDatabase;
    let db: Database;
    let acme: Organization;

    beforeAll(async () => {
      made = await makeDatabase(engine);
      db = await openDatabase(made.address);
      await migrate(db);
      acme = await addOrganization(db, { slug: "acme", name: "Acme", now });
    }, 120_000);

    afterAll(async () => {
      await db.close();
      await made.remove();
    });

    async function repository(name: string): Promise<string> {
      const { id } = await addRepository(db, {
        organization_id: acme.id,
        name,
        url: `https://git.example.com/acme/${name}`,
        provider: "git",
        credential_id: null,
        created_at: now,
        next_poll_at: now,
      });
      return id;
    }

    const deliver = (repositoryId: string, forgeId: string | null, verdict: DeliveryVerdict = "accepted") =>
      addDelivery(db, {
        organization_id: acme.id,
        repository_id: repositoryId,
        forge_id: forgeId,
        event: "push",
        verdict,
        reason: null,
        refs: ["refs/heads/main"],
        size_bytes: 100,
        now,
      });

    const webhook = (repositoryId: string): WebhookRow => ({
      repository_id: repositoryId,
      organization_id: acme.id,
      state: "active",
      secret: "sealed",
      previous_secret: null,
      previous_until: null,
      hook_id: "7",
      error: null,
      created_at: now,
      checked_at: now,
      next_check_at: now + 1000,
      repaired_at: null,
    });

    test("a delivery counts once in its repository, and again in another", async () => {
      const [blog, shop] = [await repository("once"), await repository("other")];
      expect((await deliver(blog, "a"))?.refs).toBe('["refs/heads/main"]');
      expect(await deliver(blog, "a")).toBeNull();
      expect(await deliver(shop, "a")).not.toBeNull();
      expect(await countRepeat(db, blog, "a")).toBe(true);
      expect(await countRepeat(db, blog, "b")).toBe(false);
      const [only, ...others] = await listDeliveries(db, blog, { limit: 10 });
      expect(others).toEqual([]);
      expect(Number(only?.repeats)).toBe(2);
    });

    test("deliveries without an id of the forge are each their own", async () => {
      const blog = await repository("anonymous");
      await deliver(blog, null);
      await deliver(blog, null);
      expect(await countDeliveries(db, blog)).toBe(2);
    });

    test("what waits is taken up by the next sync, and by that one alone", async () => {
      const blog = await repository("waiting");
      for (const [id, verdict] of [
        ["a", "accepted"],
        ["b", "accepted"],
        ["c", "ping"],
        [null, "refused"],
      ] as const)
        await deliver(blog, id, verdict);
      expect(await countWaitingDeliveries(db, blog, 10)).toBe(2);
      expect(await countWaitingDeliveries(db, blog, 1)).toBe(1);
      expect(await claimDeliveries(db, { repositoryId: blog, syncId: "first" })).toBe(2);
      expect(await claimDeliveries(db, { repositoryId: blog, syncId: "second" })).toBe(0);
      const syncs = (await listDeliveries(db, blog, { limit: 10 })).map((each) => each.sync_id);
      expect(syncs).toEqual([null, null, "first", "first"]);
      expect((await findLastDelivery(db, blog, "proven"))?.forge_id).toBe("c");
      expect((await findLastDelivery(db, blog, "refused"))?.verdict).toBe("refused");
    });

    test("of the refused ones the newest stay, whatever else there is", async () => {
      const blog = await repository("refused");
      await deliver(blog, "a");
      for (let count = 0; count < 5; count++) await deliver(blog, null, "refused");
      await trimRefused(db, blog, 3);
      expect(await countDeliveries(db, blog)).toBe(4);
      await trimRefused(db, blog, 3);
      expect(await countDeliveries(db, blog)).toBe(4);
    });

    test("old deliveries go, and too many, but none whose sync is to come", async () => {
      const blog = await repository("pruned");
      for (const id of ["a", "b", "c"]) await deliver(blog, id);
      await claimDeliveries(db, { repositoryId: blog, syncId: "first" });
      await deliver(blog, "d");
      await pruneDeliveries(db, { olderThan: now, keep: 2 });
      const left = await listDeliveries(db, blog, { limit: 10 });
      expect(left.map((each) => each.forge_id)).toEqual(["d", "c"]);
      await pruneDeliveries(db, { olderThan: now + 1, keep: 2 });
      expect((await listDeliveries(db, blog, { limit: 10 })).map((each) => each.forge_id)).toEqual(["d"]);
    });

    test("a repository has one webhook, which goes with it", async () => {
      const blog = await repository("hooked");
      await putWebhook(db, webhook(blog));
      await putWebhook(db, { ...webhook(blog), state: "failed", error: "no" });
      expect((await findWebhookTarget(db, blog))?.name).toBe("hooked");
      expect((await listWebhookStates(db, acme.id)).get(blog)).toBe("failed");
      expect(await listDueWebhooks(db, now + 999, 10)).toEqual([]);
      expect((await listDueWebhooks(db, now + 1000, 10)).map((each) => each.error)).toEqual(["no"]);
      await updateWebhook(db, blog, { state: "manual" });
      expect(await listDueWebhooks(db, now + 1000, 10)).toEqual([]);
      await deliver(blog, "a");
      await db.transaction((db) => removeRepository(db, acme.id, blog));
      expect(await findWebhook(db, blog)).toBeNull();
      expect(await countDeliveries(db, blog)).toBe(0);
    });

    test("an organization takes its webhooks and deliveries along", async () => {
      const blog = await repository("last");
      await putWebhook(db, webhook(blog));
      await deliver(blog, "a");
      await db.transaction((db) => removeOrganization(db, acme.id));
      expect(await findWebhook(db, blog)).toBeNull();
    });
  });
