// S1–S16: what somebody may try with an address that the registry is to ask. Each against the built binary; 127.0.0.1
// stands for a host that the operator allows, 127.0.0.2 for one in somebody's own house. One row after another, so that
// the file is as long as its part of the list.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { flush, pktLine } from "../../src/git/pkt-line.ts";
import { advertisement, someCommit, startEvilServer } from "../git/evil-server.ts";
import { startGitHttp } from "../tools/servers/git-http-server.ts";
import { finished } from "../tools/process.ts";
import { startResolver } from "../tools/servers/resolver.ts";
import { startTcpProxy, type TcpProxy } from "../tools/servers/tcp-proxy.ts";
import { makeCertificates, type Certificates } from "./certificates.ts";
import { eventNames, eventOf, type Attempt } from "../worlds/attempts.ts";
import { openWorld, type World } from "../worlds/world.ts";
import { binary } from "../tools/binary.ts";

setDefaultTimeout(60_000);

let world: World<{ in: "binary"; git: true; attempts: true }>;
let certificates: Certificates;
/** In the house, where nobody may come. */
let trap: TcpProxy;
/** The address of a good repository. */
let blog = "";
const dawdling: Record<string, Promise<Attempt>> = {};
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  certificates = await makeCertificates();
  world = await openWorld({
    in: "binary",
    git: true,
    attempts: true,
    environment: { NODE_EXTRA_CA_CERTS: certificates.trusted },
  });
  trap = await startTcpProxy(null, { host: "127.0.0.2" });
  const manifest = { name: "acme/blog" };
  blog = (await world.repository("acme/blog", [{ manifest, tags: ["1.0.0"] }])).url;
  await beginToDawdle();
});
afterAll(async () => {
  await Promise.allSettled(Object.values(dawdling));
  for (const end of endings) await end();
  trap?.stop();
  await world?.close();
  await certificates?.remove();
});

/** The good repository under an address that is not mirrored yet. */
async function anotherBlog(): Promise<string> {
  const name = `acme/blog-${crypto.randomUUID().slice(0, 8)}`;
  return (await world.repository(name, [{ manifest: { name }, tags: ["1.0.0"] }])).url;
}

async function expectRefused(url: string, says: RegExp, event: string): Promise<void> {
  const args = ["--name", "refused", "--credential", "ben", "--password-stdin"];
  const refused = await world.mirror(url, args, { stdin: "x" });
  expect([url, refused.code, refused.output]).toEqual([url, 1, expect.stringMatching(says)]);
  expect([url, eventNames(refused.events)]).toEqual([url, [event]]);
  expect(world.rows("repositories").filter((row) => row.includes('"refused"'))).toEqual([]);
}

const privateNetwork = /private network.*\n?.*An administrator can allow it: OUTBOUND_ALLOW=/s;

test("S1: an address on a private network is refused with the variable that allows it", async () => {
  const hosts = ["169.254.169.254", "10.1.2.3", "100.64.0.1", "0.0.0.0", "[::1]", "[fe80::1]", "[fc00::1]"];
  for (const host of [trap.url.slice("http://".length), ...hosts]) {
    await expectRefused(`http://${host}/acme/blog.git`, privateNetwork, "ssrf.blocked");
  }
  expect(trap.connections()).toBe(0);
  expect((await world.mirror(blog)).code).toBe(0);
});

test("S2: an address on a private network is known in every disguise", async () => {
  const { port } = trap;
  const disguises = [
    "2130706434",
    "0x7f.2",
    "0177.0.0.2",
    "127。0。0。2",
    "１２７.0.0.2",
    "[::ffff:127.0.0.2]",
  ];
  for (const host of [...disguises, "[::ffff:7f00:2]", "127.2"]) {
    await expectRefused(`http://${host}:${port}/acme/blog.git`, privateNetwork, "ssrf.blocked");
  }
  expect(trap.connections()).toBe(0);
  const allowed = (await anotherBlog()).replace("127.0.0.1", "2130706433");
  expect((await world.mirror(allowed)).code).toBe(0);
});

