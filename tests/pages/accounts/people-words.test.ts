// What the pages of accounts promise, and whether it is so.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { relative } from "../../../templates/parts/time.tsx";
import { setupLink } from "../../../src/registry/accounts/setup.ts";
import { setUpApp } from "./code-app.ts";
import { password, signedIn, visitor } from "../visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;

beforeEach(async () => {
  world = await openWorld({ in: "process", environment: { SIGN_UP_ENABLED: "true" } });
});
afterEach(() => world?.close());

const members = "/organizations/acme/settings/members";
const noMail = "No mail server is set up";
const promises =
  /link is on its way|we sent|we emailed|we'll email|we will email|check your (email|spam)|goes by mail|goes there too/i;

async function invitePages(of: TestApp): Promise<string[]> {
  await of.organization("acme");
  const ann = await signedIn(of, "ann", { roles: { acme: "owner" } });
  const people = visitor(of);
  const texts = [
    await people.read("/reset-password"),
    await (await people.post("/reset-password", { email: "ann@acme.test" })).text(),
    await (await people.post("/reset-password", { email: "nobody@acme.test" })).text(),
    await people.read("/sign-up"),
    await (
      await people.post("/sign-up", { name: "Zoe", email: "zoe@acme.test", password: password("zoe") })
    ).text(),
    await ann.read("/account"),
    await ann.read(`${members}/invite`),
  ];
  const invited = await ann.post(`${members}/invitations`, { email: "ben@acme.test", role: "member" });
  texts.push(await ann.read(invited.headers.get("location") ?? ""));
  for (const [path, form] of [
    ["/account/email", { email: "new@acme.test" }],
    ["/account/verification", {}],
  ] as const) {
    await ann.post(path, form);
    texts.push(await ann.read("/account"));
  }
  return texts.map((text) => text.replaceAll("&#39;", "'").replaceAll("&#x27;", "'"));
}

test("FU12: no page promises mail where none is sent, and each says who has the link", async () => {
  for (const text of await invitePages(world)) {
    expect(text).toContain(noMail);
    expect(text).not.toMatch(promises);
  }
});

test("FU12: where a mail server is set up, the pages say that it was sent", async () => {
  const sending = await openWorld({
    in: "process",
    environment: {
      SIGN_UP_ENABLED: "true",
      MAIL_MAILER: "smtp",
      MAIL_HOST: "localhost",
      MAIL_FROM_ADDRESS: "p@acme.test",
    },
    mail: { send: async () => "sent", check: async () => {} },
  });
  try {
    for (const text of await invitePages(sending)) expect(text).not.toContain(noMail);
  } finally {
    await sending.close();
  }
});

test("FU35: a form that is sent after the session has ended leads to sign-in, which says so, and back to its page", async () => {
  await world.organization("acme");
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const page = `${world.app.config.appUrl}/organizations/acme/settings/tokens/new`;
  ann.cookies.clear();
  const form = { name: "ci", expires: "90", date: "", packages: "" };
  const answer = await ann.post("/organizations/acme/settings/tokens", form, { Referer: page });
  const place = answer.headers.get("location") ?? "";
  expect([answer.status, place]).toEqual([
    303,
    "/sign-in?next=%2Forganizations%2Facme%2Fsettings%2Ftokens%2Fnew&ended=1",
  ]);
  expect(await ann.read(place)).toContain("You were signed out. Sign in to continue.");
  const back = await ann.post("/sign-in", {
    email: "ann@acme.test",
    password: password("ann"),
    next: "/organizations/acme/settings/tokens/new",
  });
  expect(back.headers.get("location")).toBe("/organizations/acme/settings/tokens/new");
  // Whoever just opens a page is not told so.
  const visit = await visitor(world).get("/account");
  expect(visit.headers.get("location")).toBe("/sign-in?next=%2Faccount");
  expect(await visitor(world).read("/sign-in")).not.toContain("You were signed out");
});

