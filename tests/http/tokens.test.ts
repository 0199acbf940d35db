// Who may read: one and the same 401 for everybody who may not, and what each kind of token sees.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { endpointsOf, type Asked, type Published } from "../worlds/published.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

let ground: Published;
beforeAll(async () => void (ground = await openWorld({ in: "shell", published: true })));
afterAll(() => ground?.close());

describe("the 401", () => {
  test("is the same to the byte for no token, a wrong, foreign or revoked one, and an unknown organization", async () => {
    const revoked = await ground.makeToken("gone");
    await revoke("gone");
    const wrong = `prc_${"0".repeat(46)}`;
    const identities: Asked[] = [
      { token: null },
      { token: "" },
      { token: wrong },
      { token: ground.foreign },
      { token: revoked },
      { token: `${ground.token}x` },
      { token: "x".repeat(5000) },
      { token: null, headers: { Authorization: "Basic %%%" } },
      { token: null, headers: { Authorization: `Negotiate ${ground.token}` } },
      { token: null, headers: { Accept: "text/html" } },
    ];
    const answers = new Set<string>();
    for (const { method, path } of endpointsOf(ground)) {
      for (const identity of identities) answers.add(await seen(path, { method, ...identity }));
      for (const slug of ["nobody", "ACME", "a".repeat(300), "%00", "%zz", "acme%20"])
        answers.add(await seen(path.replace("/acme/", `/${slug}/`), { method }));
    }
    answers.add(await seen("/acme/notify-batch", { method: "POST", token: null, body: "{not json" }));
    answers.add(await seen(`/acme/search.json?q=${"x".repeat(3000)}`, { token: null }));
    const message = `A valid access token for this organization is needed. Check the token in your auth.json, or create one at ${ground.server.url}/account/tokens.`;
    const body = JSON.stringify({ message, warning: message });
    expect([...answers]).toEqual([
      JSON.stringify({
        status: 401,
        headers: {
          "cache-control": "no-store",
          "content-length": String(body.length),
          "content-type": "application/json",
          "www-authenticate": 'Basic realm="Pricore"',
          "x-content-type-options": "nosniff",
        },
        body,
      }),
    ]);
  });

  test("FW9: says where a token is made, with the address of the registry and never that of the request", async () => {
    const address = `${ground.server.url}/account/tokens`;
    for (const path of ["/acme/packages.json", "/nobody/p2/acme/blog.json"]) {
      const text = await (await ground.ask(path, { token: null })).text();
      expect(text).toContain(address);
    }
    const page = await ground.ask("/account/tokens", { token: null, headers: { Accept: "text/html" } });
    expect([page.status, page.headers.get("Location")]).toEqual([303, "/sign-in?next=%2Faccount%2Ftokens"]);
  });

  test("FU41: the same sentence answers no token, a wrong one and a revoked one", async () => {
    const revoked = await ground.makeToken("withdrawn");
    await revoke("withdrawn");
    const answers = new Set<string>();
    for (const token of [null, `prc_${"0".repeat(46)}`, revoked])
      answers.add(await seen("/acme/packages.json", { token }));
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain("/account/tokens");
  });

  test("tells the holder of an expired token, and nobody else, that it has expired", async () => {
    const expired = await ground.makeToken("short", "--expires", "1s");
    await until(async () => (await ground.ask("/acme/list.json", { token: expired })).status === 401);
    const answers = new Set<string>();
    for (const { method, path } of endpointsOf(ground))
      answers.add(await seen(path, { method, token: expired }));
    expect(answers.size).toBe(1);
    const { status, body } = JSON.parse([...answers][0] ?? "");
    expect(status).toBe(401);
    expect(JSON.parse(body)).toEqual({
      message: expect.stringContaining("has expired"),
      warning: expect.stringContaining("has expired"),
    });
    const elsewhere = await ground.ask("/other/list.json", { token: expired });
    expect(await elsewhere.text()).not.toContain("expired");
  });
});

