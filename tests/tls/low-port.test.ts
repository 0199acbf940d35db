// Port 443 as an ordinary user, as the service of the manual has it.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, chownSync } from "node:fs";
import type { Operator } from "../worlds/shell.ts";
import { startBinary, runBinary, type Served } from "../tools/binary.ts";
import { makeRepository } from "../tools/repositories.ts";
import { secureFetch } from "../tools/secure-client.ts";
import { makeAuthority } from "../tools/servers/authority.ts";
import { succeeded } from "../tools/process.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let served: Served | null = null;
beforeEach(async () => void (ann = await openWorld({ in: "shell", withDatabase: false })));
afterEach(async () => {
  served?.kill("SIGKILL");
  await served?.ended;
  await ann.close();
});

const nobody = 65_534;
const asNobody = (...more: string[]) => [
  ...["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--no-new-privs", ...more],
];

test.skipIf(process.getuid?.() !== 0)(
  "OP18: port 443 is served by an ordinary user with one capability, syncs too; without it the port is refused",
  async () => {
    const authority = await makeAuthority(ann.folder);
    const pair = await authority.issue("served", ["localhost", "127.0.0.7"]);
    const { path } = await makeRepository(ann.folder, "acme/blog", [
      { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    ]);
    await succeeded(["chown", "-R", `${nobody}:${nobody}`, ann.folder]);
    for (const file of [pair.cert, pair.key]) chmodSync(file, 0o600);
    chownSync(ann.folder, nobody, nobody);
    const env = {
      ...{
        PATH: process.env["PATH"] ?? "",
        HOME: ann.folder,
        DATA_DIR: ann.dataDir,
        OUTBOUND_ALLOW: "127.0.0.1",
      },
      ...{ TLS: "files", TLS_CERT_FILE: pair.cert, TLS_KEY_FILE: pair.key, HTTP_PORT: "off" },
      ...{ HOST: "127.0.0.7", PORT: "443", APP_URL: "https://localhost" },
    };
    const start = (as: string[]) => startBinary({ env, cwd: ann.folder, as });
    const without = await start(asNobody("--bounding-set=-net_bind_service"));
    expect([without.code(), without.printed()]).toEqual([1, expect.stringContaining("127.0.0.7:443")]);
    const capability = ["--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"];
    served = await start(asNobody(...capability));
    const answer = await secureFetch("https://127.0.0.7/health", {
      ca: authority.pem,
      headers: { Host: "localhost" },
    });
    expect(answer.status).toBe(200);
    const run = (...args: string[]) => runBinary(args, { env, cwd: ann.folder, as: asNobody(...capability) });
    expect((await run("org", "create", "acme")).code).toBe(0);
    expect((await run("repo", "add", "--org", "acme", path, "--sync", "--wait")).code).toBe(0);
  },
);
