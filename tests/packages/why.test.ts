// What a webhook did for a version: each of its steps once as the broken one, and beside a version that polling found.
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { remedyText } from "../../src/cli/remedies.ts";
import { explain, type Step } from "../../src/registry/why/why.ts";
import { addDelivery, type NewDelivery } from "../../src/store/webhooks/deliveries.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import type { WebhookRow } from "../../src/store/schema.ts";
import { bodyOf } from "../../src/registry/mail.ts";
import { listDueMails } from "../../src/store/mails.ts";
import { putWebhook } from "../../src/store/webhooks/webhooks.ts";
import { signedIn } from "../pages/visitor.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

const minute = 60_000;
let world: TestApp;
let acme: Organization;
let blog: Mirrored;

beforeEach(async () => {
  world = await openWorld({ in: "process", environment: { SYNC_INTERVAL: "15m" } });
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

/** With the words of a command line. */
const worded = (step: Step) => ({
  ...step,
  remedy: remedyText(step, world.app.config.appUrl),
  act: step.action?.do ?? null,
});
type Worded = ReturnType<typeof worded>;

async function steps(version: string): Promise<Record<Step["step"], Worded>> {
  const explained = await explain(world.app, acme, { name: "acme/blog", version });
  const byName = explained.steps.map((step) => [step.step, worded(step)]);
  return Object.fromEntries(byName) as Record<Step["step"], Worded>;
}

const page = () => `${world.app.config.appUrl}/organizations/acme/repositories/blog/webhook`;

describe("of a version that nobody has seen", () => {
  test("a webhook that the forge refuses is what is broken, and where to repair it is said", async () => {
    await webhook("failed", "The token may not register webhooks");
    const { webhook: found, ref } = await steps("2.0.0");
    expect(found).toMatchObject({
      state: "failed",
      detail: "The Git host rejected it: The token may not register webhooks.",
      remedy: `Repair the webhook. See its webhook: ${page()}`,
      act: "check-webhook",
    });
    expect(ref).toMatchObject({ state: "failed", act: "sync" });
  });

  test("one that is gone at the forge is, too, and one that is not there yet is waited for", async () => {
    await webhook("missing", "It was deleted at github.com.");
    expect((await steps("2.0.0")).webhook).toMatchObject({
      state: "failed",
      detail: "The Git host no longer has it: It was deleted at github.com.",
    });
    await webhook("waiting");
    expect((await steps("2.0.0")).webhook.state).toBe("waiting");
  });

  test("a delivery that has not come is waited for", async () => {
    await webhook("active");
    expect((await steps("2.0.0")).delivery).toMatchObject({
      state: "waiting",
      detail: "No verified delivery arrived in the last 30 days. Polling finds a push within 15 minutes.",
      act: "sync",
    });
    await delivery(["refs/tags/v1.0.0"]);
    const { delivery: found, signature } = await steps("2.0.0");
    expect(found.state).toBe("waiting");
    expect(found.detail).toStartWith("The last one arrived at 2026-03-01 09:01 UTC and did not mention it.");
    expect(signature.state).toBe("ok");
  });

  test("a delivery whose signature was wrong is what is broken", async () => {
    await webhook("active");
    await delivery([], { verdict: "refused", reason: "Signature did not match", forge_id: null });
    const { delivery: found, signature } = await steps("2.0.0");
    expect(found).toMatchObject({
      state: "ok",
      detail: "A request arrived at 2026-03-01 09:01 UTC; it could not be verified.",
    });
    expect(signature).toMatchObject({
      state: "failed",
      detail: "1 request could not be verified, the last at 2026-03-01 09:01 UTC: Signature did not match.",
      remedy: `Enter the webhook's secret at the Git host again. See its webhook: ${page()}`,
      act: "check-webhook",
    });
  });

  test("a push that came and whose sync is still to come is waited for at the ref", async () => {
    await webhook("active");
    await delivery(["refs/tags/v2.0.0"]);
    const { delivery: found, ref, manifest } = await steps("2.0.0");
    expect(found).toMatchObject({ state: "ok", detail: "The push arrived at 2026-03-01 09:01 UTC." });
    expect(ref).toMatchObject({ state: "waiting", act: "sync" });
    expect(ref.detail).toContain("Its sync has not run yet");
    expect(manifest as unknown).toBeUndefined();
  });
});

describe("of a version that polling has found", () => {
  test.each([
    ["failed", null, /^The Git host rejected it\. Polling found the tag or branch anyway\.$/],
    ["missing", "It was turned off.", /^The Git host no longer has it: It was turned off\. Polling found/],
  ] as const)("a webhook that is %s is reported and was not needed", async (state, error, words) => {
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
      detail: "No verified delivery arrived in the last 30 days. Polling found the tag or branch.",
      remedy: null,
    });
    expect(signature as unknown).toBeUndefined();
    await delivery([], { verdict: "refused", reason: "Signature did not match", forge_id: null });
    expect((await steps("1.0.0")).signature).toMatchObject({ state: "unknown", remedy: null });
  });

  test("a repository without a webhook needs none", async () => {
    const { webhook: found, delivery: came, signature } = await steps("1.0.0");
    expect([found, came, signature] as unknown[]).toEqual([undefined, undefined, undefined]);
  });
});

