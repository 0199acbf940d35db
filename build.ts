// Compiles one executable: `bun run build.ts [--target bun-linux-arm64] [--outfile dist/pricore]`.
import { renameSync } from "node:fs";
import { parseArgs } from "node:util";
import { gitBuildPlugin } from "./src/git/build-plugin.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string", default: "dist/pricore" },
  },
});

// Put in place whole: a server that runs from this file goes on, and nobody starts half of one.
const fresh = `${values.outfile}.${process.pid}`;
const result = await Bun.build({
  entrypoints: ["src/main.ts"],
  target: "bun",
  format: "esm",
  bytecode: true,
  // So that a start takes in only what it needs: half of the time until the first answer.
  splitting: true,
  // Never identifiers: renaming TypeBox's TransformDecodeError makes Elysia let invalid numbers through.
  minify: { whitespace: true, syntax: true, identifiers: false },
  plugins: [gitBuildPlugin],
  compile: {
    outfile: fresh,
    ...(values.target ? { target: values.target as Bun.Build.CompileTarget } : {}),
    assets: ["./public"],
    // A binary that is run inside a cloned repository must not obey that repository's files.
    autoloadDotenv: false,
    autoloadBunfig: false,
  },
});

for (const log of result.logs) console.error(log);
if (!result.success) process.exit(1);
renameSync(fresh, values.outfile);
console.log(`${values.outfile}: ${(Bun.file(values.outfile).size / 1024 / 1024).toFixed(1)} MB`);
