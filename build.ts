// Compiles one executable: `bun run build.ts [--target bun-linux-arm64] [--outfile dist/pricore]`.
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { docsBuildPlugin } from "./src/docs/build-plugin.ts";
import { gitBuildPlugin } from "./src/git/build-plugin.ts";
import { licensesBuildPlugin } from "./src/licenses/build-plugin.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string", default: "dist/pricore" },
  },
});

// Renamed into place as a whole: a running server keeps its file, and nobody starts half of one.
const fresh = `${values.outfile}.${process.pid}`;
const result = await Bun.build({
  entrypoints: ["src/main.ts"],
  target: "bun",
  format: "esm",
  bytecode: true,
  // Splits the code, so that a start loads only what it needs: this halves the time until the first answer.
  splitting: true,
  // Identifiers are never minified: renaming TypeBox's TransformDecodeError makes Elysia let invalid numbers through.
  minify: { whitespace: true, syntax: true, identifiers: false },
  plugins: [licensesBuildPlugin, gitBuildPlugin, docsBuildPlugin],
  compile: {
    outfile: fresh,
    ...(values.target ? { target: values.target as Bun.Build.CompileTarget } : {}),
    assets: ["./public"],
    // A binary that runs inside a cloned repository must not read that repository's configuration files.
    autoloadDotenv: false,
    autoloadBunfig: false,
  },
});

for (const log of result.logs) console.error(log);
if (!result.success) process.exit(1);
const miscounted = forgetVariables(fresh);
if (miscounted.length > 0) {
  for (const problem of miscounted) console.error(problem);
  rmSync(fresh);
  process.exit(1);
}
renameSync(fresh, values.outfile);
console.log(`${values.outfile}: ${(Bun.file(values.outfile).size / 1024 / 1024).toFixed(1)} MB`);

/**
 * The runtime inside the executable reads these variables before any of our code runs: they load other code, open a
 * debugger, write files or print credentials, and no option of the build turns them off. Each name is overwritten with
 * one of equal length that begins with a NUL, which no variable can have. Names that scripts of the runtime read
 * (`env.NAME`) stay: they no longer have an effect, and a NUL would break the script.
 *
 * Answers the names with an unexpected number of places: another version of the runtime may keep a name elsewhere, so a
 * difference must be checked before a release.
 */
function forgetVariables(path: string): string[] {
  const expected = {
    BUN_OPTIONS: 2,
    BUN_BE_BUN: 1,
    // Includes …_CONNECT_TO, …_NOTIFY and …_PRELOAD.
    BUN_INSPECT: 9,
    // Includes …_DIGEST_OUT, …_ORDER_OUT and …_ORDER_NAMES_OUT.
    BUN_BYTECODE_: 4,
    BUN_CONFIG_VERBOSE_FETCH: 2,
  };
  const program = readFileSync(path);
  const file = openSync(path, "r+");
  try {
    return Object.entries(expected).flatMap(([name, count]) => {
      const places = placesOf(program, name);
      for (const place of places) writeSync(file, "\0", place);
      return places.length === count
        ? []
        : [`${name} is in the executable ${places.length} times, not ${count} times.`];
    });
  } finally {
    closeSync(file);
  }
}

function placesOf(program: Buffer, name: string): number[] {
  const places: number[] = [];
  for (let at = program.indexOf(name); at !== -1; at = program.indexOf(name, at + 1))
    if (program.toString("latin1", at - 4, at) !== "env.") places.push(at);
  return places;
}
