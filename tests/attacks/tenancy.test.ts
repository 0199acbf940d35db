// One organization against another: rows T1, T2, T4, T5, T7, T11, T12, T14 and T15, and W5 and W7, which need no
// webhooks, against the built binary.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { addAndSync } from "../cli/mirroring.ts";
import { endpointsOf } from "../worlds/published.ts";
import { makeRepository } from "../tools/repositories.ts";
import { databaseBeside } from "./database-beside.ts";
import { openTenants, secretOfOther, type Tenants } from "./tenants.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";

let ground: Tenants;
let running: Served;
beforeAll(async () => {
  ground = await openTenants();
  running = ground.server;
});
afterAll(() => ground?.close());

type Document = { packages: Record<string, { version: string }[]> };

test("T1: no organization can take an address of the product itself", async () => {
  const own = ["assets", "health", "api", "webhooks", "organizations", "login", "auth", "metrics", "horizon"];
  for (const slug of own) {
    const { code, stderr } = await ground.ann.run(["org", "create", slug]);
    expect([slug, code]).toEqual([slug, 1]);
    expect(stderr).toStartWith(`"${slug}" is reserved.`);
  }
  const { code } = await ground.ann.run(["org", "create", ".well-known"]);
  expect(code).toBe(1);
  expect(ground.count("organizations")).toBe(2);
});

test("T2: an organization's address is made of plain letters, digits and single hyphens", async () => {
  const slugs = ["", "🙂", "a", "a--b", "-a", "a-", "a".repeat(40), "Acme", "аcme", "a b", "a/b", "a%2fb"];
  for (const slug of [...slugs, "acme\n", "acme\u200b", "..", "ａｃｍｅ"]) {
    const { code, stderr } = await ground.ann.run(["org", "create", "--name", "x", "--", slug]);
    expect([slug, code]).toEqual([slug, 1]);
    expect(stderr).toContain("cannot be used as an address");
  }
  expect(ground.count("organizations")).toBe(2);
  await ground.ann.must("org", "create", "a-1");
  expect(ground.count("organizations")).toBe(3);
});

test("T4: what belongs to another organization is not there, for commands and for tokens", async () => {
  const before = ground.count("activity");
  const nothing = await ground.ann.run(["repo", "remove", "--org", "acme", "nothing"]);
  for (const args of [
    ["repo", "remove", "--org", "acme", "ledger"],
    ["sync", "--org", "acme", "ledger"],
    ["package", "show", "--org", "acme", "other/ledger"],
  ])
    expect([args, (await ground.ann.run(args)).code]).toEqual([args, 3]);
  const theirs = await ground.ann.run(["repo", "remove", "--org", "acme", "ledger"]);
  expect(theirs.stderr.replaceAll("ledger", "nothing")).toBe(nothing.stderr);
  const archive = await ground.ask(ground.ledgerDist.replace("/other/dists", "/acme/dists"));
  const random = await ground.ask(`/acme/dists/other/ledger/7.7.7/${"c".repeat(40)}.zip`);
  expect(archive.status).toBe(404);
  expect(await archive.text()).toBe(await random.text());
  expect(ground.count("activity")).toBe(before);
  expect((await ground.ask(ground.ledgerDist, { token: ground.foreign })).status).toBe(200);
});

test("T4: a token for one package gets nothing of another, and the log tells that it tried", async () => {
  const { blind } = ground.tokens;
  expect((await ground.ask(ground.dist, { token: blind })).status).toBe(404);
  const document = (await (await ground.ask("/acme/p2/acme/blog.json", { token: blind })).json()) as Document;
  expect(document.packages).toEqual({ "acme/blog": [] });
  const tried = ground.logged("authz.denied").filter(({ name }) => name === "acme/blog");
  expect(tried.length).toBeGreaterThanOrEqual(2);
  expect((await ground.ask(ground.dist)).status).toBe(200);
});

test("T5: a second repository cannot publish under a name that another one holds", async () => {
  const squatter = await makeRepository(ground.ann.folder, "evil/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0", "99.0.0"] },
  ]);
  const before = await text("/acme/p2/acme/blog.json");
  const { code, sync } = await addAndSync(ground.ann, "acme", [squatter.path, "--name", "squatter"]);
  expect(code).toBe(1);
  const reasons = sync?.skipped.map(({ reason }) => reason) ?? [];
  expect(reasons.length).toBeGreaterThanOrEqual(2);
  for (const reason of reasons) expect(reason).toContain('is published by the repository "blog"');
  expect(await text("/acme/p2/acme/blog.json")).toBe(before);
  expect(ground.logged("package.squat_blocked")).toContainEqual(
    expect.objectContaining({ organization: "acme", repository: "squatter" }),
  );
  const listed = await ground.ann.json<{ name: string; repository: string }[]>(
    "package",
    "list",
    "--org",
    "acme",
  );
  expect(listed.find(({ name }) => name === "acme/blog")?.repository).toBe("blog");
});

