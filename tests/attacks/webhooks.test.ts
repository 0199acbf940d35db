// Rows W1–W4, W6, W8 and W9 of the list of attacks: what is sent to the addresses that forges call.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { refusedKept } from "../../src/registry/webhooks/receive.ts";
import type { GitHostName } from "../../src/forges/forge.ts";
import { openListening, type Listening } from "../webhooks/listening.ts";
import { forgeriesOf, proofOf, recordedAs } from "../webhooks/recorded.ts";

let here: Listening;
beforeEach(async () => void (here = await openListening()));
afterEach(() => here.world.close());

const pushed = recordedAs("git-push");
const nobodys = "01900000-0000-7000-8000-000000000000";
const day = 86_400_000;

/** What a stranger can learn of an answer. */
async function seen(response: Promise<Response>): Promise<string> {
  const { status, headers } = await response;
  const { date: _, ...stable } = Object.fromEntries(headers) as Record<string, string>;
  return JSON.stringify([status, stable, await (await response).text()]);
}

test("W1: a delivery without a proof, or with a forged one, gets 401 and leads to nothing", async () => {
  const answers = new Set<string>();
  for (const name of ["github-push", "gitlab-push", "bitbucket-push", "gitea-push", "git-push"]) {
    const { forge, headers, body } = recordedAs(name);
    await here.becomes(forge);
    for (const forgery of forgeriesOf(forge, { secret: here.secret, other: here.shop.secret, body })) {
      here.world.tick(5000);
      const sent = here.post(
        `/webhooks/${forge}/${here.id}`,
        { ...headers, ...forgery.headers },
        forgery.body,
      );
      answers.add(await seen(sent));
    }
    expect((await here.send(recordedAs(name))).status).toBe(202);
  }
  expect([...answers]).toHaveLength(1);
  expect([...answers][0]).toStartWith("[401,");
  const verdicts = (await here.deliveries()).map(({ verdict }) => verdict);
  expect(verdicts.filter((verdict) => verdict === "accepted")).toHaveLength(5);
  expect(new Set(verdicts)).toEqual(new Set(["accepted", "refused"]));
  expect(here.logged("webhook.bad_sig").length).toBeGreaterThan(50);
  expect(here.world.log.join("\n")).not.toContain(here.secret);
});

test("W2: another repository's proof, an unknown repository, one without a webhook and a wrong forge look the same", async () => {
  const { app } = here.world;
  const bare = await here.world.mirror(here.acme, "acme/bare", [{ manifest: { name: "acme/bare" } }]);
  const without = (await bare.row()).id;
  const answers = new Set<string>();
  for (const [to, secret] of [
    [`/webhooks/git/${here.id}`, here.shop.secret],
    [`/webhooks/git/${here.shop.id}`, here.secret],
    [`/webhooks/git/${nobodys}`, here.secret],
    [`/webhooks/git/${without}`, here.secret],
    [`/webhooks/git/nonsense`, here.secret],
    [`/webhooks/github/${here.id}`, here.secret],
    [`/webhooks/svn/${here.id}`, here.secret],
  ] as const)
    answers.add(await seen(here.send(pushed, { to, secret })));
  expect([...answers]).toHaveLength(1);
  expect([...answers][0]).toStartWith("[401,");
  expect((await app.jobs.stats()).waiting).toBe(0);
  expect(
    (await here.send(pushed, { to: `/webhooks/git/${here.shop.id}`, secret: here.shop.secret })).status,
  ).toBe(202);
});

test("W2: the same forgeries at an unknown repository are limited as soon as at a known one", async () => {
  const statuses = async (id: string) => {
    const found: number[] = [];
    for (let count = 0; count < 62; count++)
      found.push((await here.post(`/webhooks/git/${id}`, {}, "{}")).status);
    return found;
  };
  const known = await statuses(here.id);
  expect(await statuses(nobodys)).toEqual(known);
  expect(known).toEqual([...Array.from({ length: 60 }, () => 401), 429, 429]);
});

test("W3: a delivery that comes again is acknowledged as a duplicate and leads to no second job", async () => {
  const { app } = here.world;
  expect((await here.send(pushed)).status).toBe(202);
  await here.blog.sync();
  const before = await app.jobs.stats();
  for (const later of [0, 3 * day, 26 * day]) {
    here.world.tick(later);
    const again = await here.send(pushed);
    expect([again.status, await again.json()]).toEqual([202, { message: "duplicate" }]);
  }
  expect(await app.jobs.stats()).toEqual(before);
  expect(await here.deliveries()).toMatchObject([{ repeats: 3 }]);
  expect(here.logged("webhook.duplicate")).toHaveLength(3);
  expect((await here.send(pushed, { id: "another" })).status).toBe(202);
});

