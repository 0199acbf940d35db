// The webhook of a repository, as people see it and what they do with it.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ForgeName } from "../../src/forges/forge.ts";
import { addDelivery } from "../../src/store/webhooks/deliveries.ts";
import { listActivity } from "../../src/store/organizations/activity.ts";
import { findWebhook, updateWebhook } from "../../src/store/webhooks/webhooks.ts";
import { ensureWebhook } from "../../src/registry/webhooks/ensure.ts";
import { removeWebhooks } from "../../src/registry/webhooks/remove.ts";
import { openWorld, type World } from "../worlds/world.ts";
import { openListening, type Listening } from "../webhooks/listening.ts";
import { recordedAs } from "../webhooks/recorded.ts";
import { signedIn, type Visitor } from "./visitor.ts";

const repositories = "/organizations/acme/repositories";

const textOf = (markup: string) =>
  markup
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&#x27;", "'")
    .replaceAll(/\s+/g, " ");
const secretIn = (markup: string) => /whsec_[A-Za-z0-9+/]{43}=/.exec(textOf(markup).replaceAll(" ", ""))?.[0];

describe("by hand", () => {
  let here: Listening;
  let ann: Visitor;
  beforeEach(async () => {
    here = await openListening();
    ann = await signedIn(here.world, "ann", { roles: { acme: "admin" } });
  });
  afterEach(() => here.world.close());

  test("a webhook is set up in two steps: its secret is shown once, and a push with it is taken", async () => {
    const tools = await here.world.mirror(here.acme, "acme/tools", [{ manifest: { name: "acme/tools" } }]);
    const { id } = await tools.row();
    const page = `${repositories}/tools/webhook`;
    expect(await ann.read(`${repositories}/tools`)).toContain("No webhook");
    expect(await ann.read(page)).toContain("Set up webhook");
    expect((await ann.post(page)).status).toBe(303);
    const shown = await ann.read(page);
    const secret = secretIn(shown) ?? "";
    expect(secret).toStartWith("whsec_");
    expect(shown).toContain(`/webhooks/git/${id}`);
    expect(textOf(shown)).toContain(`curl -fsS -X POST -H 'X-Webhook-Token: ${secret}'`);
    const again = await ann.read(page);
    expect(secretIn(again)).toBeUndefined();
    expect(again).toContain("X-Pricore-Signature-256");
    const pushed = await here.post(`/webhooks/git/${id}`, { "X-Webhook-Token": secret }, "");
    expect(pushed.status).toBe(202);
    expect(textOf(await ann.read(`${repositories}/tools`))).toContain("Webhook set up manually");
    const [entry] = await listActivity(here.world.app.db, here.acme.id, 1, { nouns: ["webhook"] });
    expect(entry?.action).toBe("webhook.set_up");
  });

  test("how to enter it is told for each host", async () => {
    for (const [provider, words] of [
      ["github", "Payload URL"],
      ["gitlab", "tag push events"],
      ["bitbucket", "Repository push"],
      ["gitea", "Target URL"],
    ] as const) {
      await here.becomes(provider);
      const page = textOf(await ann.read(`${repositories}/blog/webhook`));
      expect(page).toContain(words);
      expect(page).toContain(`/webhooks/${provider}/${here.id}`);
    }
  });

  test("a new secret takes over, and the page says until when the former one counts", async () => {
    const page = `${repositories}/blog/webhook`;
    expect((await ann.post(`${page}/secret`)).status).toBe(303);
    const shown = await ann.read(page);
    expect(textOf(shown)).toContain("The previous secret works until 2 Mar 2026, 09:0");
    const secret = secretIn(shown) ?? "";
    const pushed = recordedAs("git-push");
    expect((await here.send(pushed, { secret, id: "new" })).status).toBe(202);
    expect((await here.send(pushed, { id: "old" })).status).toBe(202);
    here.world.tick(86_400_000);
    expect(await ann.read(page)).not.toContain("former secret");
  });

  test("what came is listed with what came of it", async () => {
    await here.becomes("github");
    await here.send(recordedAs("github-ping"));
    await here.send(recordedAs("github-push"));
    await here.send(recordedAs("github-push"));
    await here.post(`/webhooks/github/${here.id}`, {}, "{}");
    const waiting = textOf(await ann.read(`${repositories}/blog/webhook`));
    expect(waiting).toContain("rejected 401 signature did not match");
    expect(waiting).toContain("accepted 202 push");
    expect(waiting).toContain("waiting to sync");
    expect(waiting).toContain("sent 1 more time");
    expect(waiting).toContain("accepted 200 ping");
    await here.blog.git.commit({ manifest: { name: "acme/blog" }, tags: ["1.1.0"] });
    await here.blog.sync();
    const synced = textOf(await ann.read(`${repositories}/blog/webhook`));
    expect(synced).toContain("1 added");
    expect(synced).toContain("main");
    const beside = textOf(await ann.read(`${repositories}/blog`));
    expect(beside).toContain("Webhook deliveries All 3");
    expect(beside).toContain("202 push");
  });

  test("many deliveries have pages, and hostile words in them stay words", async () => {
    const { app } = here.world;
    for (let push = 0; push < 60; push++)
      await addDelivery(app.db, {
        organization_id: here.acme.id,
        repository_id: here.id,
        forge_id: `push-${push}`,
        event: "push",
        verdict: "accepted",
        reason: null,
        refs: [`refs/heads/<script>${push}</script>`],
        size_bytes: 10,
        now: app.now(),
      });
    const first = await ann.read(`${repositories}/blog/webhook`);
    const lists = (page: string, push: number) => page.includes(`&lt;script&gt;${push}&lt;/script&gt;`);
    expect([lists(first, 59), lists(first, 3), first.includes("<script>59")]).toEqual([true, false, false]);
    expect(lists(await ann.read(`${repositories}/blog/webhook?page=2`), 3)).toBe(true);
  });

  test("members see how it stands, and neither secrets nor what they may not do", async () => {
    const mia = await signedIn(here.world, "mia", { roles: { acme: "member" } });
    const page = `${repositories}/blog/webhook`;
    const seen = await mia.read(page);
    expect(seen).toContain("Webhook set up manually");
    expect(seen).not.toContain("Create a new secret");
    for (const act of ["", "/secret", "/check", "/remove"])
      expect([act, (await mia.post(page + act)).status]).toEqual([act, 403]);
    expect(await findWebhook(here.world.app.db, here.id)).toMatchObject({ previous_secret: null });
  });

  test("the list of repositories shows how each webhook stands", async () => {
    await updateWebhook(here.world.app.db, here.id, { state: "failed", error: "It was refused." });
    const list = textOf(await ann.read(repositories));
    expect(list).toContain("failed");
    expect(list).toContain("Webhook set up manually");
  });

  test("a webhook that is removed takes nothing any more, and what came stays to be seen", async () => {
    await here.send(recordedAs("git-push"));
    const page = `${repositories}/blog/webhook`;
    expect((await ann.post(`${page}/remove`)).status).toBe(303);
    expect((await here.send(recordedAs("git-push"), { id: "another" })).status).toBe(401);
    const left = textOf(await ann.read(page));
    expect(left).toContain("No webhook");
    expect(left).toContain("202 push");
  });
});

