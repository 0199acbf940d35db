// The executable itself: its size, its time to the first answer, its idle memory.
import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reservedPort } from "../tests/tools/servers/ports.ts";
import { measure, type Figure } from "./rounds.ts";
import { binary } from "../tests/tools/binary.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 9);
const hello = `import { Elysia } from "elysia";
Bun.serve({ port: Number(process.env.PORT), hostname: "127.0.0.1", fetch: new Elysia().get("/health", () => "ok").fetch });
`;

/** Time from start to first answer, compared with a hello-world Elysia that is built the same way. */
export async function benchBinary(): Promise<{ figures: Figure[]; notes: string[] }> {
  const folder = await mkdtemp(join(import.meta.dir, "hello-"));
  const dataDir = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  try {
    await Bun.write(join(folder, "hello.ts"), hello);
    const outfile = join(dataDir, "hello");
    await Bun.build({
      entrypoints: [join(folder, "hello.ts")],
      target: "bun",
      format: "esm",
      bytecode: true,
      minify: { whitespace: true, syntax: true, identifiers: false },
      compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
    });
    const ours = [binary, "serve", "--data-dir", join(dataDir, "data")];
    await firstAnswer(ours);
    const start = await measure({
      name: "start to first answer, milliseconds (less is better)",
      rounds,
      ours: async () => (await firstAnswer(ours)).ms,
      reference: async () => (await firstAnswer([outfile])).ms,
    });
    const { idleMegabytes } = await firstAnswer(ours, 3000);
    const size = statSync(binary).size / 1024 / 1024;
    return {
      figures: [start],
      notes: [`  size ${size.toFixed(1)} MB, idle memory ${idleMegabytes.toFixed(0)} MB`],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function firstAnswer(command: string[], idleMs = 0): Promise<{ ms: number; idleMegabytes: number }> {
  const port = reservedPort();
  const started = performance.now();
  const env = { PORT: String(port), LOG_LEVEL: "error", SYNC_INTERVAL: "off" };
  const child = Bun.spawn(command, { env, stdio: ["ignore", "ignore", "ignore"] });
  while ((await fetch(`http://127.0.0.1:${port}/health`).catch(() => null))?.status !== 200)
    await Bun.sleep(1);
  const ms = performance.now() - started;
  await Bun.sleep(idleMs);
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
  child.kill("SIGTERM");
  await child.exited;
  return { ms, idleMegabytes: Number(resident) / 1024 };
}