describe.skipIf(process.getuid?.() !== 0)("a name server that changes its mind", () => {
  test("S3: a name that leads elsewhere than when it was checked is not followed there", async () => {
    const ann = await openWorld({ in: "shell" });
    const git = startGitHttp({ root: world.gitRoot });
    const there = await startTcpProxy(git.port, { host: "127.0.0.2" });
    const house = await startTcpProxy(null, { port: there.port });
    const resolver = await startResolver(ann.folder);
    endings.push(
      () => ann.close(),
      () => git.stop(),
      there.stop,
      house.stop,
      resolver.stop,
    );
    await ann.must("org", "create", "acme");
    const url = `http://git.acme.test:${there.port}/acme/blog.git`;
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: ann.folder,
      DATA_DIR: ann.dataDir,
      SYNC_INTERVAL: "off",
    };
    const mirror = async (answers: string[]) => {
      const [lookups, requests] = [resolver.lookups.length, git.requests.length];
      resolver.answers = answers;
      const args = ["repo", "add", "--org", "acme", url, "--sync", "--wait"];
      const { code, stdout, stderr } = await finished(resolver.command([binary, ...args]), {
        env: { ...env, OUTBOUND_ALLOW: "127.0.0.2", LOG_LEVEL: "info" },
      });
      await ann.run(["repo", "remove", "--org", "acme", "blog"]);
      const counts = { lookups: resolver.lookups.length - lookups, requests: git.requests.length - requests };
      return { code, output: stdout + stderr, ...counts };
    };
    // One look-up when it is added, then one for each request: what was checked is what is connected to.
    expect(await mirror(["127.0.0.2"])).toMatchObject({ code: 0, lookups: 3, requests: 2 });
    for (let honest = 0; honest < 3; honest++) {
      const outcome = await mirror([...Array.from({ length: honest }, () => "127.0.0.2"), "127.0.0.1"]);
      expect(outcome).toMatchObject({ code: 1, lookups: honest + 1, requests: Math.max(0, honest - 1) });
      expect(outcome.output).toContain("git.acme.test (127.0.0.1) is on a private network");
      expect(outcome.output).toContain('"event":"ssrf.blocked"');
    }
    expect(house.connections()).toBe(0);
  });
});

/** A server that answers everything with a redirect; `to` gets the path and query that were asked for. */
function startRedirecting(to: (path: string) => string) {
  const seen: { path: string; headers: Record<string, string> }[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname, search } = new URL(request.url);
      seen.push({ path: pathname, headers: Object.fromEntries(request.headers) });
      return new Response(null, { status: 302, headers: { location: to(pathname + search) } });
    },
  });
  endings.push(() => server.stop(true));
  return { url: `http://127.0.0.1:${server.port}`, seen };
}

test("S4: a redirect to a private network or to another scheme fails the sync", async () => {
  const targets = [
    `${trap.url}/x`,
    "http://169.254.169.254/latest",
    "file:///etc/passwd",
    "ftp://git.acme.test/x",
  ];
  for (const target of targets) {
    const { code, sync, events } = await world.mirror(`${startRedirecting(() => target).url}/acme/blog.git`);
    expect([target, code]).toEqual([target, 1]);
    expect(sync?.error).toMatch(/^127\.0\.0\.1:\d+ redirects to an address that is not allowed: /);
    expect([target, eventNames(events)]).toEqual([
      target,
      expect.arrayContaining(["ssrf.blocked", "sync.failed"]),
    ]);
    expect(events.find(({ event }) => event === "sync.failed")).toMatchObject({ code: "redirect_refused" });
  }
  expect(trap.connections()).toBe(0);
  const { origin, pathname } = new URL(await anotherBlog());
  const moved = startRedirecting((path) => origin + path);
  expect((await world.mirror(moved.url + pathname)).code).toBe(0);
});

