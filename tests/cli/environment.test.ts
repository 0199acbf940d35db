// What the product takes from its environment, and from which files it does not.
import { databaseBeside } from "../attacks/database-beside.ts";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell" })));
afterEach(() => ann.close());

describe("the environment", () => {
  test("is refused with all its mistakes together, each with the variable's name, and nothing is made", async () => {
    const env = {
      PORT: "http",
      HOST: "0.0.0.0",
      DB_CONNECTION: "oracle",
      DIST_DISK: "s3",
      OUTBOUND_ALLOW: "10.0.0.0/99",
      SYNC_INTERVAL: "soon",
      APP_KEY: "short",
      LOG_LEVEL: "loud",
      DATA_DIR: join(ann.folder, "other"),
    };
    const { code, stdout, stderr } = await ann.run(["serve"], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.split("\n")[0]).toBe("The environment has mistakes:");
    const named = [...stderr.matchAll(/^ {2}([A-Z0-9_]+) /gm)].map((match) => match[1]);
    expect(named.toSorted()).toEqual([
      "APP_KEY",
      "APP_URL",
      "DB_CONNECTION",
      "LOG_LEVEL",
      "OUTBOUND_ALLOW",
      "PORT",
      "S3_ACCESS_KEY_ID",
      "S3_BUCKET",
      "S3_SECRET_ACCESS_KEY",
      "SYNC_INTERVAL",
    ]);
    expect(existsSync(env.DATA_DIR)).toBe(false);
  });

  test("is refused the same way by a command that does not serve", async () => {
    const { code, stderr } = await ann.run(["org", "list"], { env: { PORT: "70000" } });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'The environment has a mistake:\n  PORT "70000" is not a whole number from 0 to 65535\n',
    );
  });

  test("loses to what the command line says", async () => {
    const other = join(ann.folder, "other");
    await ann.must("migrate", "--data-dir", other);
    await ann.must("org", "create", "acme", "--data-dir", other);
    expect(existsSync(join(other, "pricore.sqlite"))).toBe(true);
    expect(await ann.json<unknown[]>("org", "list")).toHaveLength(0);
    const { code, stderr } = await ann.run(["--port", "70000"]);
    expect(code).toBe(2);
    expect(stderr).toContain("PORT ");
  });
});

describe("a .env file", () => {
  const announced = async (args: string[], options?: Parameters<Operator["run"]>[1]) =>
    (await ann.run(["org", "create", "acme", ...args], options)).stdout;

  test("is read from the data directory, and the process's own variables beat it", async () => {
    await Bun.write(join(ann.dataDir, ".env"), "APP_URL=https://file.acme.test\n");
    expect(await announced([])).toContain("https://file.acme.test/acme");
    const env = { APP_URL: "https://process.acme.test" };
    const { stdout } = await ann.run(["org", "create", "labs"], { env });
    expect(stdout).toContain("https://process.acme.test/labs");
  });

  test("is read from --env-file instead of the data directory", async () => {
    await Bun.write(join(ann.dataDir, ".env"), "APP_URL=https://data.acme.test\nLOG_LEVEL=loud\n");
    const file = join(ann.folder, "production.env");
    await Bun.write(file, 'export APP_URL="https://given.acme.test"\n# LOG_LEVEL=loud\n');
    expect(await announced(["--env-file", file])).toContain("https://given.acme.test/acme");
  });

  test("that was named and is not there is wrong usage", async () => {
    const { code, stderr } = await ann.run(["org", "list", "--env-file", "/nowhere/.env"]);
    expect(code).toBe(2);
    expect(stderr).toStartWith("The environment file /nowhere/.env cannot be read: ");
  });

  test("gives no secret to a command: those come from the process alone", async () => {
    await Bun.write(join(ann.dataDir, ".env"), "PRICORE_PASSWORD=correct horse battery\n");
    await ann.must("user", "create", "--email", "ann@acme.test", "--name", "Ann");
    const env = { PRICORE_PASSWORD: "correct horse battery" };
    await ann.run(["user", "create", "--email", "ben@acme.test", "--name", "Ben"], { env });
    using database = databaseBeside(ann.dataDir);
    const rows = database
      .query("select email, password_hash is null as open from users order by email")
      .all();
    expect(rows).toEqual([
      { email: "ann@acme.test", open: 1 },
      { email: "ben@acme.test", open: 0 },
    ]);
  });
});

describe("a folder made by somebody else", () => {
  const trap = 'require("node:fs").writeFileSync(`${__dirname}/sprung`, "");\n';

  /** Everything that Bun would obey in a working directory. */
  async function makeTrap(): Promise<string> {
    const cwd = join(ann.folder, "cloned");
    await mkdir(join(cwd, "data"), { recursive: true });
    const variables = [
      "APP_URL=https://evil.test",
      "DATA_DIR=./stolen",
      "BUN_OPTIONS=--preload ./trap.cjs",
      "PRICORE_PASSWORD=chosen by somebody else",
    ];
    for (const name of [".env", ".env.local", ".env.production", ".env.development", "data/.env"])
      await Bun.write(join(cwd, name), `${variables.join("\n")}\n`);
    await Bun.write(join(cwd, "trap.cjs"), trap);
    await Bun.write(join(cwd, "bunfig.toml"), 'preload = ["./trap.cjs"]\n[run]\npreload = ["./trap.cjs"]\n');
    const paths = { compilerOptions: { paths: { "*": ["./trap.cjs"] }, jsxImportSource: "./trap.cjs" } };
    await Bun.write(join(cwd, "tsconfig.json"), JSON.stringify(paths));
    await Bun.write(join(cwd, "package.json"), JSON.stringify({ imports: { "#*": "./trap.cjs" } }));
    return cwd;
  }

  test("does not make the binary obey its .env, its bunfig.toml or anything else", async () => {
    const cwd = await makeTrap();
    const repository = await makeRepository(ann.folder, "acme/blog", [
      { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    ]);
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await ann.run(args, { cwd });
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: expect.any(String) });
      return stdout;
    };
    expect(await run("org", "create", "acme")).toContain("http://localhost:8000/acme");
    await run("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
    await run("user", "create", "--email", "ann@acme.test", "--name", "Ann");
    using database = databaseBeside(ann.dataDir);
    expect(database.query("select password_hash from users").all()).toEqual([{ password_hash: null }]);
    expect(existsSync(join(cwd, "sprung"))).toBe(false);
    expect(existsSync(join(cwd, "stolen"))).toBe(false);
  });

  test("does not become the data directory with its .env for want of another", async () => {
    const cwd = await makeTrap();
    const env = { DATA_DIR: "" };
    const { code, stdout, stderr } = await ann.run(["org", "create", "acme"], { cwd, env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toStartWith(`${join(cwd, "data/.env")} was not read because `);
    expect(stderr).toContain("--data-dir");
    expect(existsSync(join(cwd, "data/pricore.sqlite"))).toBe(false);
    await chmod(join(cwd, "data"), 0o700);
    await ann.run(["migrate"], { cwd, env });
    const own = await ann.run(["org", "create", "acme"], { cwd, env });
    expect(own.stdout).toContain("https://evil.test/acme");
  });

  test("would spring its trap on a runtime that obeys it", async () => {
    const cwd = await makeTrap();
    await finished([process.execPath, "-e", "0"], { cwd, env: { PATH: process.env["PATH"] } });
    expect(existsSync(join(cwd, "sprung"))).toBe(true);
  });
});
