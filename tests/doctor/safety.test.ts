// Checks of what lets an operator sleep: the certificate, the backups, and that one was restored on trial.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { saveLastBackup, saveLastRehearsal } from "../../src/store/backup/results.ts";
import type { TestApp } from "../worlds/process.ts";
import { succeeded } from "../tools/process.ts";
import { contextWith, examine } from "./examine.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
beforeAll(async () => {
  world = await openWorld({ in: "process" });
});
afterAll(() => world.close());

test("OP39: tls fails without a certificate or near its end, warns when none follows, and is well with a new one", async () => {
  const make = async (name: string, days: number, subject = "DNS:pricore.acme.test") => {
    const [cert, key] = [join(world.folder, `${name}.pem`), join(world.folder, `${name}.key`)];
    const named = [
      "-subj",
      "/CN=test",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
    ];
    const of = ["-days", String(days), "-addext", `subjectAltName=${subject}`];
    await succeeded(["openssl", "req", "-x509", ...named, ...of, "-keyout", key, "-out", cert]);
    return { certFile: cert, keyFile: key };
  };
  const look = (files: { certFile: string; keyFile: string }, inDays = 0) => {
    const tls = {
      kind: "files" as const,
      names: ["pricore.acme.test"],
      httpPort: null,
      http3: false,
      ...files,
    };
    const app = { ...world.app, config: { ...world.app.config, tls } };
    return examine("tls", contextWith(app, {}, { now: () => Date.now() + inDays * 86_400_000 }));
  };
  const nothing = { certFile: join(world.folder, "none.pem"), keyFile: join(world.folder, "none.key") };
  expect((await look(nothing)).status).toBe("fail");
  expect((await look(await make("other", 90, "DNS:other.acme.test"))).seen).toContain(
    "pricore.acme.test is missing",
  );
  const good = await make("good", 90);
  expect((await look(good)).status).toBe("ok");
  expect(await look(good, 70)).toMatchObject({
    status: "warn",
    advice: "Put a new certificate into its files.",
  });
  expect((await look(good, 89)).status).toBe("fail");
  expect((await look(good, 91)).seen).toContain("has expired");
});

test("OP39: backup warns without a target, fails when the last one is old, and is well after one", async () => {
  const { app } = world;
  expect(await examine("backup", contextWith(app))).toMatchObject({
    status: "warn",
    remedy: { do: "change-setting", variable: "BACKUP_TO" },
  });
  const context = contextWith(withBackups());
  expect((await examine("backup", context)).seen).toBe("The last backup was never made.");
  const old = {
    ...lastBackup,
    succeededAt: app.now() - 10 * 86_400_000,
    error: "The target is full.",
    failures: 9,
  };
  await saveLastBackup(app.db, old);
  const failed = await examine("backup", context);
  expect([failed.status, failed.seen]).toEqual(["fail", expect.stringContaining("The target is full.")]);
  await saveLastBackup(app.db, { ...lastBackup, succeededAt: app.now() });
  expect((await examine("backup", context)).status).toBe("ok");
});

test("OP39: rehearsal warns when none was tried or one went wrong, and is well after one that went right", async () => {
  const { app } = world;
  const context = contextWith(withBackups());
  expect(await examine("rehearsal", context)).toMatchObject({ status: "warn", remedy: { do: "rehearse" } });
  const last = {
    ...{ setAt: null, setId: null, packages: [], tookMs: 1, triedAt: app.now() },
    succeededAt: app.now(),
  };
  await saveLastRehearsal(app.db, { ...last, problem: "An archive is missing." });
  expect((await examine("rehearsal", context)).seen).toContain("An archive is missing.");
  await saveLastRehearsal(app.db, { ...last, problem: null });
  expect((await examine("rehearsal", context)).status).toBe("ok");
});

const lastBackup = {
  ...{ setAt: null, setId: null, target: "/backups", archives: 1, databaseBytes: 1, newBytes: 1, tookMs: 1 },
  ...{ triedAt: 0, error: null, failures: 0 },
};

function withBackups() {
  const { config } = world.app;
  return { ...world.app, config: { ...config, backup: { ...config.backup, to: "/backups", dailyAt: 180 } } };
}
