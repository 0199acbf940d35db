// Conformance of authentication: numbers 57–59 and 61–63. Number 60 is in prompt.test.ts.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { withEachComposer } from "./clients.ts";
import { basic, get, readDocument, readRoot, readVersion } from "./documents.ts";
import { createProject, hostOf } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;
let endpoints: Endpoint[];

type Endpoint = { method: "GET" | "POST"; path: string; body?: string; type?: string };

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true, environment: { LOG_LEVEL: "debug" } });
  acme = await world.organization("acme");
  await world.pricore("org", "update", "acme", "--source", "off");
  for (const name of ["acme/blog", "acme/secret"]) {
    const provide = { [`${name}-implementation`]: "1.0" };
    await world.publish(acme, name, [{ manifest: { name, provide }, tags: ["1.0.0"] }]);
  }
  const { dist } = await readVersion(acme, "acme/blog", "1.0.0");
  endpoints = [
    { method: "GET", path: "/acme/packages.json" },
    { method: "GET", path: "/acme/p2/acme/blog.json" },
    { method: "GET", path: "/acme/p2/acme/blog~dev.json" },
    { method: "GET", path: new URL(dist.url).pathname },
    { method: "GET", path: "/acme/list.json" },
    { method: "GET", path: "/acme/search.json?q=blog&type=" },
    { method: "GET", path: "/acme/providers/acme/blog-implementation.json" },
    { method: "POST", path: "/acme/notify-batch", body: '{"downloads":[]}', type: "application/json" },
    {
      method: "POST",
      path: "/acme/api/security-advisories",
      body: "packages%5B0%5D=acme%2Fblog",
      type: "application/x-www-form-urlencoded",
    },
  ];
});
afterAll(() => world?.close());

withEachComposer((composer) => {
  const manifest = { require: { "acme/blog": "*" } };

  test("57: without a token the client prints our sentence and that credentials are needed", async () => {
    const site = await createProject(world, { composer, org: acme, manifest });
    await site.authenticate(null);
    const { code, text } = await site.say("update");
    expect(code).not.toBe(0);
    expect(text).toMatch(/Warning from 127\.0\.0\.1:\d+: \S+/);
    expect(text.replace(/\s+/g, " ")).toContain("required authentication (HTTP 401)");
  });

  test("58: with an expired token the client says that it has expired", async () => {
    const site = await createProject(world, { composer, org: acme, manifest });
    await site.authenticate(await expiredToken(composer.version));
    const { code, text } = await site.say("update");
    expect(code).not.toBe(0);
    expect(text).toMatch(/Warning from 127\.0\.0\.1:\d+: .*expired/);
  });

  test("59: a bearer token and credentials in the address work, and the lock file does not tell them", async () => {
    const bearer = await createProject(world, { composer, org: acme, manifest });
    const credentials = JSON.stringify({ bearer: { [hostOf(acme)]: acme.token } });
    await Bun.write(`${bearer.home}/auth.json`, credentials);
    const url = acme.url.replace("://", `://ann:${acme.token}@`);
    const repositories = [{ type: "composer", url }];
    const inAddress = await createProject(world, { composer, org: acme, manifest, repositories });
    await inAddress.authenticate(null);
    for (const site of [bearer, inAddress]) {
      world.registry.recorder.take();
      expect(await site.say("update")).toMatchObject({ code: 0 });
      expect(await site.installed()).toEqual({ "acme/blog": "1.0.0" });
      const requests = world.registry.recorder.take();
      expect(requests.filter(({ status }) => status >= 400)).toEqual([]);
      expect(requests.some(({ path }) => path.includes("/dists/"))).toBe(true);
      expect(JSON.stringify(await site.lock())).not.toContain(acme.token);
    }
  });

  test("62: a token for one package resolves this package and no other", async () => {
    const site = await createProject(world, { composer, org: acme, manifest });
    await site.authenticate(await world.token(acme, `blog ${composer.version}`, "--package", "acme/blog"));
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/blog": "1.0.0" });
    await site.manifest({ require: { "acme/secret": "*" } });
    expect((await site.say("update")).code).not.toBe(0);
  });
});

test("57: no token, a wrong one, another organization's and an unknown organization get one and the same 401", async () => {
  const other = await world.organization("other");
  const bodies = new Set<string>();
  for (const endpoint of endpoints) {
    const unknown = { ...endpoint, path: endpoint.path.replace("/acme/", "/nobody/") };
    for (const [request, headers] of [
      [endpoint, {}],
      [endpoint, basic(`prc_${"x".repeat(46)}`)],
      [endpoint, basic(other.token)],
      [endpoint, { Authorization: "Basic %%%" }],
      [endpoint, { Authorization: `Bearer ${acme.token}x` }],
      [unknown, basic(acme.token)],
    ] as const) {
      const response = await ask(request, headers);
      const text = await response.text();
      expect([request.method, request.path, response.status]).toEqual([request.method, request.path, 401]);
      expect(response.headers.get("WWW-Authenticate")).toBe('Basic realm="Pricore"');
      expect(response.headers.get("Content-Type")).toBe("application/json");
      bodies.add(text);
    }
  }
  expect([...bodies].map((text) => JSON.parse(text))).toEqual([
    { message: expect.stringMatching(/\w/), warning: expect.stringMatching(/\w/) },
  ]);
});