describe("at a forge", () => {
  let world: World<{ forge: ForgeName }>;
  let ann: Visitor;
  const page = `${repositories}/blog/webhook`;
  beforeEach(async () => {
    world = await openWorld({ in: "process", forge: "github" });
    ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  });
  afterEach(() => world.close());
  const keep = () => ensureWebhook(world.app, { repositoryId: world.blog.id });

  test("the page says how it stands, in one word, and offers what helps", async () => {
    const host = new URL(world.forge.origin).host;
    expect(textOf(await ann.read(`${repositories}/blog`))).toContain("Webhook pending");
    await keep();
    const active = textOf(await ann.read(page));
    expect(active).toContain("Webhook active");
    expect(active).toContain("Check now");
    expect(active).not.toContain("Repair");
    world.forge.may.keepWebhooks = false;
    await keep();
    const failed = textOf(await ann.read(page));
    expect(failed).toContain("Webhook failed");
    expect(failed).toContain(`At ${host}, this token is not allowed to manage webhooks`);
    expect(failed).toContain("Polling is off");
    expect(failed).toContain("Repair webhook");
    world.forge.may.keepWebhooks = true;
    expect((await ann.post(page)).status).toBe(303);
    await keep();
    expect(textOf(await ann.read(page))).toContain("Webhook active");
  });

  test("a hook that is gone is shown as missing and put back by a button", async () => {
    await keep();
    await updateWebhook(world.app.db, world.blog.id, { repaired_at: world.app.now() });
    world.hooks().length = 0;
    expect((await ann.post(`${page}/check`)).status).toBe(303);
    await keep();
    const missing = textOf(await ann.read(page));
    expect(missing).toContain("Webhook missing");
    expect(missing).toContain("It was deleted at");
    expect(missing).toContain("Repair webhook");
    await ann.post(page);
    await keep();
    expect(world.hooks()).toHaveLength(1);
  });

  test("the secret is renewed and removed there without being shown", async () => {
    await keep();
    const before = world.hooks()[0]?.secret;
    await ann.post(`${page}/secret`);
    expect(secretIn(await ann.read(page))).toBeUndefined();
    await keep();
    expect(world.hooks()[0]?.secret).not.toBe(before);
    await ann.post(`${page}/remove`);
    await removeWebhooks(world.app);
    expect(world.hooks()).toEqual([]);
  });
});