test("a version that its webhook announced is good at every step", async () => {
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

test("FW2: a tag that was deleted and pushed again elsewhere names the commit that was published", async () => {
  const first = await blog.git.reference("v1.0.0");
  await blog.git.git("tag", "-d", "v1.0.0");
  await blog.sync({ confirmRemovals: true });
  await blog.git.commit({ manifest: { name: "acme/blog" }, files: { a: "b" }, tags: ["v1.0.0"] });
  await blog.sync();
  expect((await steps("1.0.0")).ref.detail).toContain(`published from ${first.slice(0, 7)}.`);
});

test("FW2: a version is found by the name of its tag or branch, which need not be its own", async () => {
  await blog.git.commit(
    { manifest: { name: "acme/blog" }, files: { a: "1" }, tags: ["release-1.2.0"] },
    { manifest: { name: "acme/blog" }, branch: "feat#1" },
  );
  await blog.sync();
  const answer = async (version: string) =>
    (await explain(world.app, acme, { name: "acme/blog", version })).answer;
  expect(await answer("release-1.2.0")).toStartWith("1.2.0 is installable");
  expect(await answer("dev-feat#1")).toStartWith("dev-feat+1 is installable");
  expect(await answer("feat#1")).toStartWith("dev-feat+1 is installable");
});

test("FW4: a branch that nobody pushed is not asked for as a tag", async () => {
  expect((await steps("dev-nothing")).ref.remedy).toStartWith("Push the branch");
  expect((await steps("9.0.0")).ref.remedy).toStartWith("Push the tag");
});

test("FW4: a repository without a valid composer.json gets no advice to sync again", async () => {
  const steps = [{ manifest: '{"name":"acme/torn",', tags: ["1.0.0"] }];
  await (await world.mirror(acme, "torn", steps)).sync();
  const explained = await explain(world.app, acme, { name: "acme/torn", version: "1.0.0" });
  const [repository] = explained.steps.filter(({ step }) => step === "repository").map(worded);
  expect([repository?.state, repository?.remedy, repository?.act]).toEqual([
    "failed",
    "Fix it in the repository and push; the next sync reads it.",
    null,
  ]);
});

test("FW4: a branch with a name that nobody can require gets no advice to tag a version", async () => {
  await blog.git.commit({ manifest: { name: "acme/blog" }, branch: "a|b" });
  await blog.sync();
  expect((await steps("dev-a|b")).manifest).toMatchObject({
    state: "failed",
    remedy: "Fix or rename the branch, and sync.",
  });
});

test("a tag whose name is not a version stops at the tag, before its composer.json", async () => {
  await blog.git.commit({ manifest: { name: "acme/blog" }, tags: ["nightly"] });
  await blog.sync();
  const explained = await explain(world.app, acme, { name: "acme/blog", version: "nightly" });
  expect(explained.steps.at(-1)).toMatchObject({
    step: "ref",
    state: "failed",
    advice: "Tag releases with names such as 1.2.3.",
  });
  expect(explained.answer).toContain("nightly is not installable: the tag name is not a version");
});

test("FW3: requests that prove nothing are counted beside deliveries and never hide them", async () => {
  await webhook("active");
  await delivery(["refs/tags/v2.0.0"]);
  const strangers = { verdict: "refused", reason: "Signature did not match", forge_id: null } as const;
  await delivery([], strangers);
  await delivery([], strangers);
  const unseen = await steps("2.0.0");
  expect(unseen.delivery).toMatchObject({
    state: "ok",
    detail: "The push arrived at 2026-03-01 09:01 UTC. 2 requests since then could not be verified.",
  });
  expect(unseen.signature).toMatchObject({ state: "ok", remedy: null });
  const seen = await steps("1.0.0");
  expect(seen.delivery.detail).toContain("2 requests since then could not be verified");
  expect(seen.signature.state).toBe("ok");
});

describe("the answer", () => {
  const explained = (version: string | null, name = "acme/blog") =>
    explain(world.app, acme, { name, version });

  test("FW1: is about the package of the question, whatever other repositories hold", async () => {
    const mailer = await world.mirror(acme, "mailer", [
      { manifest: { name: "acme/mailer" }, tags: ["v1.0.0"] },
    ]);
    await mailer.sync();
    const twin = await world.mirror(acme, "twin", [{ manifest: { name: "acme/blog" }, tags: ["v9.0.0"] }]);
    await twin.sync();
    const { answer, installable, steps } = await explained("v9", "acme/mailer");
    expect(installable).toBe(false);
    expect(answer).toStartWith('v9 is not installable. No tag or branch of "mailer" gives version v9');
    expect(JSON.stringify(steps)).not.toContain("acme/blog");
    expect((await explained("v9.0.0")).answer).toContain('acme/blog is published by the repository "blog"');
  });

  test("FW2: of a moved tag is that it is installable as it was published", async () => {
    const released = await blog.git.reference("v1.0.0");
    await blog.git.commit({ manifest: { name: "acme/blog", description: "moved" } });
    await blog.git.git("tag", "--force", "v1.0.0", "main");
    const moved = await blog.git.reference("v1.0.0");
    await blog.sync();
    const { answer, installable, steps } = await explained("v1.0.0");
    expect(installable).toBe(true);
    expect(answer).toBe(
      `v1.0.0 is installable at ${released.slice(0, 7)}; the tag was later moved to ${moved.slice(0, 7)}, which is ignored.`,
    );
    expect(steps.map(({ step, state }) => [step, state])).toEqual([
      ["repository", "ok"],
      ["ref", "ok"],
      ["manifest", "ok"],
      ["archive", "ok"],
      ["published", "ok"],
      ["visible", "ok"],
    ]);
  });

  test("FW5: a moved tag is shown on its pages with both commits, and mailed once to owners and admins", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    await signedIn(world, "mia", { roles: { acme: "member" } });
    const released = (await blog.git.reference("v1.0.0")).slice(0, 7);
    await blog.git.commit({ manifest: { name: "acme/blog", description: "moved" } });
    await blog.git.git("tag", "--force", "v1.0.0", "main");
    const moved = (await blog.git.reference("v1.0.0")).slice(0, 7);
    await blog.sync();
    await blog.git.commit({ manifest: { name: "acme/blog", description: "more" } });
    await blog.sync();
    const packages = "/organizations/acme/packages/acme/blog";
    for (const page of [packages, `${packages}/versions`, `${packages}/versions/v1.0.0`])
      expect([page, await ann.read(page)]).toEqual([page, expect.stringContaining("tag moved")]);
    const page = await ann.read(`${packages}/versions/v1.0.0`);
    expect(page).toContain(`<code>${released}</code>`);
    expect(page).toContain(`<code>${moved}</code>`);
    // Renaming the package has every ref read anew, the moved one too.
    await blog.git.commit({ manifest: { name: "acme/journal" } });
    await blog.sync();
    const mails = (await listDueMails(world.app.db, world.app.now(), 10)).filter(({ subject }) =>
      subject.includes("moved"),
    );
    expect(mails.map(({ recipient }) => recipient)).toEqual(["ann@acme.test"]);
    expect(mails[0] && bodyOf(world.app, mails[0])).toContain(`already published from ${released}`);
  });

  test("FW2: of what is served is so, while its repository fails or its newest commit is refused", async () => {
    await blog.git.commit({ manifest: "{" });
    await blog.sync();
    const broken = await explained("dev-main");
    expect(broken.answer).toMatch(
      /^dev-main is installable at .{7}; its newest commit .{7} was not published\.$/,
    );
    expect(broken.steps.map(({ step, state }) => `${step} ${state}`)).toContain("manifest failed");
    expect(broken.steps.at(-1)).toMatchObject({ step: "visible", state: "ok" });
    await rm(blog.git.path, { recursive: true });
    await blog.sync();
    const { installable, steps } = await explained("1.0.0");
    expect([installable, steps[0]?.state, steps.at(-1)?.state]).toEqual([true, "failed", "ok"]);
  });

  test("FW4: of a tag that was deleted says when, and what brings the version back", async () => {
    const at = (await blog.git.reference("v1.0.0")).slice(0, 7);
    await blog.git.git("tag", "--delete", "v1.0.0");
    await blog.sync();
    const { answer, steps } = await explained("1.0.0");
    expect(answer).toBe(
      '1.0.0 is not installable. The tag of v1.0.0 is gone from "blog" since 2026-03-01 09:01 UTC, and the version with it.',
    );
    expect(steps.map(worded).at(-1)?.remedy).toStartWith(
      `If that was a mistake, push the tag again at ${at}. Then:`,
    );
  });

  test("FW4: of a default branch that was renamed names the new one", async () => {
    await blog.git.git("branch", "--move", "main", "trunk");
    await blog.git.git("symbolic-ref", "HEAD", "refs/heads/trunk");
    await blog.sync();
    const { answer, steps } = await explained("dev-main");
    expect(answer).toContain('The default branch is "trunk" now.');
    expect(steps.map(worded).at(-1)?.remedy).toBe("Require dev-trunk instead of dev-main.");
  });

  test("FW4: of a commit without composer.json, and of one that contradicts its tag, fits the cause", async () => {
    await blog.git.commit({ manifest: null, tags: ["v2.0.0"] });
    await blog.git.commit({ manifest: { name: "acme/blog", version: "7.0.0" }, tags: ["v3.0.0"] });
    await blog.sync();
    expect((await explained("2.0.0")).steps.map(worded).at(-1)?.remedy).toStartWith("Add a composer.json");
    expect((await explained("3.0.0")).steps.map(worded).at(-1)?.remedy).toStartWith(
      "Remove the version field",
    );
  });
});

describe("the page", () => {
  const answerOn = async (page: string) => {
    const ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    return /<p class="answer[^>]*>.*?<span>(.*?)<\/span>/s.exec(await ann.read(page))?.[1] ?? "";
  };

  test("FU5: answers about its own package when another repository holds a refused tag of that number", async () => {
    await (
      await world.mirror(acme, "mailer", [{ manifest: { name: "acme/mailer" }, tags: ["v1.0.0"] }])
    ).sync();
    await (await world.mirror(acme, "twin", [{ manifest: { name: "acme/blog" }, tags: ["v9.0.0"] }])).sync();
    const answer = await answerOn("/organizations/acme/packages/acme/mailer/why?version=v9");
    expect(answer).toStartWith("v9 is not installable. No tag or branch");
    expect(answer).not.toContain("acme/blog");
  });

  test("FU6: leads with the answer, and shows no step that a served version did not need", async () => {
    await blog.git.commit({ manifest: { name: "acme/blog", description: "moved" } });
    await blog.git.git("tag", "--force", "v1.0.0", "main");
    await blog.sync();
    const page = "/organizations/acme/packages/acme/blog/why?version=v1.0.0";
    expect(await answerOn(page)).toMatch(
      /^v1\.0\.0 is installable at .{7}; the tag was later moved to .{7}, which is ignored\.$/,
    );
    const ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    const shown = await ann.read(page);
    for (const noise of ["Not reached", "not reached", "None is expected", "Delivery"])
      expect(shown).not.toContain(noise);
  });

  test("has for each broken step the button that mends it, and words for those who may not press it", async () => {
    await webhook("failed", "The token may not register webhooks.");
    const ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    const why = "/organizations/acme/packages/acme/blog/why?version=2.0.0";
    const seen = await ann.read(why);
    expect(seen).toContain("See its webhook");
    expect(seen).toContain('action="/organizations/acme/repositories/blog/syncs"');
    const mia = await signedIn(world, "mia", { roles: { acme: "member" } });
    const shown = (await mia.read(why)).split('id="why"')[1] ?? "";
    expect(shown).toContain("ask an admin to sync");
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
