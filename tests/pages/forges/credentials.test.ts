import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { listActivity } from "../../../src/store/organizations/activity.ts";
import { listCredentials } from "../../../src/store/repositories/credentials.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { findRepository } from "../../../src/store/repositories/repositories.ts";
import type { TestApp } from "../../worlds/process.ts";
import { countQueries } from "../../tools/queries.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const settings = "/organizations/acme/settings";
const repositories = "/organizations/acme/repositories";

let world: TestApp;
let acme: Organization;
let ann: Visitor;
let ben: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  await world.organization("other");
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  ben = await signedIn(world, "ben", { roles: { acme: "member" } });
});
afterAll(() => world?.close());

const actions = async () => (await listActivity(world.app.db, acme.id, 50)).map(({ action }) => action);
const idOf = async (name: string) =>
  (await listCredentials(world.app.db, acme.id)).find((each) => each.name === name)?.id ?? "";
const robot = { name: "robot", host: "127.0.0.1", username: "robot", password: "s3cret-token" };

describe("credentials", () => {
  test("say what they are for while there are none", async () => {
    expect(await ann.read(`${settings}/credentials`)).toContain("No credentials yet");
    expect(await ann.read(`${settings}/ssh-keys`)).toContain("No SSH keys yet");
  });

  test("are made, listed with what uses them, and never shown", async () => {
    expect((await ann.post(`${settings}/credentials`, robot)).status).toBe(303);
    const stored = await idOf("robot");
    const form = { url: "https://127.0.0.1/acme/blog.git", credential: "stored", stored };
    expect((await ann.post(repositories, form)).status).toBe(303);
    const page = await ann.read(`${settings}/credentials`);
    expect(page).toContain(`href="${repositories}/blog"`);
    expect(page).toContain("127.0.0.1");
    expect(page + world.log.join("\n")).not.toContain("s3cret-token");
    expect(await actions()).toContain("credential.created");
  });

  test("are replaced for all that use them", async () => {
    const id = await idOf("robot");
    expect(await ann.read(`${settings}/credentials/${id}/edit`)).toContain(
      "1 repository will use the new one",
    );
    const form = { name: "robot two", username: "robot", password: "an0ther-token" };
    expect((await ann.post(`${settings}/credentials/${id}/edit`, form)).status).toBe(303);
    const repository = await findRepository(world.app.db, acme.id, "blog");
    const { remoteOf } = await import("../../../src/registry/credentials/remotes.ts");
    const remote = repository ? await remoteOf(world.app, repository) : null;
    expect(remote?.credential).toEqual({ kind: "basic", username: "robot", password: "an0ther-token" });
    expect(await actions()).toContain("credential.replaced");
  });

  test("stay while a repository uses them", async () => {
    const id = await idOf("robot two");
    const refused = await ann.post(`${settings}/credentials/${id}/remove`);
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain("Switch them to another one first");
    await ann.post(`${repositories}/blog/edit`, { name: "blog", credential: "none" });
    expect(await idOf("robot two")).toBe(id);
    expect((await ann.post(`${settings}/credentials/${id}/remove`)).status).toBe(303);
    expect(await idOf("robot two")).toBe("");
    expect(await actions()).toContain("credential.removed");
  });

  const wrong: [string, Record<string, string>, string][] = [
    ["a name", { name: " " }, "a name of up to 100 characters"],
    ["a host", { host: "not a host" }, "like git.example.com"],
    ["a user", { username: "" }, "Enter the user"],
    ["a token", { password: "" }, "Enter a password or token"],
  ];
  for (const [what, change, words] of wrong)
    test(`ask for ${what} beside its field, and keep the rest`, async () => {
      const answer = await ann.post(`${settings}/credentials`, { ...robot, ...change });
      expect(answer.status).toBe(422);
      const text = await answer.text();
      expect(text).toContain(words);
      expect(text).toContain('aria-invalid="true"');
      expect(text).not.toContain("s3cret-token");
    });
});

describe("SSH keys", () => {
  test("are made on the server and show their public half and fingerprint alone", async () => {
    expect((await ann.post(`${settings}/ssh-keys`, { name: "deploy" })).status).toBe(303);
    const page = await ann.read(`${settings}/ssh-keys`);
    expect(page).toMatch(/ssh-ed25519 [A-Za-z0-9+/]+/);
    expect(page).toMatch(/SHA256:[A-Za-z0-9+/]+/);
    expect(page).not.toContain("PRIVATE KEY");
    expect(await actions()).toContain("ssh_key.created");
  });

  test("serve several repositories", async () => {
    const stored = await idOf("deploy");
    for (const name of ["one", "two"]) {
      const form = { url: `git@127.0.0.1:acme/${name}.git`, credential: "stored", stored };
      expect((await ann.post(repositories, form)).status).toBe(303);
    }
    const page = await ann.read(`${settings}/ssh-keys`);
    expect(page).toContain(`href="${repositories}/one"`);
    expect(page).toContain(`href="${repositories}/two"`);
    await ann.post(`${repositories}/one/remove`, { confirm: "one" });
    await ann.post(`${repositories}/two/remove`, { confirm: "two" });
    expect(await idOf("deploy")).toBe(stored);
    expect((await ann.post(`${settings}/ssh-keys/${stored}/remove`)).status).toBe(303);
    expect(await actions()).toContain("ssh_key.removed");
  });

  test("can be made again and again, and every one can be read", async () => {
    const { generateKeyPair, publicKeyOf } = await import("../../../src/git/keys.ts");
    for (let made = 0; made < 1000; made++) {
      const { privateKey, publicKey } = generateKeyPair("pricore");
      expect(publicKey).toStartWith(publicKeyOf(privateKey));
    }
  });
});

test("lists need as many statements for many as for one", async () => {
  await ann.post(`${settings}/ssh-keys`, { name: "first" });
  const statements = async () => {
    await ann.read(`${settings}/ssh-keys`);
    return countQueries(world, () => ann.read(`${settings}/ssh-keys`));
  };
  const one = await statements();
  for (let number = 0; number < 20; number++)
    await ann.post(`${settings}/ssh-keys`, { name: `key ${number}` });
  expect(await statements()).toBe(one);
});

test("members see none of it, strangers learn nothing of it, and after a while the password is asked for", async () => {
  await ann.post(`${settings}/credentials`, robot);
  const id = await idOf("robot");
  for (const path of ["credentials", "ssh-keys", "credentials/new", `credentials/${id}/edit`])
    expect((await ben.get(`${settings}/${path}`)).status).toBe(403);
  const zoe = await signedIn(world, "zoe", { roles: { other: "owner" } });
  const theirs = "/organizations/other/settings/credentials";
  const answers = [];
  for (const each of [id, Bun.randomUUIDv7()])
    for (const act of ["edit", "remove"]) {
      const answer = await zoe.post(`${theirs}/${each}/${act}`, { name: "x", username: "x", password: "x" });
      answers.push(`${answer.status} ${(await answer.text()).replaceAll(each, "…")}`);
    }
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toStartWith("404");
  expect((await zoe.get(`${settings}/credentials`)).status).toBe(404);
  world.tick(11 * 60_000);
  const formAnswer = await ann.get(`${settings}/credentials/new`);
  expect(formAnswer.headers.get("location")).toStartWith("/confirm?next=");
  expect((await ann.post(`${settings}/ssh-keys`, { name: "late" })).status).toBe(303);
  expect(await idOf("late")).toBe("");
});
