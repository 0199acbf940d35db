// A server takes the place of the one that runs.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { reservedPort } from "../tools/servers/ports.ts";
import type { Served } from "../tools/binary.ts";
import { until } from "../tools/until.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let PORT: string;
beforeEach(async () => {
  ann = await openWorld({ in: "shell" });
  PORT = String(reservedPort());
});
afterEach(() => ann.close());

const serve = (...args: string[]) =>
  ann.serve({ args: ["serve", ...args], env: { PORT, LOG_LEVEL: "info" } });
const hasWork = (server: Served) => until(() => server.events().includes("serve.took_over"));

/** Eight clients that keep their connections. */
function startLoad() {
  const tally = { answers: 0, failed: [] as string[] };
  const over = new AbortController();
  const client = async () => {
    while (!over.signal.aborted) {
      try {
        const answer = await fetch(`http://127.0.0.1:${PORT}/health`);
        await answer.arrayBuffer();
        tally.answers++;
        if (answer.status !== 200) tally.failed.push(String(answer.status));
      } catch (error) {
        tally.failed.push(String(error));
      }
    }
  };
  const clients = Array.from({ length: 8 }, client);
  return {
    tally,
    async stop() {
      over.abort();
      await Promise.all(clients);
      return tally;
    },
  };
}

test("OP50: of two servers that take over at once one wins, and the first one ends in order", async () => {
  const old = await serve();
  const both = await Promise.all([serve("--take-over"), serve("--take-over")]);
  const [winner, loser] = both[0].code() === null ? both : both.toReversed();
  await hasWork(winner as Served);
  expect(winner?.code()).toBe(null);
  expect(loser?.code()).toBe(1);
  expect(loser?.printed()).toContain("about to take over");
  expect(await old.ended).toBe(0);
  const third = await serve();
  expect(third.code()).toBe(1);
  expect(third.printed()).toContain("Another server uses the database");
});

test("OP51: a server that is killed during the hand-over leaves the work to the new one", async () => {
  const old = await serve();
  using _slow = await openRequest();
  const next = await serve("--take-over");
  await until(() => old.events().includes("serve.stopping"));
  expect(next.events()).not.toContain("serve.took_over");
  expect(old.code()).toBe(null);
  old.kill("SIGKILL");
  await hasWork(next);
  const after = await serve("--take-over");
  await hasWork(after);
  expect(await next.ended).toBe(0);
});

/** A report of installs whose body does not end: a server that is told to end waits for it. */
async function openRequest(): Promise<Disposable> {
  await ann.must("org", "create", "acme");
  const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  const socket = await Bun.connect({ hostname: "127.0.0.1", port: Number(PORT), socket: { data() {} } });
  const head = `POST /acme/notify-batch HTTP/1.1\r\nHost: 127.0.0.1:${PORT}\r\nAuthorization: Bearer ${token}`;
  socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
  socket.flush();
  await until(async () => (await fetch(`http://127.0.0.1:${PORT}/health`)).ok);
  return { [Symbol.dispose]: () => void socket.end() };
}

test("connections that are kept open do not notice three restarts", async () => {
  let server = await serve();
  const load = startLoad();
  for (let turn = 1; turn <= 3; turn++) {
    const next = await serve("--take-over");
    await hasWork(next);
    expect(await server.ended).toBe(0);
    const before = load.tally.answers;
    await until(() => load.tally.answers > before + 100);
    server = next;
  }
  const { answers, failed } = await load.stop();
  expect(failed).toEqual([]);
  expect(answers).toBeGreaterThan(300);
});

test("without one that runs, it starts as ever; what a killed one left names nobody", async () => {
  const first = await serve("--take-over");
  expect(first.events()).not.toContain("serve.took_over");
  first.kill("SIGKILL");
  await first.ended;
  expect(existsSync(`${ann.dataDir}/pricore.sqlite.pid`)).toBe(true);
  const second = await serve("--take-over");
  expect(second.code()).toBe(null);
  second.kill("SIGTERM");
  expect(await second.ended).toBe(0);
  expect(existsSync(`${ann.dataDir}/pricore.sqlite.pid`)).toBe(false);
});
