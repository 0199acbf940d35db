// Listening on a socket file, behind a proxy on the same machine.
import { existsSync, lstatSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Operator } from "../worlds/shell.ts";
import type { Served } from "../tools/binary.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { program } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";
import { eventsIn } from "../tools/world.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let path: string;
beforeEach(async () => {
  ann = await openWorld({ in: "shell" });
  path = join(ann.folder, "http.sock");
});
afterEach(() => ann.close());

const APP_URL = "http://packages.acme.test";
/** The port only tells the test that nobody has to print one. */
const serve = (): Promise<Served> => ann.serve({ env: { HOST: `unix:${path}`, APP_URL, PORT: "8000" } });
const ask = (url: string, headers: Record<string, string> = {}) =>
  fetch(`http://packages.acme.test${url}`, { unix: path, headers } as RequestInit);

/** An nginx that passes everything on; what it writes goes into the folder. */
async function startNginx(folder: string): Promise<{ port: number; stop(): Promise<unknown> }> {
  const port = reservedPort();
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
    http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
      uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      server { listen 127.0.0.1:${port}; location / { proxy_pass http://unix:${path}; proxy_set_header Host packages.acme.test;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } } }`,
  );
  // As root its workers are another user, whom the mode of the socket keeps out.
  const user = process.getuid?.() === 0 ? ["-g", "user root;"] : [];
  const child = Bun.spawn([program("nginx") ?? "nginx", "-c", file, ...user], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => null)) !== null);
  return {
    port,
    stop() {
      child.kill("SIGTERM");
      return child.exited;
    },
  };
}

describe("a unix socket", () => {
  test("OP20: has the mode 0660, answers, and is gone after the end", async () => {
    const served = await serve();
    expect(lstatSync(path).mode & 0o777).toBe(0o660);
    expect((await ask("/health")).status).toBe(200);
    served.kill("SIGTERM");
    expect(await served.ended).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  test("OP20: behind nginx gives the client's address, and believes no more than the last hop", async () => {
    const served = await serve();
    const nginx = await startNginx(ann.folder);
    try {
      const headers = { "X-Forwarded-For": "203.0.113.9", Authorization: "Bearer prc_wrong" };
      await fetch(`http://127.0.0.1:${nginx.port}/acme/packages.json`, { headers });
      await until(() => served.events().includes("token.bad"));
      expect(eventsIn(served.printed(), "token.bad")[0]).toMatchObject({ address: "127.0.0.1" });
    } finally {
      await nginx.stop();
    }
  });

  test("OP20: is no loopback address: metrics need their token", async () => {
    await serve();
    expect((await ask("/metrics", { Host: "localhost" })).status).toBe(401);
  });

  test("OP20: that a killed server left is replaced", async () => {
    const first = await serve();
    first.kill("SIGKILL");
    await first.ended;
    expect(existsSync(path)).toBe(true);
    const second = await serve();
    expect(second.code()).toBe(null);
    expect((await ask("/health")).status).toBe(200);
  });

  test("OP20: is not replaced where somebody listens, or where another file is", async () => {
    const other = Bun.serve({ unix: path, fetch: () => new Response("other") });
    const refused = await serve();
    expect([refused.code(), refused.printed()]).toEqual([
      1,
      expect.stringContaining(`Another program listens on ${path}.`),
    ]);
    expect(await (await ask("/")).text()).toBe("other");
    await other.stop(true);
    writeFileSync(path, "important");
    const again = await serve();
    expect([again.code(), again.printed()]).toEqual([1, expect.stringContaining("is not a socket")]);
    expect(await Bun.file(path).text()).toBe("important");
  });
});

describe("other addresses", () => {
  test("HOST=:: takes both families, and this machine is this machine in either", async () => {
    const PORT = String(reservedPort());
    await ann.serve({ env: { HOST: "::", APP_URL: `http://127.0.0.1:${PORT}`, PORT } });
    for (const host of ["127.0.0.1", "[::1]"]) {
      const answer = await fetch(`http://${host}:${PORT}/metrics`);
      expect([host, answer.status]).toEqual([host, 200]);
    }
  });

  test("OP19: a start with a socket of the service manager is refused", async () => {
    const refused = await ann.serve({ env: { LISTEN_FDS: "1", LISTEN_PID: "1" } });
    expect(refused.code()).toBe(2);
    expect(refused.printed()).toContain("socket activation is not supported");
  });
});
