// A server that starts, or says why not and leaves everything as it was.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { reservedPort } from "../tools/servers/ports.ts";
import { makeRepository } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { until } from "../tools/until.ts";
import { binary } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell" })));
afterEach(() => ann.close());

describe("the address", () => {
  test("that another program listens on is refused by its port, and the data is as before", async () => {
    await ann.must("org", "create", "acme");
    using other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const refused = await ann.serve({ env: { PORT: String(other.port) } });
    expect(refused.code()).toBe(1);
    expect(refused.printed()).toContain(`Port ${other.port} on 127.0.0.1 is in use by another program.`);
    expect(refused.printed()).toContain("choose another port with --port or PORT");
    const started = await ann.serve();
    expect(started.code()).toBe(null);
    expect(await ann.json<unknown[]>("org", "list")).toHaveLength(1);
  });

  for (const [first, second] of [
    ["127.0.0.1", "127.0.0.1"],
    ["0.0.0.0", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
  ] as const)
    test(`FA20: that a server of other data has on ${first} is refused to one on ${second}`, async () => {
      const APP_URL = "http://packages.acme.test";
      const running = await ann.serve({ env: { HOST: first, APP_URL, PORT: String(reservedPort()) } });
      const env = { HOST: second, APP_URL, PORT: String(running.port), DATA_DIR: join(ann.folder, "other") };
      const refused = await ann.serve({ env });
      expect(refused.code()).toBe(1);
      expect(refused.printed()).toContain(
        `Port ${running.port} on ${second} is in use by another program.\n` +
          "Stop that program, or choose another port with --port or PORT.",
      );
      // The control: connections of before hold the port for nobody.
      expect((await fetch(`http://127.0.0.1:${running.port}/health`)).status).toBe(200);
      running.kill("SIGKILL");
      await running.ended;
      const after = await ann.serve({ env });
      expect(after.code()).toBe(null);
    });

  test("FU10: that somebody shares is refused as well", async () => {
    using other = sharing();
    const refused = await ann.serve({ env: { PORT: String(other.server.port) } });
    expect(refused.code()).toBe(1);
    expect(refused.printed()).toContain(`Port ${other.server.port} on 127.0.0.1 is in use`);
  });

  test("that is none of this machine is refused by its name", async () => {
    const env = { HOST: "192.0.2.1", APP_URL: "http://packages.acme.test" };
    const refused = await ann.serve({ env });
    expect(refused.code()).toBe(1);
    expect(refused.printed()).toMatch(
      /192\.0\.2\.1:\d+ is not available to listen on: .*\nCheck HOST and PORT\./,
    );
  });

  test("with port 0 has any free one, which is printed and where all links lead", async () => {
    for (const APP_URL of [undefined, "http://127.0.0.1:0"]) {
      const args = ["serve", "--port", "0"];
      const env = { LOG_LEVEL: "error", DATA_DIR: ann.dataDir };
      const child = Bun.spawn([binary, ...args], {
        env: { ...env, ...(APP_URL ? { APP_URL } : {}) },
        cwd: ann.folder,
        stdio: ["ignore", "pipe", "inherit"],
      });
      const printed = new TextDecoder().decode((await child.stdout.getReader().read()).value);
      expect(printed).toMatch(/^Listening on 127\.0\.0\.1:[1-9]\d+\n$/);
      const port = /\d+$/m.exec(printed)?.[0];
      const origin = `http://${APP_URL ? "127.0.0.1" : "localhost"}:${port}`;
      expect((await fetch(`${origin}/sign-in`)).status).toBe(200);
      await ann.run(["org", "create", "acme"]);
      const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
      const headers = { Authorization: `Bearer ${token}` };
      const root = await (await fetch(`${origin}/acme/packages.json`, { headers })).text();
      expect(root).toContain(`${origin}/acme/`);
      child.kill("SIGTERM");
      expect(await child.exited).toBe(0);
    }
  });

  test("may be given by arguments, which beat the environment", async () => {
    const { port } = await ann.serve({ env: { HOST: "192.0.2.1" }, args: ["--host", "127.0.0.1"] });
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  });
});

describe("one server", () => {
  test("R16: holds its database: a second one is refused, commands and workers are not", async () => {
    const first = await ann.serve();
    const second = await ann.serve();
    expect(second.code()).toBe(1);
    expect(second.printed()).toContain("Another server uses the database");
    expect(second.printed()).toContain("DATA_DIR");
    await ann.must("org", "create", "acme");
    const worker = await ann.serve({ args: ["worker"], env: { LOG_LEVEL: "info" } });
    expect(worker.events()).toContain("worker.ready");
    expect(worker.code()).toBe(null);
    expect((await fetch(`${first.url}/health`)).status).toBe(200);
  });

  test("R16: lets go of it however it ends", async () => {
    for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"] as const) {
      const server = await ann.serve();
      expect(server.code()).toBe(null);
      server.kill(signal);
      await server.ended;
    }
  });

  test("may have another one beside it on data of its own", async () => {
    await ann.serve();
    const other = await ann.serve({ env: { DATA_DIR: join(ann.folder, "other") } });
    expect(other.code()).toBe(null);
  });
});