test("T5: the same name in another organization is another package", async () => {
  const twin = await makeRepository(ground.ann.folder, "twin/blog", [
    { manifest: { name: "acme/blog", description: "twin" }, tags: ["5.0.0"] },
  ]);
  await ground.ann.must("repo", "add", "--org", "other", twin.path, "--name", "twin", "--sync", "--wait");
  expect(await text("/acme/p2/acme/blog.json")).not.toContain("5.0.0");
  expect(await text("/other/p2/acme/blog.json", ground.foreign)).toContain("5.0.0");
  expect(await text("/other/p2/acme/blog.json", ground.foreign)).not.toContain("1.0.0");
});

test("T7: a name that was given up and taken by another repository does not change what was served", async () => {
  const steps = (text: string) => [
    { manifest: { name: "acme/gone" }, files: { "a.txt": text }, tags: ["1.0.0"] },
  ];
  const first = await makeRepository(ground.ann.folder, "acme/gone", steps("first"));
  await ground.ann.must("repo", "add", "--org", "acme", first.path, "--sync", "--wait");
  const path = `/acme/dists/acme/gone/1.0.0/${await first.reference("1.0.0")}.zip`;
  const served = await (await ground.ask(path)).bytes();
  await ground.ann.must("repo", "remove", "--org", "acme", "gone");
  expect((await document("/acme/p2/acme/gone.json")).packages).toEqual({ "acme/gone": [] });

  const second = await makeRepository(ground.ann.folder, "evil/gone", [
    ...steps("second"),
    { manifest: { name: "acme/gone" }, tags: ["1.1.0"] },
  ]);
  const { sync } = await addAndSync(ground.ann, "acme", [second.path, "--name", "again"]);
  expect(sync?.skipped).toContainEqual(
    expect.objectContaining({ reason: expect.stringContaining("version 1.0.0 was already published from") }),
  );
  expect(ground.logged("version.reuse_blocked")).toContainEqual(
    expect.objectContaining({ organization: "acme", repository: "again", refs: 1 }),
  );
  const again = await text("/acme/p2/acme/gone.json");
  expect(again).toContain("1.1.0");
  expect(again).not.toContain(await second.reference("1.0.0"));
  expect(await (await ground.ask(path)).bytes()).toEqual(served);
});

test("T11: a member who was removed is refused at the next request", async () => {
  const token = ground.tokens.member;
  for (const { path, method } of endpointsOf(ground).filter((each) => each.method === "GET")) {
    const { status } = await ground.ask(path, { method, token });
    expect([path, status]).toEqual([path, path.includes("/providers/") ? 404 : 200]);
  }
  using database = databaseBeside(ground.ann.dataDir);
  const rows = database.query("select * from members").all();
  database.run(
    "delete from members where organization_id in (select id from organizations where slug = 'acme')",
  );
  expect(rows.length).toBe(2);
  for (const { path, method } of endpointsOf(ground))
    expect([path, (await ground.ask(path, { method, token })).status]).toEqual([path, 401]);
});

test("T12: search, list and providers tell of the own organization alone, and so do their counts", async () => {
  const own = [
    "/acme/list.json",
    "/acme/search.json?q=",
    "/acme/search.json?q=ledger",
    "/acme/packages.json",
  ];
  for (const path of [...own, "/acme/list.json?vendor=other", "/acme/list.json?filter=other/*"])
    expect(await text(path)).not.toContain(secretOfOther);
  expect(JSON.parse(await text("/acme/search.json?q=ledger"))).toEqual({ results: [], total: 0 });
  expect(JSON.parse(await text("/acme/list.json?filter=other/*"))).toEqual({ packageNames: [] });
  expect(JSON.parse(await text("/other/search.json?q=ledger", ground.foreign))).toMatchObject({ total: 1 });
  expect(await text("/acme/providers/acme/contract.json")).toContain("acme/shop");
  expect((await ground.ask("/other/providers/acme/contract.json", { token: ground.foreign })).status).toBe(
    404,
  );
  const seeing = await text("/acme/search.json?q=", ground.tokens.seeing);
  expect(JSON.parse(seeing)).toMatchObject({ total: 1, results: [{ name: "acme/blog" }] });
});

