// Secrets: asked for at a terminal, read from standard input or the environment, and shown nowhere afterwards.
import { databaseBeside } from "../attacks/database-beside.ts";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../src/cli/commands.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { succeeded } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { binary } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let git: GitHttpServer;

const secrets = {
  git: "canary git password",
  wrong: "canary wrong password",
  ann: "canary password of ann",
  ben: "canary password of ben",
  again: "canary second password",
};

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  git = startGitHttp({ root: ann.folder, auth: { username: "ben", password: secrets.git } });
  await makeRepository(ann.folder, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  await ann.must("org", "create", "acme");
});
afterAll(async () => {
  await git?.stop();
  await ann?.close();
});

test("a password comes from a prompt that does not show it, from standard input, or from the environment", async () => {
  const create = (email: string) => ["user", "create", "--email", email, "--name", "Somebody"];
  const { code, screen } = await typing(create("ann@acme.test"), `${secrets.ann}x\u007f\r`);
  expect({ code, screen }).toEqual({
    code: 0,
    screen: "Password: \r\nAdded Somebody <ann@acme.test>.\r\n",
  });
  const byInput = await ann.run([...create("ben@acme.test"), "--password-stdin"], {
    stdin: `${secrets.ben}\n`,
  });
  expect(byInput.code).toBe(0);
  const reset = ["user", "reset-password", "--email", "ben@acme.test"];
  const byVariable = await ann.run(reset, { env: { PRICORE_PASSWORD: secrets.again } });
  expect(byVariable.code).toBe(0);
  expect(await matches("ann@acme.test", secrets.ann)).toBe(true);
  expect(await matches("ben@acme.test", secrets.again)).toBe(true);
  expect(await matches("ben@acme.test", secrets.ben)).toBe(false);
});

test("a prompt that is left with Ctrl-C changes nothing", async () => {
  const create = ["user", "create", "--email", "eve@acme.test", "--name", "Eve"];
  const { code, screen } = await typing(create, `${secrets.wrong}\u0003`);
  expect(code).toBe(2);
  expect(screen).toBe("Password: \r\nGiven up.\r\n");
  expect(await ann.json<{ email: string }[]>("user", "list")).not.toContainEqual(
    expect.objectContaining({ email: "eve@acme.test" }),
  );
});

test("a password that is too short, too long or empty is refused without being repeated", async () => {
  for (const [password, code] of [
    ["short", 1],
    ["x".repeat(2000), 1],
    ["", 2],
  ] as const) {
    const args = ["user", "reset-password", "--email", "ann@acme.test", "--password-stdin"];
    const outcome = await ann.run(args, { stdin: password });
    expect(outcome.code).toBe(code);
    if (password !== "") expect(outcome.stdout + outcome.stderr).not.toContain(password);
  }
  expect(await matches("ann@acme.test", secrets.ann)).toBe(true);
});

/** A file, a host, and a token by its name or id. */
const named = new Set(["ssh-key", "forget-host-key", "token"]);

test("no option takes a secret", async () => {
  for (const [name, { options }] of commands)
    for (const [option, { type }] of Object.entries(options))
      if (/password|secret|token|key/.test(option) && !named.has(option))
        expect([name, option, type]).toEqual([name, option, "boolean"]);
});

test("nothing secret is in the output, the log, or plain in any file of the data", async () => {
  const address = `${git.url}/acme/blog.git`;
  const server = await ann.serve({ env: { LOG_LEVEL: "debug" } });
  const outputs: string[] = [];
  const run = async (args: string[], options?: Parameters<Operator["run"]>[1]) => {
    const { stdout, stderr } = await ann.run(args, options);
    outputs.push(stdout, stderr);
  };
  const key = join(ann.folder, "id");
  await succeeded(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
  const add = ["repo", "add", "--org", "acme", "--sync", "--wait"];
  await run([...add, address, "--credential", "ben"], { env: { PRICORE_GIT_PASSWORD: secrets.git } });
  await run([...add, `${address}/`, "--name", "b", "--credential", "ben", "--password-stdin"], {
    stdin: secrets.wrong,
  });
  await run([...add, `http://ben:${encodeURIComponent(secrets.wrong)}@127.0.0.1:1/acme/blog.git`]);
  await run([...add, "ssh://git@127.0.0.1:1/acme/blog.git", "--name", "c", "--ssh-key", key]);
  await run(["repo", "list", "--org", "acme", "--json"]);
  await run(["repo", "list", "--org", "acme"]);
  const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  const headers = { Authorization: `Basic ${btoa(`token:${token}`)}` };
  for (const path of ["/acme/packages.json", `/acme/p2/${token}/x.json`, `/acme/list.json?token=${token}`])
    await fetch(server.url + path, { headers });
  const packages = await ann.json<{ name: string }[]>("package", "list", "--org", "acme");
  expect(packages.map(({ name }) => name)).toEqual(["acme/blog"]);
  server.kill("SIGINT");
  await server.ended;

  const privateKey = readFileSync(key, "utf8").split("\n")[2] ?? "";
  const appKey = readFileSync(join(ann.dataDir, "app.key"), "utf8").trim();
  const hidden = [...Object.values(secrets), token, btoa(`token:${token}`), privateKey];
  hidden.push(
    ...Object.values(secrets).flatMap((secret) => [btoa(`ben:${secret}`), encodeURIComponent(secret)]),
  );
  const places = { log: server.printed(), outputs: outputs.join("\n") };
  for (const [place, text] of Object.entries(places))
    expect([place, [...hidden, appKey].filter((secret) => text.includes(secret))]).toEqual([place, []]);
  const files = (readdirSync(ann.dataDir, { recursive: true }) as string[]).filter((name) =>
    statSync(join(ann.dataDir, name)).isFile(),
  );
  expect(files).toContain("pricore.sqlite");
  for (const name of files) {
    const bytes = readFileSync(join(ann.dataDir, name));
    expect([name, hidden.filter((secret) => bytes.includes(secret))]).toEqual([name, []]);
    if (name !== "app.key") expect([name, bytes.includes(appKey)]).toEqual([name, false]);
  }
});

test("the search for secrets would find one that was kept in the clear", async () => {
  using database = databaseBeside(ann.dataDir);
  database.run("update credentials set username = ?", [secrets.git]);
  database.run("pragma wal_checkpoint(truncate)");
  expect(readFileSync(join(ann.dataDir, "pricore.sqlite")).includes(secrets.git)).toBe(true);
});

/** Runs a command at a terminal and types, once it asks. */
async function typing(args: string[], keys: string): Promise<{ code: number; screen: string }> {
  let screen = "";
  let typed = false;
  const child = Bun.spawn([binary, ...args], {
    env: { PATH: process.env["PATH"], HOME: ann.folder, DATA_DIR: ann.dataDir, TERM: "xterm" },
    cwd: ann.folder,
    terminal: {
      cols: 200,
      rows: 24,
      data(terminal, bytes) {
        screen += new TextDecoder().decode(bytes);
        if (typed || !screen.includes("Password: ")) return;
        typed = true;
        terminal.write(keys);
      },
    },
  });
  const code = await child.exited;
  child.terminal?.close();
  return { code, screen };
}

async function matches(email: string, password: string): Promise<boolean> {
  using database = databaseBeside(ann.dataDir);
  const row = database
    .query<{ hash: string }, [string]>("select password_hash as hash from users where email = ?")
    .get(email);
  return Bun.password.verify(password, row?.hash ?? "");
}