test("W3: who cannot prove a delivery cannot take its id", async () => {
  await here.post(`/webhooks/git/${here.id}`, pushed.headers, pushed.body);
  expect(await (await here.send(pushed)).json()).toEqual({ message: "Sync queued." });
});

test("W4: a flood of unsigned deliveries leaves a bounded trace and keeps no signed one out", async () => {
  for (let count = 0; count < 200; count++) await here.post(`/webhooks/git/${here.id}`, {}, "{}");
  expect(await here.deliveries()).toHaveLength(refusedKept);
  expect(here.logged("webhook.bad_sig")).toHaveLength(60);
  const flooded = await here.post(`/webhooks/git/${here.id}`, {}, "{}");
  expect([flooded.status, flooded.headers.get("Retry-After")]).toEqual([429, "60"]);
  expect((await here.send(pushed)).status).toBe(202);
  here.world.tick(60_000);
  expect((await here.post(`/webhooks/git/${here.id}`, {}, "{}")).status).toBe(401);
});

test("FA14: forgeries at made-up repositories are limited by network, and signed ones are accepted", async () => {
  const statuses: Record<number, number> = {};
  for (let count = 0; count < 3000; count++) {
    const { status } = await here.post(`/webhooks/git/${crypto.randomUUID()}`, {}, "{}");
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  expect(statuses).toEqual({ 401: 300, 429: 2700 });
  const lines = here.logged("webhook.bad_sig");
  expect(lines.length).toBeLessThanOrEqual(60);
  expect(JSON.stringify(lines[0])).toContain("127.0.0.1");
  expect((await here.send(pushed)).status).toBe(202);
});

test("W6: a fault of ours is 503 with a time to come again, never a refusal", async () => {
  const { app } = here.world;
  const { transaction } = app.db;
  app.db.transaction = () => Promise.reject(new Error("The disk is full."));
  const failed = await here.send(pushed);
  expect([failed.status, failed.headers.get("Retry-After")]).toEqual([503, "60"]);
  expect(await failed.text()).not.toContain("disk");
  app.db.transaction = transaction;
  expect((await here.send(pushed)).status).toBe(202);
});

test("W8: a secret in the address is refused, right or wrong, and never logged", async () => {
  for (const query of [`token=${here.secret}`, "token=wrong", `secret=${here.secret}`]) {
    const to = `/webhooks/git/${here.id}?${query}`;
    const bare = await here.post(to, {}, "{}");
    expect(bare.status).toBe(400);
    expect(((await bare.json()) as { message: string }).message).toContain("X-Webhook-Token");
    expect((await here.send(pushed, { to })).status).toBe(400);
  }
  expect(here.logged("token.in_url").length).toBeGreaterThan(0);
  expect(here.world.log.join("\n")).not.toContain(here.secret);
  const header = { "X-Webhook-Token": here.secret };
  expect((await here.post(`/webhooks/git/${here.id}`, header, "")).status).toBe(202);
});

test("W9: after a rotation the old secret counts for 24 hours beside the new one", async () => {
  const next = await here.rotate();
  let count = 0;
  const status = async (secret: string) =>
    (await here.send(pushed, { secret, id: `push-${count++}` })).status;
  expect([await status(here.secret), await status(next)]).toEqual([202, 202]);
  here.world.tick(day - 1);
  expect([await status(here.secret), await status(next)]).toEqual([202, 202]);
  here.world.tick(1);
  expect([await status(here.secret), await status(next)]).toEqual([401, 202]);
  const third = await here.rotate();
  expect([await status(here.secret), await status(next), await status(third)]).toEqual([401, 202, 202]);
});

test("K4: the secret of a webhook stands in no row and no log as it is", async () => {
  const next = await here.rotate();
  await here.becomes("gitlab" satisfies GitHostName);
  await here.send(recordedAs("gitlab-push"));
  const { body } = pushed;
  await here.post(`/webhooks/gitlab/${here.id}`, proofOf("gitlab", `${next}x`, body), body);
  const rows = await here.world.app.db.read.selectFrom("webhooks").selectAll().execute();
  const everything = JSON.stringify([rows, await here.deliveries(), here.world.log]);
  for (const secret of [here.secret, next]) {
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(secret.replace("whsec_", ""));
  }
});
