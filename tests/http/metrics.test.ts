// GET /metrics of the built binary: who may read it, and that its figures are those of what happened.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { sendRaw, type Published } from "../worlds/published.ts";
import { openWorld } from "../worlds/world.ts";

const metricsToken = "a-token-for-the-figures-alone";

let ground: Published;
beforeAll(
  async () =>
    void (ground = await openWorld({ in: "shell", published: true, env: { METRICS_TOKEN: metricsToken } })),
  60_000,
);
afterAll(() => ground?.close());

async function figures(): Promise<Map<string, number>> {
  const answer = await ground.ask("/metrics");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Content-Type")).toStartWith("text/plain; version=0.0.4");
  const lines = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

test("this machine itself reads the figures, and nobody whom a proxy passes on", async () => {
  const { port } = ground.server;
  const ask = async (...lines: string[]) =>
    (
      await sendRaw(
        ground.server,
        `${["GET /metrics HTTP/1.1", ...lines].join("\r\n")}\r\nConnection: close\r\n\r\n`,
      )
    ).status;
  const [own, authorization] = [`Host: 127.0.0.1:${port}`, `Authorization: Bearer ${metricsToken}`];
  expect(await ask(own)).toBe(200);
  expect(await ask(`Host: localhost:${port}`)).toBe(200);
  for (const passedOn of [
    "X-Forwarded-For: 203.0.113.7",
    "X-Forwarded-For: 127.0.0.1",
    "X-Real-IP: 127.0.0.1",
    "Forwarded: for=127.0.0.1",
    "Via: 1.1 proxy",
  ]) {
    expect([passedOn, await ask(own, passedOn)]).toEqual([passedOn, 401]);
    expect(await ask(own, passedOn, authorization)).toBe(200);
  }
  // A page of another site whose name leads to this machine.
  for (const host of ["packages.acme.test", "127.0.0.1.evil.test", "localhost.evil.test"])
    expect(await ask(`Host: ${host}`)).toBe(401);
  expect(await ask("Host: packages.acme.test", authorization)).toBe(200);
  for (const wrong of [`Bearer ${metricsToken}x`, "Bearer x", `Basic ${metricsToken}`, "Bearer "])
    expect(await ask("Host: packages.acme.test", `Authorization: ${wrong}`)).toBe(401);
});

test("requests are counted by kind and status, documents by where they were", async () => {
  const [before, path] = [await figures(), "/acme/p2/acme/blog.json"];
  const token = ground.token;
  for (const each of [1, 2, 3])
    expect([each, (await ground.ask(path, { token })).status]).toEqual([each, 200]);
  await ground.ask(path, { token: "wrong" });
  await ground.ask("/acme/packages.json", { token });
  await ground.ask("/acme/list.json", { token });
  await ground.ask("/nothing/at/all", { headers: { Accept: "text/html" } });
  const after = await figures();
  const added = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  expect(added('pricore_http_requests_total{kind="package",status="200"}')).toBe(3);
  expect(added('pricore_http_requests_total{kind="package",status="401"}')).toBe(1);
  expect(added('pricore_http_requests_total{kind="root",status="200"}')).toBe(1);
  expect(added('pricore_http_requests_total{kind="composer",status="200"}')).toBe(1);
  expect(added('pricore_http_requests_total{kind="page",status="404"}')).toBe(1);
  expect(added('pricore_document_cache_requests_total{result="hit"}')).toBeGreaterThanOrEqual(2);
  expect(after.get("pricore_document_cache_bytes")).toBeGreaterThan(100);
});

test("jobs, syncs, freshness, database, disk and process have their figures", async () => {
  await ground.sync();
  for (let look = 0; look < 100; look++) {
    if ((await figures()).has('pricore_jobs_total{name="sync-repository",outcome="done"}')) break;
    await Bun.sleep(200);
  }
  const all = await figures();
  const value = (name: string) => all.get(name) ?? -1;
  expect(value('pricore_jobs_total{name="sync-repository",outcome="done"}')).toBeGreaterThanOrEqual(1);
  expect(value('pricore_job_run_seconds_total{name="sync-repository"}')).toBeGreaterThan(0);
  expect(value('pricore_job_run_seconds{name="sync-repository",quantile="0.95"}')).toBeGreaterThan(0);
  expect(value('pricore_workers{state="idle"}') + value('pricore_workers{state="busy"}')).toBeGreaterThan(0);
  expect(value("pricore_queue_up")).toBe(1);
  expect(value("pricore_queue_paused")).toBe(0);
  const syncs = [...all].filter(([name]) => name.startsWith("pricore_syncs_last_day"));
  expect(syncs.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThanOrEqual(1);
  expect(value('pricore_repositories{state="fresh"}')).toBe(1);
  expect(value("pricore_freshness_oldest_seconds")).toBeGreaterThanOrEqual(0);
  expect(value("pricore_heap_objects")).toBeGreaterThan(1000);
  expect(value('pricore_heap_bytes{part="objects"}')).toBeGreaterThan(1_000_000);
  expect(value("pricore_database_bytes")).toBeGreaterThan(10_000);
  expect(value("pricore_disk_free_bytes")).toBeLessThan(value("pricore_disk_size_bytes"));
  expect(value("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  expect(value("process_cpu_seconds_total")).toBeGreaterThan(0);
  expect(value("process_start_time_seconds")).toBeGreaterThan(1_600_000_000);
});

test("no label tells of a package, an organization or an address that somebody made up", async () => {
  await ground.ask("/acme/p2/acme/secret-name.json", { token: ground.token });
  await ground.ask("/made-up/made-up.json");
  const names = [...(await figures()).keys()].join("\n");
  for (const word of ["acme", "blog", "secret-name", "made-up"]) expect(names).not.toContain(word);
  expect((await figures()).size).toBeLessThan(300);
});
