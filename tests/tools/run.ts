// Runs every test file, two at a time, and closes with one line: how many passed and failed.
import { Glob } from "bun";
import { missingComposersNotice } from "./composers.ts";

const wanted = process.argv.slice(2);
const files =
  wanted.length > 0
    ? wanted
    : [...new Glob("**/*.test.{ts,tsx}").scanSync("tests")].map((file) => `tests/${file}`);
const command = ["bun", "test", "--parallel=2", "--timeout=120000", "--only-failures", ...files.toSorted()];
const child = Bun.spawn(command, { stdio: ["ignore", "inherit", "pipe"] });
let output = "";
const decoder = new TextDecoder();
// Shown as it comes: a run that is cut off has still said what failed.
for await (const chunk of child.stderr) {
  process.stderr.write(chunk);
  output += decoder.decode(chunk, { stream: true });
}
const exitCode = await child.exited;

const count = (word: string) => Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(output)?.[1] ?? 0);
const [passed, failed, skipped] = [count("pass"), count("fail"), count("skip")];
const errors = Number(/^ *(\d+) errors?$/m.exec(output)?.[1] ?? 0);
const total = `${passed} passed, ${failed + errors} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
console.log(`\n${missingComposersNotice()}${total}`);
// A run that was cut off, and a suite that was left out, are not green.
const isGreen = exitCode === 0 && passed > 0 && (skipped === 0 || process.env["CI"] !== "true");
process.exit(isGreen ? 0 : 1);
