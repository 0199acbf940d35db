// What a forge told while nobody listened is found without it. The built binary, a real repository.
import { databaseBeside } from "../attacks/database-beside.ts";
import type { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Operator } from "../worlds/shell.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let blog: GitRepository;

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  blog = await makeRepository(ann.folder, "acme/blog", [release("1.0.0")]);
  await ann.must("org", "create", "acme");
  await ann.must("repo", "add", "--org", "acme", blog.path, "--sync", "--wait");
  withDatabase((database) => {
    const { id, organization_id } = database
      .query<{ id: string; organization_id: string }, []>("select id, organization_id from repositories")
      .get() ?? { id: "", organization_id: "" };
    database.run(
      "insert into webhooks (repository_id, organization_id, state, secret, created_at, next_check_at) values (?, ?, 'manual', '', 0, 0)",
      [id, organization_id],
    );
  });
}, 60_000);
afterAll(() => ann?.close());

function release(tag: string) {
  return { manifest: { name: "acme/blog" }, tags: [tag] };
}

/** Its last proof is a while ago, and the timetable would not ask for hours. */
function wasLongAgo(): void {
  const now = Date.now();
  withDatabase((database) =>
    database.run("update repositories set last_proven_fresh_at = ?, next_poll_at = ?", [
      now - 120_000,
      now + 6 * 3_600_000,
    ]),
  );
}

function withDatabase(work: (database: Database) => void): void {
  const database = databaseBeside(ann.dataDir);
  work(database);
  database.close();
}

async function latest(): Promise<string> {
  return (await ann.json<{ latest: string }[]>("package", "list", "--org", "acme"))[0]?.latest ?? "";
}

async function stop(server: Served): Promise<void> {
  server.kill("SIGTERM");
  await server.ended;
}

test("W7: a push that came while the server was down is found when it starts, and the log says so", async () => {
  await blog.commit(release("1.1.0"));
  wasLongAgo();
  const server = await ann.serve({ env: { SYNC_INTERVAL: "6h" } });
  await until(async () => (await latest()) === "1.1.0");
  await until(() => server.events().includes("sync.reconcile_found"));
  await stop(server);
}, 60_000);

test("W7: a push without a delivery is found within the interval", async () => {
  const server = await ann.serve({ env: { SYNC_INTERVAL: "2s" } });
  await blog.commit(release("1.2.0"));
  await until(async () => (await latest()) === "1.2.0");
  await until(() => server.events().includes("sync.reconcile_found"));
  await stop(server);
}, 60_000);

test("a start that finds nothing new says nothing of it", async () => {
  wasLongAgo();
  const server = await ann.serve({ env: { SYNC_INTERVAL: "6h", LOG_LEVEL: "debug" } });
  await until(() => server.events().includes("sync.done"));
  expect(server.events()).not.toContain("sync.reconcile_found");
  await stop(server);
}, 60_000);

test("without polling nobody looks: a start leaves pushes without a delivery alone", async () => {
  await blog.commit(release("1.3.0"));
  wasLongAgo();
  const server = await ann.serve({ env: { SYNC_INTERVAL: "off" } });
  await Bun.sleep(2000);
  expect(await latest()).toBe("1.2.0");
  await stop(server);
}, 60_000);
