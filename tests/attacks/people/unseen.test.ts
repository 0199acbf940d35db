// Characters that nobody sees: refused where names come in, written out wherever text is printed.
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createLog } from "../../../src/log.ts";
import { printable } from "../../../src/printable.ts";
import { inMail, queueMail } from "../../../src/registry/mail.ts";
import { publishRoot } from "../../../src/registry/packages/publish.ts";
import { startSession } from "../../../src/registry/accounts/sessions.ts";
import { invite } from "../../../src/registry/organizations/invitations.ts";
import { getOrganization, updateOrganization } from "../../../src/store/organizations/organizations.ts";
import { listUsers } from "../../../src/store/accounts/users.ts";
import { databaseBeside } from "../database-beside.ts";
import { makePerson, password, signedIn, type Visitor } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { mailsTo } from "../../tools/mails.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let ann: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  await world.organization("acme");
});
afterAll(() => world?.close());
beforeEach(async () => {
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
});

/** An escape, line breaks, a C1 control, turned text, what has no width, half a character, and what ends lines. */
const unseen = [
  "\u0000",
  "\u0007",
  "\u001b[2J",
  "a\r\nb",
  "a\tb",
  "\u007f",
  "\u009b31m",
  "\u00ad",
  "\u200b",
  "\u200d",
  "\u202e",
  "\u2028",
  "\u2066",
  "a\ufeffb",
  "\u{e0041}",
];
const text = (each: string) => `x${each}y`;

const acme = "/organizations/acme";
const doors: Record<string, (name: string) => Promise<Response>> = {
  "a person's name": (name) => ann.post("/account", { name }),
  "an organization's name": (name) => ann.post("/organizations", { name, slug: "other" }),
  "an organization's new name": (name) => ann.post(`${acme}/settings`, { name, notice: "" }),
  "the notice that Composer prints": (notice) => ann.post(`${acme}/settings`, { name: "acme", notice }),
  "a token": (name) => ann.post(`${acme}/settings/tokens`, { name, expires: "90", date: "", packages: "" }),
  "a personal token": (name) => ann.post("/account/tokens", { name, expires: "90", date: "", packages: "" }),
  "a credential": (name) =>
    ann.post(`${acme}/settings/credentials`, { name, host: "git.test", username: "u", password: "p" }),
  "a credential's user": (username) =>
    ann.post(`${acme}/settings/credentials`, { name: "n", host: "git.test", username, password: "p" }),
  "an SSH key": (name) => ann.post(`${acme}/settings/ssh-keys`, { name }),
  "a vendor": (vendor) => ann.post(`${acme}/settings/vendors`, { vendor }),
  "an invited address": (name) =>
    ann.post(`${acme}/settings/members/invitations`, { email: `${name}@acme.test`, role: "member" }),
  "an address": (name) => ann.post("/account/email", { email: `${name}@acme.test` }),
  "a repository": (name) =>
    ann.post(`${acme}/start`, { url: `https://git.test/${name}.git`, username: "", password: "" }),
};

for (const [what, send] of Object.entries(doors))
  test(`FA11: ${what} with a character that nobody sees is refused`, async () => {
    for (const each of unseen) expect([each, (await send(text(each))).status]).toEqual([each, 422]);
  });

test("FA11: names of people in other writings, and with marks, come in", async () => {
  for (const name of [
    "Søren Ångström",
    "Łukasz Żółć",
    "王小明",
    "Ольга",
    "नमिता",
    "Ann O’Brien (she/her) 🎉",
  ])
    expect([name, (await ann.post("/account", { name })).status]).toEqual([name, 303]);
});

test("FA11: the refusal names the character", async () => {
  const answer = await ann.post("/account", { name: "Ann\u202eeve" });
  expect(await answer.text()).toContain("U+202E");
});

test("FA11: lines of the log are one line each, and those of JSON stay JSON", () => {
  for (const each of unseen) {
    const lines: string[] = [];
    for (const format of ["text", "json"] as const)
      createLog({ level: "info", format, write: (line) => lines.push(line) }).warn("test.line", {
        name: text(each),
        [text(each)]: 1,
      });
    expect(lines.filter((line) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line))).toEqual([]);
    expect((JSON.parse(lines[1] ?? "") as { name: string }).name).toBe(text(each));
  }
});

