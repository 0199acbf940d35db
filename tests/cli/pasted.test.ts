// The parts of docs/ that an operator pastes, run as they are written there.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPage } from "../docs/pages.ts";
import { finished } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { binary, type Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

const pages = ["docs/installation.md", "docs/operations.md"].map(readPage).join("\n");

/** The block in this language that has `marker` in it. */
function block(language: string, marker: string): string {
  const blocks = [...pages.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))];
  const found = blocks.map(([, text = ""]) => text).filter((text) => text.includes(marker));
  expect([marker, found.length]).toEqual([marker, 1]);
  return found[0] ?? "";
}

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell" })));
afterEach(() => ann.close());

async function shell(script: string): Promise<{ code: number | null; text: string }> {
  const outcome = await finished(["sh", "-euc", script], { cwd: ann.folder, timeoutMs: 30_000 });
  return { code: outcome.code, text: outcome.stdout + outcome.stderr };
}

/** With the folders of a test in the place of the system's, and the user of the test in that of the service. */
function here(script: string): string {
  return (
    script
      .replaceAll("/var/lib/pricore", ann.dataDir)
      .replaceAll("/backup", join(ann.folder, "backup"))
      .replaceAll("-o pricore -g pricore", "")
      // The test is the service manager.
      .replace(/^systemctl (stop|start) pricore$/gm, "")
      .replaceAll("chown -R pricore:", `chown -R ${process.getuid?.()}`)
      .replace(/^pricore /m, `DATA_DIR=${ann.dataDir} ${binary} `)
  );
}

const backup = () => here(block("sh", ".backup"));
const restore = () => here(block("sh", "cp -a /backup"));

async function filled(): Promise<{ server: Served; token: string }> {
  const { path } = await makeRepository(ann.folder, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
  ]);
  await ann.must("org", "create", "acme");
  const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  await ann.must("repo", "add", "--org", "acme", path, "--sync", "--wait");
  return { server: await ann.serve(), token };
}

async function stop(server: Served, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  server.kill(signal);
  await server.ended;
}

/** Document and archive, as Composer reads them. */
async function installs(token: string): Promise<number[]> {
  const server = await ann.serve();
  if (server.code() !== null) throw new Error(server.printed());
  const get = (url: string) => fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  const document = await get(`${server.url}/acme/p2/acme/blog.json`);
  const body = (await document.json()) as { packages: Record<string, { dist: { url: string } }[]> };
  const archive = await get(body.packages["acme/blog"]?.[0]?.dist.url ?? "");
  await stop(server);
  return [document.status, archive.status];
}

describe("a restore", () => {
  test("FU2: of a backup that was made while the server ran serves everything", async () => {
    const { server, token } = await filled();
    expect(await shell(backup())).toEqual({ code: 0, text: "" });
    await stop(server, "SIGKILL");
    expect(await shell(restore())).toEqual({ code: 0, text: "" });
    expect(await installs(token)).toEqual([200, 200]);
  }, 60_000);

  test("FU2: without its key is refused, and goes on by the command that the refusal and docs/operations.md name", async () => {
    const { server, token } = await filled();
    expect((await shell(backup())).code).toBe(0);
    await stop(server);
    expect((await shell(restore())).code).toBe(0);
    rmSync(join(ann.dataDir, "app.key"));
    const refused = await ann.run(["serve"]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("key replace --forget")]);
    const went = await shell(here(block("sh", "key replace")));
    expect([went.code, went.text]).toEqual([0, expect.stringContaining("new key")]);
    expect(await installs(token)).toEqual([200, 200]);
  }, 60_000);

  test("FU2: of a plain copy whose log is torn or missing is refused and never looks new", async () => {
    const { server } = await filled();
    const env = { DATA_DIR: join(ann.folder, "copy") };
    const log = join(env.DATA_DIR, "pricore.sqlite-wal");
    let whole = Buffer.alloc(0);
    // The command writes while the server stands still: a server that runs may have moved everything out of the log by
    // the time it is copied, and then there is nothing to tear. One that was stopped in a transaction locks it out.
    for (let attempt = 0; attempt < 10 && !whole.includes(`globex-${attempt - 1}`); attempt++) {
      process.kill(server.pid, "SIGSTOP");
      await ann.run(["org", "create", `globex-${attempt}`]);
      expect((await shell(`rm -rf '${env.DATA_DIR}' && cp -a '${ann.dataDir}' '${env.DATA_DIR}'`)).code).toBe(
        0,
      );
      whole = readFileSync(log);
      process.kill(server.pid, "SIGCONT");
    }
    await stop(server, "SIGKILL");
    expect(whole.length).toBeGreaterThan(4096);
    for (const bytes of [whole.subarray(0, whole.length - 5000), whole.subarray(0, 100), null]) {
      rmSync(log, { force: true });
      if (bytes !== null) writeFileSync(log, bytes);
      const { code, stderr } = await ann.run(["serve"], { env, timeoutMs: 20_000 });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/has lost changes: /)]);
    }
    rmSync(join(env.DATA_DIR, "pricore.sqlite"));
    const { code, stderr } = await ann.run(["serve"], { env, timeoutMs: 20_000 });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/is missing, but its key is in/)]);
  }, 60_000);
});

test("FU13: the nginx block is whole: nginx takes it with certificates in their place", async () => {
  const folder = join(ann.folder, "nginx");
  mkdirSync(folder);
  const made = await shell(
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=packages.example.com -keyout ${folder}/privkey.pem -out ${folder}/fullchain.pem 2>/dev/null`,
  );
  expect(made.code).toBe(0);
  const nginx = block("nginx", "server_name");
  for (const line of ["$http_host", "client_max_body_size 25m;", "http2", "ssl_certificate_key"])
    expect(nginx).toContain(line);
  const server = nginx.replaceAll("/etc/letsencrypt/live/packages.example.com", folder);
  const files = `pid ${folder}/pid; error_log ${folder}/error.log; events {}`;
  writeFileSync(join(folder, "nginx.conf"), `${files} http { access_log off; ${server} }`);
  const { code, text } = await shell(`nginx -t -p ${folder} -c ${folder}/nginx.conf`);
  expect([code, text]).toEqual([0, expect.stringContaining("test is successful")]);
});

test("the service is installed by one command, and its setup link is found in the journal", async () => {
  expect(block("sh", "journalctl -u pricore")).toMatch(
    /^\.\/pricore service install APP_URL=\S+ TRUSTED_PROXIES=\S+\njournalctl -u pricore \| grep setup/,
  );
  const { text } = await shell(`${binary} service install APP_URL=https://packages.example.com --print`);
  expect(text).toContain("User=pricore");
  expect(block("sh", "docker run")).toMatch(
    /docker run .* -v pricore:\/data [\s\S]*docker logs pricore .*setup/,
  );
});

test("the lines of README.md for a real server install a service with its own certificate", async () => {
  const [, lines = ""] = /## Run it for real[\s\S]*?```sh\n([\s\S]*?)```/.exec(readPage("README.md")) ?? [];
  const [install = "", ...others] = lines.trim().split("\n");
  const { code, text } = await shell(`${install.replace("./dist/pricore", binary)} --print`);
  expect([code, text]).toEqual([0, expect.stringContaining("CAP_NET_BIND_SERVICE")]);
  expect(text).toContain("TLS=acme");
  expect(others.join("\n")).toContain("journalctl -u pricore | grep setup");
});
