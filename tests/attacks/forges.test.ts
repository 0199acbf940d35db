// Forges whose address somebody of an organization names.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { listCredentials } from "../../src/store/repositories/credentials.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { signedIn, type Visitor } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import type { FakeForge } from "../tools/forges/fake-forge.ts";
import { startForge } from "../tools/forges/forge.ts";
import { openWorld } from "../worlds/world.ts";

const connect = "/organizations/acme/settings/credentials/connect";

let closed: TestApp;
let open: TestApp;
let forge: FakeForge;

beforeAll(async () => {
  forge = startForge("gitlab");
  closed = await openWorld({ in: "process" });
  open = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  for (const world of [closed, open]) await world.organization("acme");
});
afterAll(async () => {
  await closed?.close();
  await open?.close();
  await forge?.stop();
});

const form = (address: string) => ({ provider: "gitlab", address, email: "", token: forge.token, name: "" });
const kept = async ({ app }: TestApp) => {
  const { id } = await getOrganization(app.db, "acme");
  return (await listCredentials(app.db, id)).length;
};

test("S14: the base URL of a forge inside the house is refused to owners and members alike", async () => {
  const owner: Visitor = await signedIn(closed, "ann", { roles: { acme: "owner" } });
  const inside = [
    forge.origin,
    "https://10.0.0.5",
    "https://169.254.169.254",
    "https://[::1]",
    "https://192.168.1.1:8443",
  ];
  for (const address of inside) {
    const answer = await owner.post(connect, form(address));
    expect(answer.status).toBe(422);
    const text = await answer.text();
    expect(text).toContain("on a private network");
    expect(text).toContain("OUTBOUND_ALLOW");
    expect(text).not.toContain(forge.token);
  }
  expect(forge.requests).toEqual([]);
  expect(await kept(closed)).toBe(0);
  expect(closed.log.filter((line) => line.includes('"ssrf.blocked"'))).toHaveLength(inside.length);

  const member = await signedIn(open, "mia", { roles: { acme: "member" } });
  expect((await member.post(connect, form(forge.origin))).status).toBe(403);
  expect(await kept(open)).toBe(0);
  // The control: with the operator's word it is asked.
  const allowed = await signedIn(open, "ann", { roles: { acme: "owner" } });
  expect((await allowed.post(connect, form(forge.origin))).status).toBe(303);
  expect(await kept(open)).toBe(1);
});

test("S5: a forge that redirects to another host does not hand the token on", async () => {
  const seen: Headers[] = [];
  const thief = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch({ headers }) {
      seen.push(headers);
      return Response.json({ username: "thief", login: "thief", nickname: "thief" });
    },
  });
  const lured = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) =>
      Response.redirect(new URL(new URL(url).pathname, `http://127.0.0.1:${thief.port}`).href),
  });
  const owner = await signedIn(open, "ann", { roles: { acme: "owner" } });
  for (const provider of ["github", "gitlab", "bitbucket", "gitea"]) {
    const address = `http://127.0.0.1:${lured.port}`;
    const fields = { ...form(address), provider, email: "ann@acme.test", token: "canary-forge-token" };
    const answer = await owner.post(connect, fields);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("points to another host");
  }
  expect(seen.length).toBeGreaterThanOrEqual(4);
  const headerTexts = seen.map((headers) => JSON.stringify([...headers]));
  expect(headerTexts.join("\n")).not.toMatch(/authorization|canary|YW5uQGFjbWUudGVzd/i);
  await Promise.all([thief.stop(true), lured.stop(true)]);
});
