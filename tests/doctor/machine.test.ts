// Checks of the machine: what cannot be made true here, a full disk or a network file system, is said by its facts.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { checks } from "../../src/doctor/checks.ts";
import type { Disk, Machine } from "../../src/doctor/machine.ts";
import type { TestApp } from "../worlds/process.ts";
import { contextWith, examine } from "./examine.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
beforeAll(async () => {
  world = await openWorld({ in: "process" });
});
afterAll(() => world.close());

const GB = 1024 ** 3;
const well: Disk = { freeBytes: 50 * GB, sizeBytes: 100 * GB, freeFiles: 900, files: 1000, type: 0xef53 };
const look = (id: string, facts: Partial<Machine> = {}) => examine(id, contextWith(world.app, facts));
const disk = (change: Partial<Disk>) => ({ disk: async () => ({ ...well, ...change }) });

test("OP39: disk fails on a full disk, warns of a nearly full one, and is well with room", async () => {
  const full = await look("disk", disk({ freeBytes: GB }));
  expect([full.status, full.advice]).toEqual([
    "fail",
    "Make room, or move the data folder to a larger disk.",
  ]);
  expect((await look("disk", disk({ freeBytes: 9 * GB }))).status).toBe("warn");
  expect(await look("disk", disk({}))).toMatchObject({ status: "ok", remedy: null });
});

test("OP39: inodes fails where no file can be made any more, and is well with room", async () => {
  expect((await look("inodes", disk({ freeFiles: 10 }))).status).toBe("fail");
  expect((await look("inodes", disk({}))).status).toBe("ok");
});

test("OP39: disk.speed warns of a disk as slow as a network, and is well on this one", async () => {
  const slow = await look("disk.speed", { writeTimes: async () => [1, 80, 90] });
  expect([slow.status, slow.seen]).toEqual(["warn", "A write takes 80.0 ms until it is on the disk."]);
  expect((await look("disk.speed", { writeTimes: async () => [1, 2, 90] })).status).toBe("ok");
  expect((await look("disk.speed")).seen).toMatch(/^A write takes/);
});

test("OP39: database.place fails where locks do not hold, and is well on a local disk", async () => {
  for (const type of [0x6969, 0xff534d42, 0x65735546, 0x794c7630])
    expect((await look("database.place", disk({ type }))).status).toBe("fail");
  expect((await look("database.place", disk({}))).status).toBe("ok");
});

test("OP39: permissions fails when others can read the key, and its fix mends it", async () => {
  const key = join(world.app.config.dataDir, "app.key");
  chmodSync(key, 0o644);
  const open = await look("permissions");
  expect(open).toMatchObject({ status: "fail", remedy: { do: "mend", check: "permissions" } });
  const check = checks.find(({ id }) => id === "permissions");
  expect(await check?.fix?.(contextWith(world.app))).toBe(`Only the owner can read ${key}.`);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect((await look("permissions")).status).toBe("ok");
});

test("OP39: limits warns of few files and little memory, and is well with the lines it names", async () => {
  const facts = (files: number, memory: string): Partial<Machine> => ({
    read: async (path) =>
      path.includes("cgroup") ? memory : `Max open files            ${files}   ${files}  files\n`,
  });
  const few = await look("limits", facts(1024, "max\n"));
  expect(few).toMatchObject({
    status: "warn",
    remedy: { do: "configure-system", place: "service", line: "LimitNOFILE=65536" },
  });
  expect((await look("limits", facts(65_536, "max\n"))).status).toBe("ok");
  expect((await look("limits", facts(65_536, `${128 * 1024 ** 2}\n`))).remedy).toMatchObject({
    line: "MemoryMax=512M",
  });
  expect((await look("limits", facts(65_536, `${512 * 1024 ** 2}\n`))).status).toBe("ok");
});

test("OP39: kernel warns of settings that cost connections, and is well with the lines it names", async () => {
  const set: Record<string, string> = { tcp_migrate_req: "0", somaxconn: "128" };
  const facts = { read: async (path: string) => `${set[path.split("/").at(-1) ?? ""]}\n` };
  for (let turn = 0; turn < 2; turn++) {
    const { status, remedy } = await look("kernel", facts);
    expect(status).toBe("warn");
    if (remedy?.do !== "configure-system") throw new Error("no line is named");
    const [name = "", value = ""] = remedy.line.split("=");
    set[name.split(".").at(-1) ?? ""] = value;
  }
  expect((await look("kernel", facts)).status).toBe("ok");
});

test("OP39: jit warns where memory may not become code, and is well where it may", async () => {
  const source = join(import.meta.dir, "../../src/doctor");
  const [look, deny] = ["look.ts", "deny.ts"].map((name) => join(world.folder, name));
  await Bun.write(
    look ?? "",
    `import { jit } from "${source}/checks/jit.ts"; import { machine } from "${source}/machine.ts";
     console.log((await jit.run({ machine } as never)).status);`,
  );
  // As MemoryDenyWriteExecute of a unit does it; a program that is started keeps it.
  await Bun.write(
    deny ?? "",
    `import { dlopen } from "bun:ffi";
     const args = ["int", "u64", "u64", "u64", "u64"];
     dlopen("libc.so.6", { prctl: { args, returns: "int" } }).symbols.prctl(65, 1, 0, 0, 0);
     console.log(Bun.spawnSync([process.execPath, "${look}"]).stdout.toString());`,
  );
  const run = (script = "") => Bun.spawnSync([process.execPath, script]).stdout.toString().trim();
  expect(run(deny)).toBe("warn");
  expect(run(look)).toBe("ok");
});

test("OP39: dns fails for a name that nobody knows, warns of IPv6 that does not answer, and is well without it", async () => {
  await world.app.db.write.insertInto("credentials").values(account("https://git.acme.test")).execute();
  const v6 = ["2001:db8::1"];
  const facts = (found: { v4: string[]; v6: string[] } | null): Partial<Machine> => ({
    addresses: async () => found,
    accepts: async (address) => !address.includes(":"),
  });
  expect(await look("dns", facts(null))).toMatchObject({ status: "fail" });
  expect((await look("dns", facts({ v4: [], v6 }))).status).toBe("fail");
  const half = await look("dns", facts({ v4: ["192.0.2.1"], v6 }));
  expect([half.status, half.advice]).toEqual(["warn", "Repair IPv6 on this machine, or switch it off."]);
  expect((await look("dns", facts({ v4: ["192.0.2.1"], v6: [] }))).status).toBe("ok");
});

function account(origin: string) {
  const none = { public_key: null, created_by: null, scopes: null, refresh_secret: null, granted_at: null };
  const unused = { renewal_until: null, expires_at: null, refused_at: null, error: null, rate_limit: null };
  return {
    ...none,
    ...unused,
    ...{ id: Bun.randomUUIDv7(), organization_id: organizationId(), kind: "basic" as const, username: null },
    ...{
      secret: "",
      created_at: 0,
      name: null,
      host: "git.acme.test",
      provider: "gitea",
      origin,
      account: "ann",
    },
    ...{ rate_remaining: null, rate_resets_at: null },
  };
}

let id = "";
beforeAll(async () => {
  ({ id } = await world.organization("acme"));
});
const organizationId = () => id;
