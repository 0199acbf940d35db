// Secrets and operations: rows K1, K2, K4 and K8–K10 of the list of attacks, against the built binary.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { addAndSync } from "../cli/mirroring.ts";
import { type Operator, type RunOptions } from "../worlds/shell.ts";
import { sendRaw } from "../worlds/published.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { succeeded } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import { startS3 } from "../tools/servers/s3-server.ts";
import { databaseBeside } from "./database-beside.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

const gitPassword = "canary/git+password=1";
let git: GitHttpServer;
let gitRoot: Operator;

beforeAll(async () => {
  gitRoot = await openWorld({ in: "shell" });
  git = startGitHttp({ root: gitRoot.folder, auth: { username: "ben", password: gitPassword } });
  for (const name of ["acme/blog", "acme/shop"])
    await makeRepository(gitRoot.folder, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
});
afterAll(async () => {
  await git?.stop();
  await gitRoot?.close();
});

describe("K1: the encryption key", () => {
  test("K1: that is missing or another one keeps the program from starting, and none is made instead", async () => {
    await using ann = await opened();
    await ann.must("org", "create", "acme");
    const [key, away] = [join(ann.dataDir, "app.key"), join(ann.dataDir, "away")];
    renameSync(key, away);
    for (const args of [["serve"], ["org", "list"], ["token", "create", "--org", "acme", "--name", "x"]]) {
      const { code, stderr } = await ann.run(args);
      expect([args, code]).toEqual([args, 1]);
      expect(stderr).toContain(`The encryption key ${key} is missing.`);
      expect(stderr).toContain("No new key was created");
      expect(existsSync(key)).toBe(false);
    }
    const other = Buffer.alloc(32, 7).toString("base64");
    const wrong = await ann.run(["serve"], { env: { APP_KEY: other } });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("The encryption key does not match this database.");
    expect(wrong.stderr).not.toContain(other);
    renameSync(away, key);
    expect((await ann.run(["org", "list"])).code).toBe(0);
  });
});

describe("K2: a sealed secret", () => {
  test("K2: that was copied to another row does not open, and everything else works on", async () => {
    await using ann = await opened();
    await ann.must("org", "create", "acme");
    for (const name of ["blog", "shop"]) expect(await added(ann, name)).toMatchObject({ code: 0 });
    const sync = (name: string) => ann.run(["sync", "--org", "acme", name, "--wait"]);
    expect((await sync("blog")).code).toBe(0);
    using database = databaseBeside(ann.dataDir);
    const [first, second] = database
      .query<{ id: string; secret: string }, []>(
        `select c.id, c.secret from credentials c join repositories r on r.credential_id = c.id
         order by r.name`,
      )
      .all();
    const set = (id = "", secret = "") =>
      database.run("update credentials set secret = ? where id = ?", [secret, id]);
    set(first?.id, second?.secret);
    const requestsBefore = git.requests.length;
    const failed = await sync("blog");
    expect(failed.code).toBe(1);
    expect(failed.stdout + failed.stderr).toContain("A stored credential cannot be read with this APP_KEY.");
    expect(git.requests.length).toBe(requestsBefore);
    expect((await sync("shop")).code).toBe(0);
    const server = await ann.serve();
    const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
    const document = await fetch(`${server.url}/acme/p2/acme/blog.json`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(await document.text()).toContain("1.0.0");
    await ann.must("sync", "--org", "acme", "blog");
    await until(() => /"event":"sync\.failed".*"code":"key_mismatch"/.test(server.printed()));
    set(first?.id, first?.secret);
    expect((await sync("blog")).code).toBe(0);
  });
});

describe("K4: a known secret", () => {
  const secrets: Record<string, string> = {
    gitPassword,
    wrongPassword: "canary wrong password",
    userPassword: "canary password of ann",
    databasePassword: "canary-database-password",
    bucketSecret: "canary-bucket-secret-key",
    appKey: Buffer.from("canary application key, 32 bytes").toString("base64"),
  };

  test("K4: of any kind is in no output, no log, no answer and no file, whatever goes wrong", async () => {
    await using ann = await opened({ APP_KEY: secrets["appKey"] ?? "", LOG_LEVEL: "debug" });
    const outputs: string[] = [];
    const run = async (args: string[], options?: RunOptions) => {
      const { stdout, stderr } = await ann.run(args, options);
      outputs.push(stdout, stderr);
    };
    const key = join(gitRoot.folder, "id");
    await succeeded(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
    const server = await ann.serve();
    await ann.must("org", "create", "acme");
    await tellCommands(run, { key });
    const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
    const answers = await tellServer(server, token);
    server.kill("SIGKILL");
    await server.ended;

    const all = { ...secrets, token, privateKey: readFileSync(key, "utf8").split("\n")[2] ?? "" };
    const places: Record<string, Uint8Array> = {
      outputs: Buffer.from(outputs.join("\n")),
      log: Buffer.from(server.printed()),
      answers: Buffer.from(answers.join("\n")),
      ...filesOf(ann.dataDir),
    };
    expect(Object.keys(places)).toContain("pricore.sqlite-wal");
    expect(found(places, all)).toEqual([]);
    expect(server.events()).toContain("sync.failed");
    for (const event of ["token.in_url", "host.rejected", "path.traversal", "shield.hit"])
      expect(server.events()).toContain(event);

    // The same search over the same places, with each secret planted where it must not be.
    using database = databaseBeside(ann.dataDir);
    for (const [name, secret] of Object.entries(all)) {
      database.run("insert or replace into settings (name, value) values ('planted', ?)", [secret]);
      expect(
        found(filesOf(ann.dataDir), all).some((each) => each.startsWith(`${name} in pricore.sqlite`)),
      ).toBe(true);
      for (const form of formsOf(secret))
        expect(found({ log: Buffer.from(`{"event":"x","text":"${form}"}`) }, { [name]: secret })).toEqual([
          `${name} in log`,
        ]);
    }
  });

  /** Commands that work and commands that fail, each with a secret. */
  async function tellCommands(
    run: (args: string[], options?: RunOptions) => Promise<void>,
    { key }: { key: string },
  ): Promise<void> {
    const add = ["repo", "add", "--org", "acme", "--sync", "--wait"];
    const password = { env: { PRICORE_GIT_PASSWORD: gitPassword } };
    const wrong = secrets["wrongPassword"] ?? "";
    const create = ["user", "create", "--email", "ann@acme.test", "--name", "Ann", "--password-stdin"];
    await run([...add, `${git.url}/acme/blog.git`, "--credential", "ben"], password);
    await run([...add, `${git.url}/acme/none.git`, "--credential", "ben"], password);
    await run([...add, `${git.url}/acme/shop.git`, "--credential", "ben", "--password-stdin"], {
      stdin: wrong,
    });
    await run([...add, `http://ben:${encodeURIComponent(wrong)}@127.0.0.1:1/a.git`]);
    await run([...add, `http://127.0.0.1:1/${encodeURIComponent("a")}.git`, "--credential", "ben"], password);
    await run([...add, "ssh://git@127.0.0.1:1/acme/c.git", "--name", "c", "--ssh-key", key]);
    for (const time of [1, 2])
      await run([...create, ...(time === 1 ? [] : ["--json"])], { stdin: secrets["userPassword"] ?? "" });
    await run(["repo", "list", "--org", "acme", "--json"]);
    await run(["sync", "--org", "acme", "--all"]);
    const databasePassword = secrets["databasePassword"] ?? "";
    for (const [engine, port] of [
      ["pgsql", "1"],
      ["mysql", "1"],
    ] as const) {
      const scheme = engine === "pgsql" ? "postgres" : "mysql";
      const url = `${scheme}://ann:${databasePassword}@127.0.0.1:${port}/pricore`;
      await run(["org", "list"], { env: { DB_CONNECTION: engine, DB_URL: url } });
      await run(["org", "list"], {
        env: { DB_CONNECTION: engine, DB_URL: `${databasePassword} no address` },
      });
    }
    const bucket = {
      DIST_DISK: "s3",
      S3_ACCESS_KEY_ID: "key",
      S3_SECRET_ACCESS_KEY: secrets["bucketSecret"] ?? "",
    };
    await run(["serve"], { env: bucket });
    await run(["serve"], { env: { APP_KEY: `${secrets["appKey"]}x`, HOST: "nowhere", PORT: "x" } });
  }

  /** Requests with the token at every wrong place; all that was answered. */
  async function tellServer(server: Served, token: string): Promise<string[]> {
    const answers: string[] = [];
    const basic = btoa(`token:${token}`);
    const get = async (path: string, headers: Record<string, string>) => {
      const response = await fetch(server.url + path, { headers });
      answers.push(JSON.stringify([...response.headers]), await response.text());
    };
    const signedIn: Record<string, string>[] = [
      { Authorization: `Basic ${basic}` },
      { Authorization: `Bearer ${token}` },
      { Cookie: token },
    ];
    for (const headers of signedIn)
      for (const path of [
        "/acme/packages.json",
        `/acme/list.json?token=${token}`,
        "/other/list.json",
        "/nothing",
        `/acme/dists/..%2f/${token}/1/x.zip`,
      ])
        await get(path, headers);
    // The name comes back to whoever asked for it, but must not stay with us.
    await fetch(`${server.url}/acme/p2/acme/${token}.json`, { headers: signedIn[0] ?? {} });
    const host = `Host: ${new URL(server.url).host}`;
    for (const lines of [
      [`GET /acme/list.json HTTP/1.1`, `Host: ${token}`],
      [`GET http://token:${token}@${new URL(server.url).host}/acme/list.json HTTP/1.1`, host],
      [`${token} /acme/list.json HTTP/1.1`, host],
      [`GET /acme/list.json HTTP/1.1`, host, `Authorization: Digest ${basic}`],
    ])
      answers.push((await sendRaw(server, [...lines, "Connection: close", "", ""].join("\r\n"))).body);
    await until(() => server.printed().includes('"sync.failed"'));
    return answers;
  }
});

describe("K8: a record of what was done", () => {
  test("K8: that cannot be written undoes what was done", async () => {
    await using ann = await opened();
    await ann.must("org", "create", "acme");
    using database = databaseBeside(ann.dataDir);
    const count = (table: string) =>
      database.query<{ n: number }, []>(`select count(*) as n from ${table}`).get()?.n;
    const create = ["token", "create", "--org", "acme", "--name", "ci"];
    database.run("alter table activity rename to hidden");
    for (const args of [create, ["org", "create", "other"], ["org", "vendor", "add", "acme", "acme"]])
      expect([args, (await ann.run(args)).code]).toEqual([args, 1]);
    expect([count("tokens"), count("organizations"), count("vendors")]).toEqual([0, 1, 0]);
    database.run("alter table hidden rename to activity");
    expect((await ann.run(create)).code).toBe(0);
    expect(count("tokens")).toBe(1);
  });
});

describe("K9: what watches the server", () => {
  test("K9: learns that it is well or not, and nothing of why", async () => {
    await using ann = await opened();
    const server = await ann.serve();
    const health = async (query = "") => {
      const response = await fetch(`${server.url}/health${query}`);
      return [response.status, await response.text()];
    };
    for (const query of ["", "?verbose", "?verbose=1&debug=true"])
      expect(await health(query)).toEqual([200, '{"status":"ok"}']);
    const named = { Host: "packages.acme.test" };
    expect((await fetch(`${server.url}/metrics`, { headers: named })).status).toBe(401);
    expect((await fetch(`${server.url}/horizon`)).status).toBe(401);
    for (const path of ["debug", "debug/pprof", ".env", "server-status", "actuator"])
      expect([path, (await fetch(`${server.url}/${path}`)).status]).toEqual([path, 404]);
    using database = databaseBeside(ann.dataDir);
    database.run("alter table settings rename to hidden");
    await until(async () => (await health())[0] === 503);
    expect(await health("?verbose")).toEqual([503, '{"status":"failing"}']);
    expect(server.printed()).toMatch(/"event":"health\.failing","problem":"database: /);
  });
});

describe("K10: a link into the bucket", () => {
  test("K10: works for as long as was said, names the file, and is in no log", async () => {
    const s3 = startS3();
    await using ann = await opened({ ...s3.environment, LOG_LEVEL: "debug" });
    await ann.must("org", "create", "acme");
    expect(await added(ann, "blog")).toMatchObject({ code: 0 });
    const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
    for (const [minutes, seconds] of [
      [undefined, "1800"],
      ["1", "60"],
    ]) {
      const server = await ann.serve({ env: minutes ? { DIST_SIGNED_URL_EXPIRY: minutes } : {} });
      const headers = { Authorization: `Bearer ${token}` };
      const document = await (await fetch(`${server.url}/acme/p2/acme/blog.json`, { headers })).text();
      const reference = /"reference":"([0-9a-f]{40})"/.exec(document)?.[1];
      const path = `/acme/dists/acme/blog/1.0.0/${reference}.zip`;
      const answer = await fetch(server.url + path, { headers, redirect: "manual" });
      expect(answer.status).toBe(302);
      expect(answer.headers.get("Cache-Control")).toBe("private, no-store");
      const link = new URL(answer.headers.get("Location") ?? "");
      expect(link.searchParams.get("X-Amz-Expires")).toBe(seconds ?? "");
      expect(link.searchParams.get("response-content-disposition")).toMatch(
        /^attachment; filename="acme-blog-/,
      );
      expect(link.href).not.toContain(token);
      const stranger = await fetch(server.url + path, { redirect: "manual" });
      expect(stranger.status).toBe(401);
      server.kill("SIGTERM");
      await server.ended;
      expect(server.printed()).not.toContain("X-Amz-Signature");
    }
    await s3.stop();
  });
});

async function opened(env: Record<string, string> = {}): Promise<Operator & AsyncDisposable> {
  const operator = await openWorld({ in: "shell", env });
  return { ...operator, [Symbol.asyncDispose]: () => operator.close() };
}

function added(ann: Operator, name: string) {
  const words = [`${git.url}/acme/${name}.git`, "--credential", "ben"];
  return addAndSync(ann, "acme", [...words, { env: { PRICORE_GIT_PASSWORD: gitPassword } }]);
}

function filesOf(folder: string): Record<string, Uint8Array> {
  const names = readdirSync(folder, { recursive: true }) as string[];
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name))]));
}

/** As it is, and as it would stand in an address, a header, JSON or hexadecimal. */
function formsOf(secret: string): string[] {
  const headers = ["ben", "token", "ann", ""].map((user) => btoa(`${user}:${secret}`));
  const encoded = [btoa(secret), Buffer.from(secret).toString("hex"), encodeURIComponent(secret)];
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), ...headers, ...encoded])];
}

/** Whatever the case of its letters: hosts and names are written small. */
function found(places: Record<string, Uint8Array>, secrets: Record<string, string>): string[] {
  return Object.entries(places).flatMap(([place, bytes]) => {
    const text = Buffer.from(bytes).toString("latin1").toLowerCase();
    const stands = (secret: string) => formsOf(secret).some((form) => text.includes(form.toLowerCase()));
    return Object.entries(secrets).flatMap(([name, secret]) =>
      stands(secret) ? [`${name} in ${place}`] : [],
    );
  });
}
