// What a webhook did for a version: each of its steps once as the broken one, and beside a version that polling found.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { explain, type Step } from "../src/registry/why/why.ts";
import { addDelivery, type NewDelivery } from "../src/store/deliveries.ts";
import type { Organization } from "../src/store/organizations.ts";
import type { WebhookRow } from "../src/store/schema.ts";
import { putWebhook } from "../src/store/webhooks.ts";
import { signedIn } from "./pages/visitor.ts";
import { makeApp, type Mirrored, type TestApp } from "./tools/app.ts";

const minute = 60_000;
let world: TestApp;
let acme: Organization;
let blog: Mirrored;

beforeEach(async () => {
  world = await makeApp({ SYNC_INTERVAL: "15m" });
  acme = await world.organization("acme");
  blog = await world.mirror(acme, "blog", [{ manifest: { name: "acme/blog" }, tags: ["v1.0.0"] }]);
  await blog.sync();
  world.tick(minute);
});
afterEach(() => world.close());

async function webhook(state: WebhookRow["state"], error: string | null = null): Promise<void> {
  const { id: repository_id } = await blog.row();
  const none = { previous_secret: null, previous_until: null, hook_id: null, repaired_at: null };
  const of = { repository_id, organization_id: acme.id, state, error, secret: "sealed" };
  await putWebhook(world.app.db, { ...of, ...none, created_at: 0, checked_at: null, next_check_at: 0 });
}

async function delivery(refs: string[], change: Partial<NewDelivery> = {}): Promise<void> {
  const { id: repository_id } = await blog.row();
  const of = { organization_id: acme.id, repository_id, forge_id: crypto.randomUUID(), event: "push" };
  const arrived = { verdict: "accepted", reason: null, size_bytes: 1, refs, now: world.app.now() } as const;
  await addDelivery(world.app.db, { ...of, ...arrived, ...change });
}

async function steps(version: string): Promise<Record<Step["step"], Step>> {
  const explained = await explain(world.app, acme, { name: "acme/blog", version });
  const byName = explained.steps.map((step) => [step.step, step]);
  return Object.fromEntries(byName) as Record<Step["step"], Step>;
}

const page = () => `${world.app.config.appUrl}/organizations/acme/repositories/blog/webhook`;

describe("of a version that nobody has seen", () => {
  test("a webhook that the forge refuses is what is broken, and where to repair it is said", async () => {
    await webhook("failed", "The token may not register webhooks");
    const { webhook: found, ref } = await steps("2.0.0");
    expect(found).toMatchObject({
      state: "failed",
      detail: "The forge refuses it: The token may not register webhooks.",
      remedy: `Repair it at ${page()}`,
      act: "webhook",
    });
    expect(ref).toMatchObject({ state: "failed", act: "sync" });
  });

  test("one that is gone at the forge is, too, and one that is not there yet is waited for", async () => {
    await webhook("missing", "It was deleted at github.com.");
    expect((await steps("2.0.0")).webhook).toMatchObject({
      state: "failed",
      detail: "The forge has it no longer: It was deleted at github.com.",
    });
    await webhook("waiting");
    expect((await steps("2.0.0")).webhook.state).toBe("waiting");
  });

  test("a delivery that has not come is waited for", async () => {
    await webhook("active");
    expect((await steps("2.0.0")).delivery).toMatchObject({
      state: "waiting",
      detail: "None has come in the last 30 days. Polling finds a push within 15 minutes.",
      act: "sync",
    });
    await delivery(["refs/tags/v1.0.0"]);
    const { delivery: found, signature } = await steps("2.0.0");
    expect(found.state).toBe("waiting");
    expect(found.detail).toStartWith("The last one came at 2026-03-01 09:01 UTC and did not name it.");
    expect(signature.state).toBe("ok");
  });

  test("a delivery whose signature was wrong is what is broken", async () => {
    await webhook("active");
    await delivery([], { verdict: "refused", reason: "Signature did not match", forge_id: null });
    const { delivery: found, signature } = await steps("2.0.0");
    expect(found).toMatchObject({
      state: "ok",
      detail: "One came at 2026-03-01 09:01 UTC, and it was refused.",
    });
    expect(signature).toMatchObject({
      state: "failed",
      detail: "The last delivery, at 2026-03-01 09:01 UTC, was refused: Signature did not match.",
      remedy: `Give the forge the secret anew at ${page()}`,
      act: "webhook",
    });
  });

  test("a push that came and whose sync is still to come is waited for at the ref", async () => {
    await webhook("active");
    await delivery(["refs/tags/v2.0.0"]);
    const { delivery: found, ref, manifest } = await steps("2.0.0");
    expect(found).toMatchObject({ state: "ok", detail: "The push came at 2026-03-01 09:01 UTC." });
    expect(ref).toMatchObject({ state: "waiting", act: "sync" });
    expect(ref.detail).toContain("its sync is still to come");
    expect(manifest.detail).toBe("Not reached.");
  });
});