test("T14: a shared cache in between gives nobody what was meant for somebody else", async () => {
  for (const obeys of [true, false]) {
    await using proxy = startCache(ground.server.url, obeys);
    const leaked: string[] = [];
    for (const { method, path } of endpointsOf(ground).filter((each) => each.method === "GET")) {
      const answer = await fetch(proxy.url + path, { method, headers: proxy.as(ground.token) });
      const whole = await answer.text();
      for (const token of [ground.tokens.blind, ground.foreign, null]) {
        const response = await fetch(proxy.url + path, { method, headers: proxy.as(token) });
        if ((await response.text()) === whole && answer.status === 200) leaked.push(path);
      }
    }
    // A cache that obeys nothing leaks: that is how we know that it was asked.
    if (obeys) expect(leaked).toEqual([]);
    else expect(leaked).toContain(ground.dist);
  }
});

test("T15: a job that was tampered with works for the repository's own organization alone", async () => {
  using database = databaseBeside(ground.ann.dataDir);
  const id = (table: string, where: string) =>
    database.query<{ id: string }, []>(`select id from ${table} where ${where}`).get()?.id ?? "";
  const [acme, other] = [id("organizations", "slug = 'acme'"), id("organizations", "slug = 'other'")];
  const ledger = id("repositories", `organization_id = '${other}' and name = 'ledger'`);
  await ground.ledger.commit({ manifest: { name: "other/ledger" }, tags: ["8.0.0"] });
  const forged = { organizationId: acme, repositoryId: ledger, reason: "asked", confirmRemovals: false };
  const unknown = { ...forged, repositoryId: "nothing" };
  await ground.ann.must("sync", "--org", "other", "ledger", "--wait");
  await ground.ledger.commit({ manifest: { name: "other/ledger" }, tags: ["8.1.0"] });
  for (const payload of [unknown, forged])
    database.run(
      `insert into jobs (id, name, payload, state, priority, run_at, attempts, created_at)
       values (?, 'sync-repository', ?, 'waiting', 0, 0, 0, 0)`,
      [Bun.randomUUIDv7(), JSON.stringify(payload)],
    );
  await until(async () => (await text("/other/p2/other/ledger.json", ground.foreign)).includes("8.1.0"));
  expect(await text("/acme/packages.json")).not.toContain("ledger");
  expect(ground.count("packages", `organization_id = '${acme}' and name = 'other/ledger'`)).toBe(0);
});

test("W7: a push without a delivery is found by polling, also after the server was down", async () => {
  await stopped();
  await ground.repository.commit({ manifest: { name: "acme/blog" }, tags: ["1.7.0"] });
  using database = databaseBeside(ground.ann.dataDir);
  database.run("update repositories set next_poll_at = 0");
  running = await ground.ann.serve({ env: { SYNC_INTERVAL: "1s" } });
  const found = async () => {
    const headers = { Authorization: `Bearer ${ground.token}` };
    return (await (await fetch(`${running.url}/acme/p2/acme/blog.json`, { headers })).text()).includes(
      "1.7.0",
    );
  };
  await until(found);
  await ground.repository.commit({ manifest: { name: "acme/blog" }, tags: ["1.8.0"] });
  await until(async () =>
    (await ground.ann.must("package", "show", "--org", "acme", "acme/blog")).includes("1.8.0"),
  );
});

test("W5: many requests to sync one repository become one job", async () => {
  await stopped();
  // The timetable of the server that was stopped may have asked for the others.
  const waiting = (name: string) => {
    const id = `(select id from repositories where name = '${name}')`;
    return ground.count("jobs", `state = 'waiting' and waiting_key like '%' || ${id}`);
  };
  await Promise.all(Array.from({ length: 8 }, () => ground.ann.must("sync", "--org", "acme", "blog")));
  expect(waiting("blog")).toBe(1);
  await ground.ann.must("sync", "--org", "acme", "shop");
  expect(waiting("shop")).toBe(1);
});

async function text(path: string, token = ground.token): Promise<string> {
  return (await ground.ask(path, { token })).text();
}

async function document(path: string): Promise<Document> {
  return JSON.parse(await text(path)) as Document;
}

async function stopped(): Promise<void> {
  running.kill("SIGTERM");
  await running.ended;
}

/** A cache for everybody who comes by. Whether it keeps to what answers say of themselves is to choose. */
function startCache(target: string, obeys: boolean) {
  const kept = new Map<string, { status: number; body: Uint8Array<ArrayBuffer> }>();
  const { host } = new URL(target);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const path = request.url.slice(new URL(request.url).origin.length);
      const known = kept.get(path);
      if (known) return new Response(known.body, { status: known.status });
      const headers = new Headers(request.headers);
      headers.set("Host", host);
      headers.delete("Accept-Encoding");
      const response = await fetch(target + path, { headers });
      const body = await response.bytes();
      const isPrivate = /private|no-store/.test(response.headers.get("Cache-Control") ?? "");
      if (!obeys || !isPrivate) kept.set(path, { status: response.status, body });
      return new Response(body, { status: response.status });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    as: (token: string | null): Record<string, string> =>
      token === null ? {} : { Authorization: `Bearer ${token}` },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