test("58: only the holder of an expired token is told that it has expired", async () => {
  const expired = await expiredToken("told");
  for (const endpoint of endpoints) {
    const response = await ask(endpoint, basic(expired));
    expect([endpoint.path, response.status]).toEqual([endpoint.path, 401]);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(await response.json()).toEqual({
      message: expect.stringContaining("expired"),
      warning: expect.stringContaining("expired"),
    });
  }
});

test("59: a token works as password of any user, as user without password and as bearer, everywhere", async () => {
  for (const endpoint of endpoints) {
    for (const headers of [
      basic(acme.token),
      basic(acme.token, "ann@example.com"),
      basic(acme.token, ""),
      basic("", acme.token),
      { Authorization: `Bearer ${acme.token}` },
      { authorization: `bearer ${acme.token}` },
    ]) {
      const response = await ask(endpoint, headers);
      expect([endpoint.path, headers, Math.floor(response.status / 100)]).toEqual([
        endpoint.path,
        headers,
        2,
      ]);
    }
  }
});

test("59: a revoked token is refused from the next request on", async () => {
  const token = await world.token(acme, "short-lived");
  const [endpoint] = endpoints;
  if (!endpoint) throw new Error("There is no endpoint");
  expect((await ask(endpoint, basic(token))).status).toBe(200);
  const tokens = (await world.pricore("token", "list", "--org", "acme", "--json")).json<
    { id: string; name: string }[]
  >();
  const { id = "" } = tokens.find(({ name }) => name === "short-lived") ?? {};
  await world.pricore("token", "revoke", id);
  expect((await ask(endpoint, basic(token))).status).toBe(401);
});

test("61: a token that can only read may tell of its installs", async () => {
  const body = JSON.stringify({ downloads: [{ name: "acme/blog", version: "1.0.0.0" }] });
  const notify = { method: "POST", path: "/acme/notify-batch", body, type: "application/json" } as const;
  expect(Math.floor((await ask(notify, basic(acme.token))).status / 100)).toBe(2);
});

test("62: a token for one package is shown this package only, and the shield for the others", async () => {
  const narrow = { ...acme, token: await world.token(acme, "narrow", "--package", "acme/blog") };
  const root = await readRoot(narrow);
  expect(root.json["available-packages"]).toEqual(["acme/blog"]);
  expect(root.headers.get("Last-Modified")).toBeNull();
  expect((await readDocument(narrow, "acme/blog")).records).toHaveLength(1);
  expect(await readDocument(narrow, "acme/secret")).toMatchObject({ status: 200, records: [] });
  const { dist } = await readVersion(acme, "acme/secret", "1.0.0");
  const refused = await fetch(dist.url, { headers: basic(narrow.token) });
  expect(refused.status).toBe(404);
  expect(JSON.parse((await get(narrow, "/list.json")).text)).toEqual({ packageNames: ["acme/blog"] });
  const found = JSON.parse((await get(narrow, "/search.json?q=acme&type=")).text) as {
    results: { name: string }[];
  };
  expect(found.results.map(({ name }) => name)).toEqual(["acme/blog"]);
});

test("63: no log line holds a credential, wherever the client put it", async () => {
  const header = basic(acme.token)["Authorization"] ?? "";
  await fetch(`${acme.url}/packages.json?token=${acme.token}&access_token=${acme.token}`, {
    headers: basic(acme.token),
  });
  await fetch(`${acme.url}/p2/${acme.token}/${acme.token}.json`, {
    headers: { Authorization: `Bearer ${acme.token}` },
  });
  await fetch(`${acme.url}/p2/acme/blog.json`, { headers: { Authorization: `Basic ${acme.token}` } });
  await Bun.sleep(200);
  const logs = world.registry.logs();
  expect(logs.length).toBeGreaterThan(0);
  expect(logs).not.toContain(acme.token);
  expect(logs).not.toContain(header.replace("Basic ", ""));
});

async function expiredToken(name: string): Promise<string> {
  const token = await world.token(acme, `expired ${name}`, "--expires", "1s");
  await Bun.sleep(1100);
  return token;
}

function ask({ method, path, body, type }: Endpoint, headers: Record<string, string>): Promise<Response> {
  return fetch(`${world.registry.url}${path}`, {
    method,
    headers: { ...headers, ...(type ? { "Content-Type": type } : {}) },
    redirect: "manual",
    ...(body === undefined ? {} : { body }),
  });
}