test("S5: a redirect to another server takes no credential along", async () => {
  const there = await startEvilServer({
    advertise: { body: advertisement([`${someCommit} refs/heads/main`]) },
  });
  endings.push(there.stop);
  const origin = new URL(there.url).origin;
  const here = startRedirecting((path) => (path.startsWith("/moved") ? origin + path : `/moved${path}`));
  await world.mirror(`${here.url}/acme/blog.git`, ["--credential", "ben", "--password-stdin"], {
    stdin: "secret",
  });
  const credential = `Basic ${btoa("ben:secret")}`;
  const seen = here.seen.map(({ headers }) => headers["authorization"]);
  expect(seen).toEqual(Array(seen.length).fill(credential));
  expect(seen.length).toBeGreaterThanOrEqual(2);
  expect(there.requests.length).toBeGreaterThan(0);
  expect(there.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
});

test("S7: an address of another scheme than git's is refused", async () => {
  const schemes = [
    "file://git.acme.test/etc/passwd",
    "data:text/plain,x",
    "s3://bucket/x",
    "ftp://git.acme.test/x",
  ];
  for (const url of [...schemes, "gopher://127.0.0.1/x", "blob:https://git.acme.test/1", "javascript:1"]) {
    await expectRefused(url, /must begin with https:\/\/ or ssh:\/\//, "url.bad_scheme");
  }
});

test("S8: a password in an address is refused and kept nowhere", async () => {
  const outputs: string[] = [];
  for (const url of ["https://ben:canary-1@git.acme.test/x.git", "ssh://ben:canary-2@git.acme.test/x.git"]) {
    const refused = await world.mirror(url);
    expect([url, refused.code]).toEqual([url, 1]);
    expect(refused.output).toContain("Put credentials in the credential field");
    expect(eventNames(refused.events)).toEqual(["url.userinfo"]);
    outputs.push(refused.output, JSON.stringify(refused.events));
  }
  const field = ["--credential", "ben", "--password-stdin"];
  const kept = await world.mirror(await anotherBlog(), field, { stdin: "canary-3" });
  expect(kept.code).toBe(0);
  expect(world.rows("credentials")).not.toEqual([]);
  outputs.push(kept.output, JSON.stringify(kept.events), world.registry.logs());
  expect(outputs.join("\n")).not.toContain("canary");
  for (const table of ["repositories", "credentials", "activity", "jobs", "syncs"]) {
    expect(world.rows(table).join("\n")).not.toContain("canary");
  }
});

test("S9: an address with hidden characters, or longer than any, is refused", async () => {
  const inside = ["\n", "\r\nHost: evil", "\t", " ", "%0a", "%0D", "%00", "%7f", "\\..\\", "\u0001"];
  const urls = inside.map((text) => `https://git.acme.test/acme/${text}blog.git`);
  for (const url of [
    ...urls,
    `https://git.acme.test/${"a".repeat(2048)}`,
    "https://",
    "https://git acme.test/x",
  ]) {
    await expectRefused(url, /The address is malformed/, "url.malformed");
  }
});

test("S10: a chain of redirects ends after three", async () => {
  const loop = startRedirecting((path) => `${path}&again`);
  const refused = await world.mirror(`${loop.url}/acme/blog.git`);
  expect([refused.code, refused.sync?.error]).toEqual([
    1,
    expect.stringContaining("redirects more than 3 times"),
  ]);
  expect(eventNames(refused.events)).toContain("outbound.redirects");
  expect(loop.seen).toHaveLength(4);
  const { origin, pathname } = new URL(await anotherBlog());
  const short = startRedirecting((path) => (path.startsWith("/2") ? origin + path.slice(2) : nextHop(path)));
  expect((await world.mirror(`${short.url}${pathname}`)).code).toBe(0);
});

/** `/acme/…` → `/1/acme/…` → `/2/acme/…` */
function nextHop(path: string): string {
  return path.startsWith("/1/") ? `/2/${path.slice(3)}` : `/1${path}`;
}

test("S11: a small answer that unpacks to hundreds of megabytes is given up early", async () => {
  const line = `${someCommit} refs/pull/${"x".repeat(60_000)}`;
  const bomb = gzipSync(advertisement(Array.from({ length: 5000 }, () => line)), { level: 1 });
  const serve = async (body: Buffer) => {
    const server = await startEvilServer({ advertise: { headers: { "content-encoding": "gzip" }, body } });
    endings.push(server.stop);
    return world.mirror(server.url);
  };
  const before = peakMegabytes();
  const refused = await serve(bomb);
  expect(refused).toMatchObject({
    code: 1,
    sync: { error: expect.stringContaining("The list of refs is larger than 64 MB") },
  });
  expect(eventNames(refused.events)).toContain("git.limit");
  expect(peakMegabytes() - before).toBeLessThan(200);
  const small = await serve(gzipSync(advertisement([`${someCommit} refs/heads/main`])));
  expect(small.sync?.error).not.toContain("is larger than");
});

/** The most memory that the server has used so far. */
function peakMegabytes(): number {
  const status = readFileSync(`/proc/${world.registry.pid()}/status`, "utf8");
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

test("S13: a server whose certificate nobody vouches for is not spoken to", async () => {
  const serve = (cert: string, key: string) => {
    const backend = new URL(world.git.url);
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert: Bun.file(cert), key: Bun.file(key) },
      fetch: (request) =>
        fetch(Object.assign(new URL(request.url), { protocol: "http:", host: backend.host }), request),
    });
    endings.push(() => server.stop(true));
    return `https://127.0.0.1:${server.port}`;
  };
  const { pathname } = new URL(await anotherBlog());
  const problems = { unknown: "SELF_SIGNED", otherHost: "ALTNAME_INVALID", expired: "EXPIRED" } as const;
  for (const kind of ["unknown", "otherHost", "expired"] as const) {
    const { cert, key } = certificates[kind];
    const refused = await world.mirror(serve(cert, key) + pathname);
    expect([kind, refused.code]).toEqual([kind, 1]);
    expect(refused.sync?.error).toContain("can't be verified");
    expect(refused.sync?.error).toContain(problems[kind]);
    expect(eventNames(refused.events)).toContain("outbound.tls");
  }
  const { cert, key } = certificates.good;
  expect(await world.mirror(serve(cert, key) + pathname)).toMatchObject({ code: 0 });
});

