import { describe, expect, test } from "bun:test";
import { refNameProblem } from "../../src/git/ref-names.ts";
import { finished } from "../tools/process.ts";

const names = [
  "main",
  "v1.0.0",
  "1.0.0+build",
  "feature/x#1",
  "$(id)",
  "a'b",
  "ümläut",
  "a..b",
  ".a",
  "a/.b",
  "a.lock",
  "a.lock/b",
  "a.",
  "a b",
  "a~1",
  "a^",
  "a:b",
  "a?b",
  "a*b",
  "a[b",
  "a\\b",
  "a@{b",
  "a//b",
  "/a",
  "a/",
  "../../x",
  "a\nb",
  "a\x7fb",
];

describe("The name of a tag or branch", () => {
  test("can be used exactly when git check-ref-format allows it", async () => {
    for (const name of names) {
      const { code } = await finished(["git", "check-ref-format", `refs/tags/${name}`]);
      expect([name, refNameProblem(name) === null]).toEqual([name, code === 0]);
    }
  });

  test("can't be used when it looks like an option, is longer than a database takes, or is broken text", () => {
    expect(refNameProblem("--output=x")).toContain("dash");
    expect(refNameProblem("x".repeat(64 * 1024))).toContain("255");
    expect(refNameProblem("a\uFFFD")).toContain("UTF-8");
    expect(refNameProblem("x".repeat(255))).toBeNull();
  });
});
