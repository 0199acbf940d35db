// What a real nginx does to requests and answers, and that the lines which the doctor names mend it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { parseNetwork } from "../../src/outbound/networks.ts";
import type { TestApp } from "../worlds/process.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { contextWith, examine } from "./examine.ts";
import { makeNginx, type Nginx } from "./nginx.ts";
import { openWorld } from "../worlds/world.ts";

const port = reservedPort();
let world: TestApp;
let nginx: Nginx;
beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { APP_URL: `http://127.0.0.1:${port}` } });
  nginx = await makeNginx(port);
  await world.serve();
});
afterAll(async () => {
  await nginx.stop();
  await world.close();
});

const look = (id: string) => examine(id, contextWith(world.app));
const pass = (lines: string[]) => nginx.pass(lines, world.app.config.port);
const right = [
  "proxy_set_header Host $http_host;",
  "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
  "proxy_http_version 1.1;",
];
const line = (remedy: unknown) => (remedy as { line: string }).line;

test("OP39: url.self fails when nothing or another program answers at the address, and is well when it is this one", async () => {
  const nothing = await look("url.self");
  expect([nothing.status, nothing.seen]).toEqual(["fail", expect.stringContaining("does not lead here")]);
  const other = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => Response.json({ proof: "v1.made up" }),
  });
  await nginx.pass([], other.port ?? 0);
  expect((await look("url.self")).seen).toContain("Another program or installation answers");
  await other.stop(true);
  await pass(right);
  expect((await look("url.self")).status).toBe("ok");
});

test("OP39: proxy.headers fails when the host is replaced or the proxy is a stranger, and the remedies mend it", async () => {
  await pass(right.slice(1));
  const replaced = await look("proxy.headers");
  expect(replaced).toMatchObject({ status: "fail", remedy: { do: "configure-proxy" } });
  await pass([line(replaced.remedy), ...right.slice(1)]);
  const stranger = await look("proxy.headers");
  expect(stranger).toMatchObject({
    status: "fail",
    remedy: { do: "change-setting", variable: "TRUSTED_PROXIES", to: "127.0.0.1" },
  });
  const network = parseNetwork("127.0.0.1");
  world.app.config.trustedProxies = network === null ? [] : [network];
  expect((await look("proxy.headers")).status).toBe("ok");
  await pass(right.slice(0, 1));
  const silent = await look("proxy.headers");
  expect(silent.status).toBe("warn");
  await pass([line(silent.remedy), ...right.slice(0, 1)]);
  expect((await look("proxy.headers")).status).toBe("ok");
}, 60_000);

test("OP39: proxy.headers warns when streams are held back, and its line mends it", async () => {
  // As many write it; with HTTP/1.1 to this server nginx passes short lines on.
  const lines = [...right.slice(0, 2), "proxy_ignore_headers X-Accel-Buffering;"];
  await pass(lines);
  const held = await look("proxy.headers");
  expect([held.status, line(held.remedy)]).toEqual(["warn", "proxy_buffering off;"]);
  await pass([...lines, line(held.remedy)]);
  expect((await look("proxy.headers")).status).toBe("ok");
}, 60_000);

test("OP39: proxy.limits fails when large requests are refused, and its line mends it", async () => {
  await pass(right);
  const small = await look("proxy.limits");
  expect([small.status, line(small.remedy)]).toEqual(["fail", "client_max_body_size 25m;"]);
  await pass([...right, line(small.remedy)]);
  expect((await look("proxy.limits")).status).toBe("ok");
}, 60_000);

test("OP39: proxy.limits warns, when it looks thoroughly, that late answers are cut off", async () => {
  await pass([...right, "client_max_body_size 25m;", "proxy_read_timeout 2s;"]);
  const late = await examine("proxy.limits", contextWith(world.app, {}, { isThorough: true }));
  expect([late.status, line(late.remedy)]).toEqual(["warn", "proxy_read_timeout 300s;"]);
}, 60_000);

test("the probe answers nobody who has not the key of this installation", async () => {
  const url = `http://127.0.0.1:${world.app.config.port}/.well-known/pricore/probe`;
  expect((await fetch(url)).status).toBe(401);
  const made = { "x-pricore-probe": Buffer.alloc(64).toString("base64") };
  expect((await fetch(url, { headers: made })).status).toBe(401);
  const seal = (at: number) =>
    world.app.secrets.seal("probe", "question", JSON.stringify({ nonce: "n", at, kind: "arrival" }));
  const ask = (sealed: string) =>
    fetch(url, { headers: { "x-pricore-probe": sealed } }).then(({ status }) => status);
  expect(await ask(seal(Date.now() - 120_000))).toBe(401);
  expect(await ask(seal(Date.now()))).toBe(200);
});
