// Backups in a bucket: one that fails now and then, one that is cut off, and one whose credentials only add.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { openBucket } from "../../src/backup/bucket.ts";
import { runBackup } from "../../src/backup/run.ts";
import { failureOf } from "../tools/failure.ts";
import { startS3, type S3Server } from "../tools/servers/s3-server.ts";
import { backupGround, type BackupGround } from "./ground.ts";

let bucket: S3Server;
let ground: BackupGround;
beforeAll(async () => {
  bucket = startS3("backups");
  ground = await backupGround({
    BACKUP_TO: "s3://backups/pricore",
    BACKUP_S3_ACCESS_KEY_ID: "key",
    BACKUP_S3_SECRET_ACCESS_KEY: "secret",
    BACKUP_S3_ENDPOINT: bucket.endpoint,
    BACKUP_S3_USE_PATH_STYLE_ENDPOINT: "true",
    BACKUP_APPEND_ONLY: "true",
  });
});
afterAll(async () => {
  await ground?.close();
  await bucket?.stop();
});

test("OP26: a backup to a bucket is restored from it, archives included", async () => {
  const { set } = await runBackup(ground.world.app);
  expect(set.archives).toBe(1);
  expect([...bucket.objects.keys()].every((key) => key.startsWith("pricore/"))).toBe(true);
  const report = await ground.restoreInto("restored");
  expect(report).toMatchObject({ archives: 1, missing: [], kept: true });
});

test("OP28: with append-only nothing is deleted, and nothing is written twice", async () => {
  ground.world.tick();
  await runBackup(ground.world.app);
  const methods = bucket.requests.map(({ method }) => method);
  expect(methods).not.toContain("DELETE");
  const puts = bucket.requests.filter(({ method }) => method === "PUT").map(({ path }) => path);
  expect(puts.length).toBeGreaterThan(4);
  expect(new Set(puts).size).toBe(puts.length);
});

test("OP26: a bucket that fails is asked again, and one that stays broken fails the backup with its name", async () => {
  ground.world.tick();
  bucket.fault = "broken";
  setTimeout(() => void (bucket.fault = null), 300);
  await runBackup(ground.world.app);
  bucket.fault = "broken";
  const failure = await failureOf(runBackup(ground.world.app));
  bucket.fault = null;
  expect([failure.code, failure.message]).toEqual([
    "backup_target",
    expect.stringContaining("s3://backups/pricore"),
  ]);
});

test("OP26: an answer that is cut off is no shorter part", async () => {
  const cutting = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ method }) =>
      method === "HEAD"
        ? new Response(null, { headers: { "Content-Length": "1000", ETag: '"etag"' } })
        : new Response("short", { headers: { ETag: '"etag"' } }),
  });
  const access = {
    accessKeyId: "key",
    secretAccessKey: "secret",
    region: "us-east-1",
    bucket: "backups",
    prefix: "",
  };
  const target = openBucket({
    ...access,
    endpoint: `http://127.0.0.1:${cutting.port}`,
    virtualHosted: false,
  });
  const failure = await failureOf(target.get(join("blobs", "aa")));
  expect(failure.message).toContain("was cut");
  await cutting.stop(true);
});
