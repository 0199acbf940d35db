// Reports of installs: each one that is accepted counts, however many share a token and a minute.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Operator } from "../worlds/shell.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { makeRepository } from "../tools/repositories.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let server: Served;
let token: string;
const port = String(reservedPort());
const serve = () => ann.serve({ env: { PORT: port } });

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  const names = ["acme/blog", "acme/shop", "acme/wiki"];
  server = await serve();
  await ann.must("org", "create", "acme");
  token = await ann.must("token", "create", "--org", "acme", "--name", "farm");
  for (const name of names) {
    const steps = [
      { manifest: { name }, tags: ["1.0.0"] },
      { manifest: { name }, tags: ["1.1.0"] },
    ];
    const { path } = await makeRepository(ann.folder, name, steps);
    await ann.must("repo", "add", "--org", "acme", path, "--sync", "--wait");
  }
});
afterAll(() => ann?.close());

const row = (name: string, version = "1.0.0.0") => ({ name, version });

async function report(...downloads: unknown[]): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  const body = JSON.stringify({ downloads });
  const request = fetch(`${server.url}/acme/notify-batch`, { method: "POST", headers, body });
  return request.then(
    ({ status }) => status,
    () => 0,
  );
}

async function downloads(name: string): Promise<number> {
  const list = await ann.json<{ name: string; downloads: number }[]>("package", "list", "--org", "acme");
  return list.find((each) => each.name === name)?.downloads ?? 0;
}

/** The marker: an install that was reported after all others has been counted. */
async function countOneLater(): Promise<void> {
  const before = await downloads("acme/wiki");
  expect(await report(row("acme/wiki"))).toBe(200);
  await until(async () => (await downloads("acme/wiki")) > before);
}

test("FC19: two installs with one token in one minute are two, and a hundred at once a hundred", async () => {
  expect(await report(row("acme/blog"))).toBe(200);
  expect(await report(row("acme/blog"))).toBe(200);
  await until(async () => (await downloads("acme/blog")) === 2);
  const shuffled = (at: number) => (at % 2 === 0 ? ["1.0.0.0", "1.1.0.0"] : ["1.1.0.0", "1.0.0.0"]);
  const statuses = await Promise.all(
    Array.from({ length: 100 }, (_, at) =>
      report(...shuffled(at).map((version) => row("acme/blog", version)), row("acme/unknown")),
    ),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  await until(async () => (await downloads("acme/blog")) >= 202);
  await countOneLater();
  expect(await downloads("acme/blog")).toBe(202);
});

test("FC19: what was accepted is counted after a kill, and nothing twice", async () => {
  let accepted = 0;
  for (let kill = 0; kill < 4; kill++) {
    const reports = Array.from({ length: 25 }, () => report(row("acme/shop")));
    await Bun.sleep(kill * 12);
    if (kill > 0) server.kill("SIGKILL");
    accepted += (await Promise.all(reports)).filter((status) => status === 200).length;
    server.kill("SIGKILL");
    await server.ended;
    server = await serve();
  }
  expect(accepted).toBeGreaterThanOrEqual(25);
  await until(async () => (await downloads("acme/shop")) >= accepted);
  await countOneLater();
  // A report that was written before its answer could be sent counts, too.
  expect(await downloads("acme/shop")).toBeLessThanOrEqual(100);
});
