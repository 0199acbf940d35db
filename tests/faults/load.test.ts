// R11, R12, R25: a thousand clients, five hundred that dawdle, and a signal to stop in the middle of it all.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { Socket } from "node:net";
import type { Operator } from "../worlds/shell.ts";
import { finished } from "../tools/process.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import { startAsking, type Asking } from "./asking.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let server: Served;
let repository: GitRepository;
let token: string;
let archive: { url: string; shasum: string };
let asking: Asking;

beforeEach(async () => {
  ann = await openWorld({ in: "shell" });
  server = await ann.serve();
  await ann.must("org", "create", "acme");
  token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  repository = await makeRepository(ann.folder, "acme/blog", [release("1.0.0")]);
  await ann.must("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
  const answer = await fetch(`${server.url}/acme/p2/acme/blog.json`, { headers: authorization() });
  const { packages } = (await answer.json()) as { packages: Record<string, { dist: typeof archive }[]> };
  archive = packages["acme/blog"]?.[0]?.dist ?? { url: "", shasum: "" };
  const names = ["acme/blog", "acme/unknown"];
  asking = startAsking({ url: `${server.url}/acme`, token, names, published: ["acme/blog"], archive });
});
afterEach(async () => {
  const { requests: requestCount, wrong } = await asking.stop();
  expect([requestCount > 0, wrong]).toEqual([true, []]);
  await ann.close();
});

test("R12: a thousand clients at once, during a sync too, all get what they asked for", async () => {
  const load = finished([
    ...["wrk", "-c", "1000", "-t", "2", "-d", "4s", "--timeout", "30s"],
    ...["-H", `Authorization: Bearer ${token}`, `${server.url}/acme/p2/acme/blog.json`],
  ]);
  for (let minor = 1; minor < 4; minor++) {
    await repository.commit(release(`1.${minor}.0`));
    await ann.must("sync", "--org", "acme", "blog", "--wait");
  }
  const { stdout } = await load;
  expect(Number(/(\d+) requests in/.exec(stdout)?.[1])).toBeGreaterThan(1000);
  expect(stdout).not.toContain("Non-2xx");
  expect(stdout).not.toContain("Socket errors");
}, 60_000);

test("R11: five hundred clients that send a letter at a time keep nobody else from being served", async () => {
  const slow = await Promise.all(Array.from({ length: 500 }, dawdle));
  const timer = setInterval(() => {
    for (const socket of slow) socket.write("a");
  }, 500);
  for (let round = 0; round < 20; round++) {
    const headers = authorization();
    const answers = Array.from({ length: 10 }, () => fetch(archive.url, { headers }));
    for (const answer of await Promise.all(answers)) {
      expect(answer.status).toBe(200);
      await answer.bytes();
    }
  }
  // The control: they were there all the time.
  expect(slow.filter((socket) => !socket.destroyed).length).toBeGreaterThan(400);
  clearInterval(timer);
  for (const socket of slow) socket.destroy();
}, 60_000);

test("R25: a server that is told to stop under load drops no request that it has begun, and hands its sync back", async () => {
  const downloads = Array.from({ length: 40 }, () => begin(archive.url));
  const started = await Promise.all(downloads);
  for (let minor = 1; minor < 30; minor++) await repository.commit(release(`2.${minor}.0`));
  await ann.must("sync", "--org", "acme", "blog");
  server.kill("SIGTERM");
  await until(() => server.events().includes("serve.stopping"));
  const sums = await Promise.all(started.map(({ rest }) => rest()));
  expect(new Set(sums)).toEqual(new Set([archive.shasum]));
  expect(await server.ended).toBe(0);
  server = await ann.serve();
  await until(async () => {
    const list = await ann.json<{ state: string }[]>("repo", "list", "--org", "acme");
    return list[0]?.state === "fresh";
  });
  const [blog] = await ann.json<{ versions: number }[]>("package", "list", "--org", "acme");
  expect(blog?.versions).toBe(31);
}, 60_000);

/** Incompressible, so that it does not fit into any buffer on the way. */
function release(tag: string) {
  const files = { "a.txt": tag === "1.0.0" ? random(3_000_000) : tag };
  return { manifest: { name: "acme/blog" }, files, tags: [tag] };
}

function random(characters: number): string {
  const part = () => crypto.getRandomValues(new Uint8Array(30_000)).toHex();
  return Array.from({ length: Math.ceil(characters / 60_000) }, part).join("");
}

function authorization(): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** A download whose head has come and whose body is not read yet; `rest` answers its SHA-1. */
async function begin(url: string): Promise<{ rest(): Promise<string> }> {
  const answer = await fetch(url, { headers: authorization() });
  expect(answer.status).toBe(200);
  return { rest: async () => new Bun.CryptoHasher("sha1").update(await answer.bytes()).digest("hex") };
}

async function dawdle(): Promise<Socket> {
  const socket = new Socket();
  socket.on("error", () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.connect(server.port, "127.0.0.1", resolve);
  await promise;
  socket.write("GET /acme/packages.json HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  return socket;
}
