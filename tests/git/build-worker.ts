// Compiles worker-entry.ts as build.ts compiles the product, so that tests and benchmarks see the patched library.
import { join } from "node:path";
import { gitBuildPlugin } from "../../src/git/build-plugin.ts";

/** The path of the executable. */
export async function buildWorker(folder: string): Promise<string> {
  const outfile = join(folder, "git-worker");
  await Bun.build({
    entrypoints: [join(import.meta.dir, "worker-entry.ts")],
    target: "bun",
    format: "esm",
    bytecode: true,
    minify: { whitespace: true, syntax: true },
    compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
    plugins: [gitBuildPlugin],
  });
  return outfile;
}