describe("of a version that polling has found", () => {
  test.each([
    ["failed", null, /^The forge refuses it\. Polling found the ref all the same\.$/],
    ["missing", "It was turned off.", /^The forge has it no longer: It was turned off\. Polling found/],
  ] as const)("a webhook that is %s is told of and was not needed", async (state, error, words) => {
    await webhook(state, error);
    const found = await steps("1.0.0");
    expect(found.webhook).toMatchObject({ state: "unknown", remedy: null });
    expect(found.webhook.detail).toMatch(words);
    expect([found.ref.state, found.visible.state]).toEqual(["ok", "ok"]);
  });

  test("a webhook that never came is not failed", async () => {
    await webhook("active");
    const { delivery: found, signature } = await steps("1.0.0");
    expect(found).toMatchObject({
      state: "unknown",
      detail: "None has come in the last 30 days. Polling found the ref.",
      remedy: null,
    });
    expect(signature).toMatchObject({ state: "unknown", remedy: null });
    await delivery([], { verdict: "refused", reason: "Signature did not match", forge_id: null });
    expect((await steps("1.0.0")).signature).toMatchObject({ state: "unknown", remedy: null });
  });

  test("a repository without a webhook needs none", async () => {
    const { webhook: found, delivery: came, signature } = await steps("1.0.0");
    expect(found.detail).toBe("There is none. Polling finds a push within 15 minutes.");
    expect([found.state, came.state, signature.state]).toEqual(["unknown", "unknown", "unknown"]);
  });
});

test("a version that its webhook has told of is good at every step", async () => {
  await webhook("active");
  await delivery(["refs/tags/v1.0.0"]);
  const found = Object.values(await steps("1.0.0"));
  expect(found.map(({ step }) => step)).toEqual([
    "repository",
    "webhook",
    "delivery",
    "signature",
    "ref",
    "manifest",
    "archive",
    "published",
    "visible",
  ]);
  expect(found.filter(({ state }) => state !== "ok")).toEqual([]);
});

describe("the page", () => {
  test("has for each broken step the button that mends it, and words for those who may not press it", async () => {
    await webhook("failed", "The token may not register webhooks.");
    const ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    const why = "/organizations/acme/packages/acme/blog/why?version=2.0.0";
    const seen = await ann.read(why);
    expect(seen).toContain("See its webhook");
    expect(seen).toContain('action="/organizations/acme/repositories/blog/syncs"');
    const mia = await signedIn(world, "mia", { roles: { acme: "member" } });
    const shown = (await mia.read(why)).split('id="why"')[1] ?? "";
    expect(shown).toContain("ask an admin for a sync");
    expect(shown).not.toContain("Sync now");
  });

  test("asks with a token of the organization or of one's own, and no other", async () => {
    await world.token(acme, ["acme/shop*"]);
    const ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    const why = "/organizations/acme/packages/acme/blog/why?version=1.0.0";
    const page = await ann.read(why);
    const id = /<option value="([0-9a-f-]{36})">test<\/option>/.exec(page)?.[1] ?? "";
    expect(await ann.read(`${why}&token=${id}`)).toContain("is limited to acme/shop*");
    const mia = await signedIn(world, "mia", { roles: { acme: "member" } });
    const foreign = await mia.read(`${why}&token=${id}`);
    expect(foreign).not.toContain("is limited to acme/shop* and does not see");
    expect(foreign).not.toContain('name="token"');
  });
});
