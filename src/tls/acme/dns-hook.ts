// dns-01: the operator's own program sets and clears the record, and the order waits until the name servers give it.
import { Resolver } from "node:dns/promises";
import { messageOf, unavailable } from "../../errors.ts";
import type { Challenge, Solver } from "./acme.ts";

const hookMs = 120_000;
const visibleMs = 5 * 60_000;
const pauseMs = 2000;
const reportedCharacters = 500;

export function dnsSolver(hook: string): Solver {
  return {
    type: "dns-01",
    async set({ name, value }) {
      await runHook(hook, ["set", recordOf(name), value]);
      await untilVisible(recordOf(name), value);
    },
    clear: ({ name, value }) => runHook(hook, ["clear", recordOf(name), value]),
  };
}

function recordOf(name: Challenge["name"]): string {
  return `_acme-challenge.${name.replace(/^\*\./, "")}`;
}

/** Never by a shell. Fails as `unavailable` with the end of what it printed. */
export async function runHook(hook: string, args: string[], timeoutMs = hookMs): Promise<void> {
  const [action = ""] = args;
  let timedOut = false;
  try {
    // In a group of its own, so that what it has started ends with it.
    const streams = { stdin: "ignore", stdout: "ignore", stderr: "pipe" } as const;
    const child = Bun.spawn([hook, ...args], { ...streams, detached: true });
    const timer = setTimeout(() => {
      timedOut = true;
      process.kill(-child.pid, "SIGKILL");
    }, timeoutMs);
    const printed = readPrinted(child.stderr);
    const code = await child.exited.finally(() => clearTimeout(timer));
    if (timedOut) throw new Error(`did not end within ${timeoutMs / 1000} s`);
    if (code !== 0) throw new Error(`ended with ${code}. ${await printed.text()}`.trim());
  } catch (error) {
    throw unavailable(`The program ${hook} (${action}) ${messageOf(error)}.`.replace(/\.\.$/, "."), {
      code: "dns_hook",
    });
  }
}

/** Something that the program started may hold the pipe open after its end: that is not waited for. */
function readPrinted(stream: ReadableStream<Uint8Array>): { text(): Promise<string> } {
  let printed = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream)
      printed = (printed + decoder.decode(chunk, { stream: true })).slice(-reportedCharacters);
  })().catch(() => {});
  return {
    async text() {
      await Promise.race([reading, Bun.sleep(200)]);
      return printed.trim();
    },
  };
}

/** Goes on after five minutes: then the authority says what it sees. */
async function untilVisible(record: string, value: string): Promise<void> {
  const servers = await nameServersOf(record);
  const deadline = performance.now() + visibleMs;
  while (servers.length > 0 && !(await isVisible(servers, record, value)) && performance.now() < deadline)
    await Bun.sleep(pauseMs);
}

async function isVisible(servers: string[], record: string, value: string): Promise<boolean> {
  const answers = servers.map(async (server) => {
    const resolver = newResolver();
    resolver.setServers([server]);
    const texts = await resolver.resolveTxt(record).catch(() => []);
    return texts.some((parts) => parts.join("") === value);
  });
  return (await Promise.all(answers)).every(Boolean);
}

/** Addresses of the zone's own name servers, which have a new record first. Empty when they cannot be found. */
async function nameServersOf(record: string): Promise<string[]> {
  const labels = record.split(".").slice(1);
  for (; labels.length >= 2; labels.shift()) {
    const names = await newResolver()
      .resolveNs(labels.join("."))
      .catch(() => []);
    const found = names.slice(0, 8).map((name) =>
      newResolver()
        .resolve4(name)
        .catch(() => []),
    );
    const addresses = (await Promise.all(found)).flat();
    if (addresses.length > 0) return addresses;
  }
  return [];
}

function newResolver(): Resolver {
  return new Resolver({ timeout: 3000, tries: 2 });
}
