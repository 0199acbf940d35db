// R27: the bucket that keeps the archives fails in every way. No version is told of before its archive is there.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Operator } from "../worlds/shell.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import { startS3, type Fault, type S3Server } from "../tools/servers/s3-server.ts";
import { startAsking, type Asking } from "./asking.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let s3: S3Server;
let ann: Operator;
let server: Served;
let repository: GitRepository;
let asking: Asking;
let token: string;

beforeAll(async () => {
  s3 = startS3();
  ann = await openWorld({ in: "shell", env: { ...s3.environment, LOG_LEVEL: "info" } });
  server = await ann.serve();
  await ann.must("org", "create", "acme");
  token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  repository = await makeRepository(ann.folder, "acme/blog", [release("1.0.0")]);
  await ann.must("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
  const names = ["acme/blog", "acme/unknown"];
  asking = startAsking({ url: `${server.url}/acme`, token, names, published: ["acme/blog"] });
});
afterAll(async () => {
  await ann?.close();
  await s3?.stop();
});

const faults: Fault[] = ["forbidden", "broken", "silent", "forgetful"];

for (const [at, fault] of faults.entries())
  test(`R27: with a bucket that is ${fault} nothing new is published, archives are 503, and it goes on by itself`, async () => {
    const tag = `2.${at}.0`;
    await repository.commit(release(tag));
    const before = rows();
    s3.fault = fault;
    const statuses = [ask(), ask(`&fault=${fault}`)].map(async (pending) => (await pending).status);
    const { code, stdout } = await sync();
    expect([code, stdout]).toEqual([1, expect.stringContaining("The S3 bucket")]);
    expect(rows()).toEqual(before);
    // An object that was kept before is not touched by forgetting new ones.
    expect(await Promise.all(statuses)).toEqual(fault === "forgetful" ? [200, 200] : [503, 503]);
    s3.fault = null;
    expect((await sync()).code).toBe(0);
    expect(rows().versions).toContain(tag);
    expect(rows().dists.every((sha256) => s3.objects.has(`dists/${sha256}.zip`))).toBe(true);
    expect((await ask()).status).toBe(200);
  }, 60_000);

test("R27: a client that asked all the time was never sent to another registry", async () => {
  const { requests: requestCount, wrong } = await asking.stop();
  expect([requestCount > 100, wrong]).toEqual([true, []]);
});

function release(tag: string) {
  return { manifest: { name: "acme/blog" }, files: { "a.txt": tag }, tags: [tag] };
}

function sync() {
  return ann.run(["sync", "--org", "acme", "blog", "--wait"], { timeoutMs: 60_000 });
}

/** As an old Composer asks for the archive of 1.0.0: it cannot be led to the bucket, so the bytes pass through us. */
async function ask(query = ""): Promise<Response> {
  const reference = await repository.reference("1.0.0");
  return fetch(`${server.url}/acme/dists/acme/blog/1.0.0/${reference}.zip?${query}`, {
    headers: { Authorization: `Bearer ${token}`, "User-Agent": "Composer/2.5.5 (Linux)" },
  });
}

function rows(): { versions: string[]; dists: string[] } {
  using db = new Database(join(ann.dataDir, "pricore.sqlite"), { readonly: true });
  const list = (query: string) =>
    db
      .query<{ value: string }, []>(query)
      .all()
      .map(({ value }) => value);
  return {
    versions: list("select version as value from versions where ref_kind = 'tag' order by version"),
    dists: list("select sha256 as value from dists order by sha256"),
  };
}