test("FA11: what is printed is written out, once, and the rest stays", () => {
  expect(printable("Ann 🎉 é\u001b[2J\u202e\u{e0041}\n")).toBe(
    "Ann 🎉 é\\u001b[2J\\u202e\\udb40\\udc41\\u000a",
  );
});

test("FA11: a mail about an old row with such a name goes out, on one line of its header", async () => {
  const { app } = world;
  const by = await makePerson(world, "ann");
  const old = await world.organization("old");
  await updateOrganization(app.db, old.id, { name: "Old\r\nBcc: all@evil.test\u001b" });
  const organization = await getOrganization(app.db, "old");
  await invite(app, { organization, by, client: "" }, { email: "guest@acme.test", role: "member" });
  const name = "Ann\r\nBcc: all@evil.test";
  await app.db.transaction((db) =>
    queueMail(app, db, {
      to: "guest2@acme.test",
      subject: `From ${inMail(name)}`,
      text: `${name}\u001b[2J\n\nBye`,
    }),
  );
  for (const address of ["guest@acme.test", "guest2@acme.test"]) {
    const [mail] = await mailsTo(app, address);
    expect(mail?.subject).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(mail?.text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});

test("FA11: the notice of an old row reaches Composer's terminal written out", async () => {
  const { app } = world;
  const organization = await world.organization("noticed");
  const changed = { ...organization, notice: "Hello\u001b[2J\u202e\nsecond line" };
  await app.db.transaction((db) => publishRoot(app, db, changed));
  const answer = await world.get("/noticed/packages.json", await world.token(organization));
  const { infos } = (await answer.json()) as { infos: { message: string }[] };
  expect(infos[0]?.message).toBe("Hello\\u001b[2J\\u202e\\u000asecond line");
});

test("FA11: what a browser says of itself is kept without them", async () => {
  const user = await makePerson(world, "ann");
  const browser = { address: "192.0.2.1", userAgent: "Evil\u001b[2J\u202e/1\r\n0" };
  const { session } = await startSession(world.app, { user, browser, isRemembered: false });
  expect(session.user_agent).toBe("Evil [2J /1 0");
});

test("FA11: the built command refuses them, and prints old rows on one line each, as text and as JSON", async () => {
  const operator = await openWorld({ in: "shell" });
  try {
    const create = (name: string, email: string) =>
      operator.run(["user", "create", "--email", email, "--name", name, "--password-stdin"], {
        stdin: `${password("ann")}\n`,
      });
    expect((await create("Ann", "ann@acme.test")).code).toBe(0);
    for (const each of unseen.filter((one) => !one.includes("\u0000"))) {
      const refused = await create(text(each), "eve@acme.test");
      expect([each, refused.code]).toEqual([each, 1]);
      for (const args of [
        ["org", "create", "evil", "--name", text(each)],
        ["token", "create", "--user", "ann@acme.test", "--name", text(each)],
      ])
        expect([each, (await operator.run(args)).code]).toEqual([each, 1]);
    }
    using database = databaseBeside(operator.dataDir);
    const forged = "Ann\nroot@acme.test  Root  yes\u001b[2J\u202e\u009b";
    database.run("update users set name = ?", [forged]);
    database.close();
    const list = await operator.run(["user", "list"]);
    expect(list.stdout.trimEnd().split("\n")).toHaveLength(2);
    const json = await operator.run(["user", "list", "--json"]);
    for (const { stdout, stderr } of [list, json])
      expect(`${stdout}${stderr}`.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect((JSON.parse(json.stdout) as { name: string }[])[0]?.name).toBe(forged);
  } finally {
    await operator.close();
  }
}, 120_000);

test("FA11: none of them is in a name that was taken", async () => {
  const users = await listUsers(world.app.db);
  expect(users.filter(({ name }) => /[\p{Cc}\p{Cf}]/u.test(name))).toEqual([]);
});
