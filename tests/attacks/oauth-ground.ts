// GitHub and GitLab on loopback, a registry that is known at both, and people who go there and come back.
import { afterAll, beforeAll, beforeEach, expect } from "bun:test";
import { signedIn, type Visitor } from "../pages/visitor.ts";
import { makeApp, type TestApp } from "../tools/app.ts";
import { startOAuthForge, type FakePerson, type OAuthServer } from "../tools/forges/oauth-server.ts";

export const ann: FakePerson = {
  id: 7,
  login: "ann-hub",
  emails: [{ email: "ann@acme.test", verified: true }],
};

export let github: OAuthServer;
export let gitlab: OAuthServer;
export let world: TestApp;

/** A new registry for each test. */
export function setUpGround(): void {
  beforeAll(() => {
    github = startOAuthForge("github");
    gitlab = startOAuthForge("gitlab");
  });
  beforeEach(async () => {
    github.person = ann;
    gitlab.person = { ...ann, login: "ann-lab" };
    [github.fault, github.requests.length] = [null, 0];
    await reopen({ ...github.environment, ...gitlab.environment, TRUSTED_PROXIES: "127.0.0.1" });
  });
  afterAll(async () => {
    await world?.close();
    await github.stop();
    await gitlab.stop();
  });
}

/** Another registry, with these variables. */
export async function reopen(environment: Record<string, string>): Promise<void> {
  await world?.close();
  world = await makeApp(environment);
}

/** Where the browser is sent to. */
export async function setOut(person: Visitor, name = "github", next = ""): Promise<string> {
  const answer = await person.get(`/auth/${name}/redirect${next && `?next=${encodeURIComponent(next)}`}`);
  expect(answer.status).toBe(303);
  return answer.headers.get("location") ?? "";
}

export async function goThere(
  person: Visitor,
  server = github,
  name = "github",
  next = "",
): Promise<Response> {
  return person.get(await server.agree(await setOut(person, name, next)));
}

/** Through a form of ours and the page that leads on. */
export async function goByForm(person: Visitor, path: string, form = {}, server = github): Promise<Response> {
  const shown = await person.post(path, form);
  if (shown.status !== 200) return shown;
  return person.get(await server.agree(onward(await shown.text())));
}

export async function isIn(person: Visitor): Promise<boolean> {
  return (await person.get("/account/sessions")).status === 200;
}

/** Ann with a password, and GitHub connected to her account. */
export async function connected(): Promise<Visitor & { user: { id: string } }> {
  const person = await signedIn(world, "ann");
  const answer = await goByForm(person, "/auth/github/link");
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/account/connections"]);
  return person;
}

export const events = (name: string) => world.log.filter((line) => line.includes(`"${name}"`)).length;

/** Where a page of ours leads by itself. */
export function onward(page: string): string {
  return (/http-equiv="refresh" content="0; url=([^"]+)"/.exec(page)?.[1] ?? "").replaceAll("&amp;", "&");
}
