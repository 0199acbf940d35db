// What is sent to the pages of repositories by somebody who should not.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createCredential } from "../../src/registry/credentials/credentials.ts";
import { listCredentials } from "../../src/store/repositories/credentials.ts";
import { listRepositories } from "../../src/store/repositories/repositories.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { signedIn, type Visitor } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

const repositories = "/organizations/other/repositories";

let world: TestApp;
let zoe: Visitor;
let foreign: string;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  const acme = await world.organization("acme");
  await world.organization("other");
  zoe = await signedIn(world, "zoe", { roles: { other: "owner" } });
  const secret = { username: "robot", password: "s3cret-token", host: "127.0.0.1" };
  await createCredential(world.app, acme, {
    input: { kind: "basic", name: "ours", ...secret },
    actor: "cli",
  });
  foreign = (await listCredentials(world.app.db, acme.id))[0]?.id ?? "";
});
afterAll(() => world?.close());

test("T8: a credential of another organization is answered as one that does not exist", async () => {
  const url = "https://127.0.0.1/other/blog.git";
  const added = await zoe.post(repositories, { url });
  expect(added.status).toBe(303);
  await zoe.read(`${repositories}/blog`);
  const answers: string[] = [];
  for (const stored of [foreign, Bun.randomUUIDv7()]) {
    const adding = { url: `${url}2`, credential: "stored", stored };
    const editing = { name: "blog", credential: "stored", stored };
    const both = [await zoe.post(repositories, adding), await zoe.post(`${repositories}/blog/edit`, editing)];
    expect(both.map(({ status }) => status)).toEqual([422, 422]);
    const texts = await Promise.all(both.map((answer) => answer.text()));
    answers.push(texts.join("").replaceAll(stored, "…"));
  }
  expect(answers[0]).toBe(answers[1] ?? "");
  expect(world.log.filter((line) => line.includes('"authz.denied"'))).toHaveLength(4);
});

test("S8: a password in an address is refused by the form, and neither kept nor logged", async () => {
  const answer = await zoe.post(repositories, { url: "https://zoe:geheim@git.other.test/x.git" });
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain("Put credentials in the credential field");
  const lines = ["https://zoe:geheim@git.other.test/x.git", "https://zoe:geheim@git.other.test/y.git"];
  const several = await (await zoe.post(repositories, { url: lines.join("\n") })).text();
  expect(several).not.toContain("geheim");
  expect(world.log.join("\n")).not.toContain("geheim");
  expect(world.log.some((line) => line.includes('"url.userinfo"'))).toBe(true);
  const { id } = await getOrganization(world.app.db, "other");
  expect((await listRepositories(world.app.db, id)).map(({ name }) => name)).toEqual(["blog"]);
});