describe("the data directory", () => {
  test("is for its owner only, with all that is in it", async () => {
    const { path } = await makeRepository(ann.folder, "acme/blog", [
      { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    ]);
    await ann.must("org", "create", "acme");
    await ann.must("repo", "add", "--org", "acme", path, "--sync", "--wait");
    await ann.serve();
    const modes = new Map<string, Set<string>>();
    const all = ["", ...(readdirSync(ann.dataDir, { recursive: true }) as string[])];
    for (const name of all) {
      const found = statSync(join(ann.dataDir, name));
      const kind = found.isDirectory() ? "folder" : "file";
      modes.set(kind, (modes.get(kind) ?? new Set()).add((found.mode & 0o777).toString(8)));
    }
    expect(all).toContainValues(["app.key", "pricore.sqlite", "pricore.sqlite-wal", "dists", "tmp"]);
    expect(Object.fromEntries(modes)).toEqual({ folder: new Set(["700"]), file: new Set(["600"]) });
  });

  test("that cannot be made is named, with what to do", async () => {
    const ben = await openWorld({ in: "shell", asNobody: true });
    try {
      for (const DATA_DIR of ["/proc/pricore", "/dev/null/pricore", "/dev/null"]) {
        const { code, stderr } = await ben.run(["migrate"], { env: { DATA_DIR } });
        expect([DATA_DIR, code]).toEqual([DATA_DIR, 1]);
        expect(stderr).toStartWith(`The folder ${DATA_DIR} cannot be created: `);
        expect(stderr).toContain("Set DATA_DIR to a folder that this user can write to.");
      }
    } finally {
      await ben.close();
    }
  });

  test("keeps what a living process is at and loses what a dead one left", async () => {
    const tmp = join(ann.dataDir, "tmp");
    await mkdir(join(tmp, "git-old"), { recursive: true });
    await mkdir(join(tmp, "git-new"), { recursive: true });
    writeFileSync(join(tmp, "git-old/1.zip"), "");
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(join(tmp, "git-old"), longAgo, longAgo);
    await ann.serve();
    await until(() => !existsSync(join(tmp, "git-old")));
    expect(existsSync(join(tmp, "git-new"))).toBe(true);
  });
});

describe("the key", () => {
  const key = (fill: number) => Buffer.alloc(32, fill).toString("base64");
  const keyFile = () => join(ann.dataDir, "app.key");

  test("is made at the first start and never again", async () => {
    await ann.must("org", "create", "acme");
    const made = readFileSync(keyFile(), "utf8");
    expect(made).toMatch(/^base64:[A-Za-z0-9+/]{43}=\n$/);
    await ann.must("org", "list");
    expect(readFileSync(keyFile(), "utf8")).toBe(made);
  });

  test("that is not the database's is refused, by servers and by commands", async () => {
    await ann.must("org", "create", "acme");
    const made = readFileSync(keyFile(), "utf8");
    const server = await ann.serve({ env: { APP_KEY: key(7) } });
    const command = await ann.run(["org", "list"], { env: { APP_KEY: key(7) } });
    for (const [code, text] of [
      [server.code(), server.printed()],
      [command.code, command.stderr],
    ] as const) {
      expect(code).toBe(1);
      expect(text).toContain("The encryption key does not match this database.");
      expect(text).toContain("APP_KEY");
      expect(text).not.toContain(key(7));
    }
    expect(readFileSync(keyFile(), "utf8")).toBe(made);
    expect(await ann.json<unknown[]>("org", "list")).toHaveLength(1);
  });

  test("that was lost is not replaced by a new one; with the old one everything goes on", async () => {
    await ann.must("org", "create", "acme");
    const made = readFileSync(keyFile(), "utf8");
    rmSync(keyFile());
    const { code, stderr } = await ann.run(["org", "list"]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `The encryption key ${keyFile()} is missing.\n` +
        `Put the key that the database was created with into APP_KEY or ${keyFile()}. No new key was created.\n` +
        "If the key is lost for good: pricore key replace --forget-credentials\n",
    );
    expect(existsSync(keyFile())).toBe(false);
    const again = await ann.run(["org", "list", "--json"], { env: { APP_KEY: made.trim() } });
    expect(again.json<unknown[]>()).toHaveLength(1);
  });

  test("that is damaged is refused and left unchanged for a repair", async () => {
    await ann.must("org", "create", "acme");
    writeFileSync(keyFile(), "base64:c2hvcnQ=\n");
    const { code, stderr } = await ann.run(["org", "list"]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${keyFile()} is not a key of 32 bytes in base64.`);
    expect(readFileSync(keyFile(), "utf8")).toBe("base64:c2hvcnQ=\n");
  });

  test("in APP_KEY leaves no file", async () => {
    const env = { APP_KEY: key(1), DATA_DIR: join(ann.folder, "other") };
    expect((await ann.run(["migrate"], { env })).code).toBe(0);
    expect((await ann.run(["org", "create", "acme"], { env })).code).toBe(0);
    expect(existsSync(join(ann.folder, "other", "app.key"))).toBe(false);
  });
});

test("a second start says nothing but that it is ready", async () => {
  await ann.must("org", "create", "acme");
  const env = { APP_URL: "http://packages.acme.test" };
  const first = await ann.serve({ env });
  first.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  expect(first.events()).toEqual(["documents.rebuilding", "serve.ready", "serve.stopping"]);
  const second = await ann.serve({ env });
  second.kill("SIGTERM");
  expect(await second.ended).toBe(0);
  expect(second.events()).toEqual(["serve.ready", "serve.stopping"]);
});

/** Listens in a way that lets others listen there too. */
function sharing() {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, reusePort: true, fetch: () => new Response() });
  return { server, [Symbol.dispose]: () => void server.stop(true) };
}
