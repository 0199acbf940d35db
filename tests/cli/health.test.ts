// `pricore health` says by its exit code whether the server of this configuration is well.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
});
afterAll(() => ann.close());

test("health ends with 0 while the server is well, and with 1 when none answers", async () => {
  const server = await ann.serve();
  const env = { PORT: String(server.port), APP_URL: server.url };
  expect(await ann.run(["health"], { env })).toMatchObject({ code: 0, stdout: "ok\n" });
  server.kill("SIGTERM");
  await server.ended;
  const { code, stderr } = await ann.run(["health"], { env });
  expect(code).toBe(1);
  expect(stderr).toBe(`No Pricore answers at 127.0.0.1:${server.port}.\nStart it, or check HOST and PORT.\n`);
});

test("health asks a server on a unix socket as well", async () => {
  const env = { HOST: `unix:${join(ann.folder, "http.sock")}`, APP_URL: "http://localhost" };
  const away = await ann.run(["health"], { env });
  expect(away.code).toBe(1);
  const server = await ann.serve({ env: { ...env, PORT: "8000" } });
  expect(await ann.run(["health"], { env })).toMatchObject({ code: 0, stdout: "ok\n" });
  server.kill("SIGTERM");
  await server.ended;
});
