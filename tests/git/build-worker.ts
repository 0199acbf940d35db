// Compiles an entry as build.ts compiles the product, so that tests and benchmarks use the patched library.
import { basename, join } from "node:path";
import { gitBuildPlugin } from "../../src/git/build-plugin.ts";

/** The path of an executable that only mirrors. */
export function buildWorker(folder: string): Promise<string> {
  return buildEntry("worker-entry.ts", folder);
}

/** `entry` is a file in this folder. */
export async function buildEntry(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, basename(entry, ".ts"));
  await Bun.build({
    entrypoints: [join(import.meta.dir, entry)],
    target: "bun",
    format: "esm",
    bytecode: true,
    minify: { whitespace: true, syntax: true },
    compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
    plugins: [gitBuildPlugin],
  });
  return outfile;
}