describe("a token", () => {
  test("is refused from the request after its revocation, by a command beside the running server", async () => {
    const token = await ground.makeToken("short-lived");
    for (const { method, path } of endpointsOf(ground)) {
      const body = method === "POST" ? '{"downloads":[]}' : undefined;
      const { status } = await ground.ask(path, { method, token, ...(body ? { body } : {}) });
      expect([path, status]).toEqual([path, path.includes("/providers/") ? 404 : 200]);
    }
    await revoke("short-lived");
    for (const { method, path } of endpointsOf(ground)) {
      const { status } = await ground.ask(path, { method, token });
      expect([path, status]).toEqual([path, 401]);
    }
  });

  test("works as a password, as a user without one, and as bearer", async () => {
    for (const pair of [`token:${ground.token}`, `:${ground.token}`, `${ground.token}:`, ground.token]) {
      const headers = { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
      const { status } = await ground.ask("/acme/packages.json", { token: null, headers });
      expect([pair, status]).toEqual([pair, 200]);
    }
  });

  test("in the address is refused, right or wrong, with a hint where it belongs", async () => {
    const queries = [
      `token=${ground.token}`,
      "access_token=x",
      "password=x",
      "api_key=x",
      `q=${ground.token}`,
    ];
    for (const query of queries)
      for (const { method, path } of endpointsOf(ground)) {
        const address = `${path}${path.includes("?") ? "&" : "?"}${query}`;
        const response = await ground.ask(address, { method, token: null });
        expect([address, response.status]).toEqual([address, 400]);
        expect(response.headers.get("Content-Type")).toBe("application/json");
        const { message } = (await response.json()) as { message: string };
        expect(message).toContain("auth.json");
        expect(message).not.toContain(ground.token);
      }
    expect(ground.server.printed()).not.toContain(ground.token);
    expect((await ground.ask("/acme/search.json?q=token&type=")).status).toBe(200);
  });

  test("with patterns sees what they match, and the shield in place of everything else", async () => {
    const narrow = await ground.makeToken("narrow", "--package", "acme/shop*", "--package", "labs/*");
    const root = await ground.ask("/acme/packages.json", { token: narrow });
    expect(await root.json()).toMatchObject({
      "available-packages": [],
      "available-package-patterns": ["acme/*"],
    });
    const hidden = await ground.ask("/acme/p2/acme/blog.json", { token: narrow });
    expect(hidden.status).toBe(200);
    expect(await hidden.json()).toEqual({ minified: "composer/2.0", packages: { "acme/blog": [] } });
    expect((await ground.ask(ground.dist, { token: narrow })).status).toBe(404);
    expect(await (await ground.ask("/acme/list.json", { token: narrow })).json()).toEqual({
      packageNames: [],
    });
    const wide = await ground.makeToken("wide", "--package", "acme/b*");
    expect((await ground.ask(ground.dist, { token: wide })).status).toBe(200);
    expect(await (await ground.ask("/acme/list.json", { token: wide })).json()).toEqual({
      packageNames: ["acme/blog"],
    });
  });

  test("of a person opens that person's organizations until the membership ends", async () => {
    const { ann } = ground;
    await ann.must("user", "create", "--email", "ben@acme.test", "--name", "Ben");
    await ann.must("org", "create", "labs", "--owner", "ben@acme.test");
    const token = await ann.must("token", "create", "--user", "ben@acme.test", "--name", "laptop");
    const status = async (org: string) => (await ground.ask(`/${org}/packages.json`, { token })).status;
    expect([await status("labs"), await status("acme"), await status("other")]).toEqual([200, 401, 401]);
    using database = ground.database();
    database.run("delete from members");
    expect(await status("labs")).toBe(401);
    expect((await ground.ask("/acme/packages.json")).status).toBe(200);
  });
});

async function revoke(name: string): Promise<void> {
  const tokens = await ground.ann.json<{ id: string; name: string }[]>("token", "list", "--org", "acme");
  await ground.ann.must("token", "revoke", tokens.find((each) => each.name === name)?.id ?? "");
}

/** All of an answer but the date, in one text. */
async function seen(path: string, options: Asked): Promise<string> {
  const response = await ground.ask(path, options);
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== "date").toSorted());
  return JSON.stringify({ status: response.status, headers, body: await response.text() });
}