test("FU36: a token's form asks for a date only when one is chosen, and refuses a name that is in use", async () => {
  await world.organization("acme");
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  for (const tokens of ["/organizations/acme/settings/tokens", "/account/tokens"]) {
    const form = { name: "ci", expires: "90", date: "", packages: "" };
    expect(await ann.read(`${tokens}/new`)).toMatch(/<div class="only-on-date"><div class="field">/);
    expect((await ann.post(tokens, form)).status).toBe(303);
    const again = await ann.post(tokens, { ...form, name: " CI " });
    expect(again.status).toBe(409);
    expect(await again.text()).toContain("There is already a token named ci.");
    const [, id = ""] = /tokens\/([\w-]+)\/revoke/.exec(await ann.read(tokens)) ?? [];
    await ann.post(`${tokens}/${id}/revoke`);
    expect((await ann.post(tokens, form)).status).toBe(303);
    world.tick(91 * 86_400_000);
    Object.assign(ann, await signedIn(world, "ann"));
    expect((await ann.post(tokens, form)).status).toBe(303);
  }
});

test("FU38: a user who confirms with a wrong password reads of the password alone, in the frame of the organization", async () => {
  await world.organization("acme");
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const next = "/organizations/acme/settings/tokens/new";
  const wrong = await ann.post("/confirm", { password: "wrong", next });
  const text = await wrong.text();
  expect(wrong.status).toBe(422);
  expect(text).toContain("The password is wrong.");
  expect(text).not.toContain("The address or");
  for (const page of [text, await ann.read(`/confirm?next=${encodeURIComponent(next)}`)]) {
    expect(page).toContain('<body class="framed">');
    expect(page).toContain("/organizations/acme/packages");
  }
  // Of an organization that is not theirs the frame shows nothing.
  await world.organization("other");
  expect(await ann.read("/confirm?next=/organizations/other/settings")).not.toContain(
    "/organizations/other/p",
  );
});

test("FU39: what ends in seven days ends in 7 days a second later, too", () => {
  const now = Date.parse("2026-03-01T09:00:00Z");
  const hour = 3_600_000;
  expect(relative(now + 7 * 24 * hour - 1000, now)).toBe("in 7 days");
  expect(relative(now + 24 * hour - 1000, now)).toBe("tomorrow");
  expect(relative(now + hour - 1000, now)).toBe("in 1 h");
  expect(relative(now - 7 * 24 * hour + 1000, now)).toBe("6 days ago");
});

test("FU39: the person who looks is active now, an address is not praised, and first codes replace none", async () => {
  await world.organization("acme");
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  world.tick(5 * 60_000);
  await ann.get("/organizations/acme");
  world.tick(41_000);
  const list = await ann.read(members);
  expect(list).toContain("Last active");
  expect(list).not.toMatch(/4\d s ago/);
  const link = await setupLink(await freshApp());
  const admin = visitor(fresh);
  await admin.post(new URL(link ?? "").pathname, {
    name: "Ida",
    email: "ida@acme.test",
    password: password("ida"),
  });
  expect(await admin.read("/account")).not.toMatch(/[^t] verified|>Verified/i);
  await fresh.close();
  await setUpCodes();
});

let fresh: TestApp;
async function freshApp() {
  fresh = await openWorld({ in: "process" });
  return fresh.app;
}

async function setUpCodes(): Promise<void> {
  const ann = await signedIn(world, "ann");
  const seen: string[] = [];
  async function read(path: string): Promise<string> {
    const text = await ann.read(path);
    if (path.endsWith("recovery-codes")) seen.push(text);
    return text;
  }
  await setUpApp(world, { ...ann, read });
  expect(seen[0]).toContain("Ten codes");
  expect(seen[0]).not.toContain("Earlier codes");
  await ann.post("/account/security/recovery-codes");
  expect(await ann.read("/account/security/recovery-codes")).toContain("Earlier codes no longer work.");
}

test("before the first account every way in says where the setup link is, and afterwards nothing of it", async () => {
  for (const path of ["/", "/sign-in", "/organizations"]) {
    const text = await visitor(world).read(path);
    expect(text).toContain("This registry has no account yet");
    expect(text).toContain("journalctl -u pricore");
    expect(text).not.toContain("Forgot your password?");
  }
  await signedIn(world, "ann");
  expect(await visitor(world).read("/")).toContain("Forgot your password?");
  expect(await visitor(world).read("/")).not.toContain("journalctl");
});
