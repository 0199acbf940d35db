// What `bun run check` says of secrets in the files of the project.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newToken } from "../../../src/registry/tokens.ts";
import { scan, secretsIn, trackedFiles } from "./scan.ts";

/** Put together here, so that this file holds none. */
const samples: Record<string, string> = {
  "a private key": `-----BEGIN OPENSSH ${"PRIVATE"} KEY-----\n${"b3BlbnNzaC1rZXk".repeat(5)}`,
  "an AWS access key": `AK${"IA"}IOSFODNN7EXAMPLE`,
  "a GitHub token": `gh${"p_"}${"a1B2".repeat(9)}`,
  "a GitLab token": `glp${"at-"}${"x".repeat(20)}`,
  "a token of Pricore": newToken(),
};

test("a secret of each kind is found with its line, and is not printed", () => {
  for (const [what, secret] of Object.entries(samples))
    expect(secretsIn(`one\ntwo ${secret} three\n`)).toEqual([`line 2: ${what}`]);
});

test("what only looks like one is none", () => {
  const mistyped = `${samples["a token of Pricore"]?.slice(0, -1)}${"-"}`;
  const others = ["-----BEGIN PRIVATE KEY-----", "prc_secret", "glpat-short", "AKIA", mistyped];
  expect(others.flatMap(secretsIn)).toEqual([]);
  const wrong = (samples["a token of Pricore"] ?? "").replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  expect(secretsIn(wrong)).toEqual([]);
});

test("a file is excused by its name, and an excuse that is not needed is reported", () => {
  const folder = mkdtempSync(join(tmpdir(), "pricore-scan-"));
  const [bad, good] = [join(folder, "bad.txt"), join(folder, "good.txt")];
  writeFileSync(bad, `key=${samples["an AWS access key"]}`);
  writeFileSync(good, "nothing");
  expect(scan([bad, good], {})).toEqual([`${bad}, line 1: an AWS access key`]);
  expect(scan([bad, good], { [bad]: "an example" })).toEqual([]);
  expect(scan([bad, good], { [bad]: "an example", [good]: "?" })).toEqual([
    `${good} holds no secret and is excused.`,
  ]);
  rmSync(folder, { recursive: true });
});

test("no file of the project holds one", () => {
  expect(scan(trackedFiles())).toEqual([]);
});
