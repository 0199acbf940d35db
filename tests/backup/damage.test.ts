// What is missing or damaged in a target is named, and nothing is restored from it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rehearse } from "../../src/backup/rehearse.ts";
import { runBackup } from "../../src/backup/run.ts";
import { listSets, newestSet } from "../../src/backup/sets.ts";
import { openFolder } from "../../src/backup/folder.ts";
import { verifyBytes, verifyPresence } from "../../src/backup/verify.ts";
import { createVault } from "../../src/backup/vault.ts";
import { rawKey } from "../../src/app-key.ts";
import { findLastRehearsal } from "../../src/store/backup/results.ts";
import { rehearsalStatus } from "../../src/registry/backups/status.ts";
import { failureOf } from "../tools/failure.ts";
import { backupGround, type BackupGround } from "./ground.ts";

let ground: BackupGround;
let archive: { sha256: string; path: string };
let block: string;
beforeAll(async () => {
  ground = await backupGround();
  const { app } = ground.world;
  await runBackup(app);
  const vault = createVault(await rawKey(app.config));
  const [stored] = await Array.fromAsync(app.storage.list());
  const sha256 = stored?.sha256 ?? "";
  archive = { sha256, path: join(ground.target, vault.nameOf(sha256)) };
  const others = readdirSync(join(ground.target, "blobs"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ path: join(entry.parentPath, entry.name) }))
    .filter(({ path }) => path !== archive.path)
    .toSorted((one, other) => readFileSync(other.path).length - readFileSync(one.path).length);
  block = others[0]?.path ?? "";
});
afterAll(() => ground?.close());

const target = () => openFolder(ground.target);
const nameOf = (path: string) => path.slice(ground.target.length + 1);

test("OP35: a rehearsal of a whole backup installs a package and says when", async () => {
  const { app } = ground.world;
  expect(await rehearse(app)).toMatchObject({ packages: ["acme/blog"] });
  expect(await findLastRehearsal(app.db)).toMatchObject({ succeededAt: app.now(), problem: null });
  expect((await rehearsalStatus(app)).state).toBe("ok");
});

test("OP36: a rehearsal leaves no file", () => {
  expect(readdirSync(join(ground.world.app.config.dataDir, "tmp"))).toEqual([]);
});

test("OP29: a missing archive is named, nothing is written, and it can be left out", async () => {
  renameSync(archive.path, `${archive.path}.away`);
  try {
    const set = await newestSet(target());
    expect((await verifyPresence({ target: target(), set })).problems).toEqual([
      `${nameOf(archive.path)} is missing.`,
    ]);
    const failure = await failureOf(ground.restoreInto("without"));
    expect(failure.message).toContain(archive.sha256);
    expect(readdirSync(join(ground.folder, "without"))).toEqual([]);
    expect((await ground.restoreInto("without", { allowMissing: true })).missing).toEqual([archive.sha256]);
  } finally {
    renameSync(`${archive.path}.away`, archive.path);
  }
});

test("OP35: a target without one archive makes the rehearsal amber, with its name", async () => {
  const { app } = ground.world;
  renameSync(archive.path, `${archive.path}.away`);
  try {
    await failureOf(rehearse(app));
    const { state, last } = await rehearsalStatus(app);
    expect(state).toBe("amber");
    expect(last?.problem).toContain(archive.sha256);
    // The last success stays known.
    expect(last?.succeededAt).not.toBe(null);
  } finally {
    renameSync(`${archive.path}.away`, archive.path);
  }
});

test("OP29: a changed byte in a block or an archive is found, and named", async () => {
  for (const path of [block, archive.path]) {
    const good = readFileSync(path);
    const bad = Buffer.from(good);
    bad[bad.length - 20] = (bad.at(-20) ?? 0) ^ 1;
    writeFileSync(path, bad);
    try {
      const set = await newestSet(target());
      const { config } = ground.world.app;
      const options = { config, recoveryKey: ground.recoveryKey, progress: () => {} };
      expect((await verifyPresence({ target: target(), set })).problems).toEqual([]);
      expect((await verifyBytes({ target: target(), set }, options)).problems.join()).toContain(nameOf(path));
      const failure = await failureOf(ground.restoreInto("damaged"));
      expect(failure.message).toContain(nameOf(path));
      expect(readdirSync(join(ground.folder, "damaged"))).toEqual([]);
    } finally {
      writeFileSync(path, good);
    }
  }
});

test("OP32: a backup of a newer version is refused with the version that made it", async () => {
  const [id = ""] = await listSets(target());
  const path = join(ground.target, "sets", `${id}.json`);
  const good = readFileSync(path, "utf8");
  const set = JSON.parse(good);
  writeFileSync(path, JSON.stringify({ ...set, version: "9.1.0", schema: [...set.schema, "9999_future"] }));
  try {
    const failure = await failureOf(ground.restoreInto("newer"));
    expect([failure.code, failure.message, failure.advice]).toEqual([
      "schema_newer",
      expect.stringContaining("9.1.0"),
      expect.stringContaining("9.1.0"),
    ]);
    expect(existsSync(join(ground.folder, "newer"))).toBe(false);
  } finally {
    writeFileSync(path, good);
  }
});
