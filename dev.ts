// `npm run dev -- [options of serve]`: builds and serves, and does both again when a file of the program changes. A
// build that fails leaves the server of before running.
import { watch } from "node:fs";

const folders = ["src", "templates", "public"];
/** An editor that saves, or a checkout, changes several files at once. */
const settleMs = 150;

let server: Bun.Subprocess | null = null;
let isBuilding = false;
let isStale = false;
let timer: Timer | undefined;

async function again(): Promise<void> {
  if (isBuilding) return void (isStale = true);
  isBuilding = true;
  const build = Bun.spawn(["bun", "run", "build.ts"], { stdio: ["ignore", "inherit", "inherit"] });
  if ((await build.exited) === 0) await restart();
  isBuilding = false;
  if (!isStale) return;
  isStale = false;
  await again();
}

async function restart(): Promise<void> {
  server?.kill("SIGTERM");
  await server?.exited;
  server = Bun.spawn(["dist/pricore", "serve", ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit"],
  });
}

for (const folder of folders)
  watch(folder, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void again(), settleMs);
  });
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, async () => {
    server?.kill("SIGTERM");
    process.exit((await server?.exited) ?? 0);
  });
await again();