test("S16: pictures and avatars that a package names are never fetched", async () => {
  const pictures = await startTcpProxy(null);
  endings.push(pictures.stop);
  const at = `https://127.0.0.1:${pictures.port}`;
  const manifest = {
    name: "acme/pictures",
    homepage: `${at}/home`,
    authors: [{ name: "Ann", email: "ann@example.com", homepage: `${at}/avatar.png` }],
    support: { source: `${at}/source` },
    funding: [{ type: "other", url: `${at}/fund` }],
  };
  const files = { "README.md": `# Hello\n\n![badge](${at}/badge.svg) <img src="${at}/pixel.png">\n` };
  const { url } = await world.repository("acme/pictures", [{ manifest, files, tags: ["1.0.0"] }]);
  expect((await world.mirror(url)).code).toBe(0);
  expect((await world.versions("acme/pictures"))["1.0.0"]).toMatchObject({ homepage: `${at}/home` });
  expect(world.rows("readmes").join("\n")).toContain(`${at}/badge.svg`);
  expect(pictures.connections()).toBe(0);
});

/** Begun at the start and looked at in the end, because the limits are as long as they are. */
async function beginToDawdle(): Promise<void> {
  const mute = await startTcpProxy(null);
  const service = Buffer.concat([pktLine("# service=git-upload-pack\n"), flush]);
  const stuck = await startEvilServer({ advertise: { body: service, end: "silent" } });
  endings.push(mute.stop, stuck.stop);
  dawdling["did not answer (limit 15 s)"] = world.mirror(`${mute.url}/acme/blog.git`);
  dawdling["fell silent (limit 30 s)"] = world.mirror(stuck.url);
}

test("S12: a server that dawdles is given up while others are served", async () => {
  for (const [says, dawdled] of Object.entries(dawdling)) {
    const attempt = await dawdled;
    expect(attempt).toMatchObject({ code: 1, sync: { error: expect.stringContaining(says) } });
    expect(eventOf(attempt, "outbound.timeout")?.reason).toContain("limit");
  }
});
