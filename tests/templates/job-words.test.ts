// Every kind of job has plain words.
import { expect, test } from "bun:test";
import { jobNames } from "../../src/jobs/queue.ts";
import { purposeOf, titleOf } from "../../templates/jobs/text.ts";

test("every kind of job says in plain words what it is and what it does", () => {
  for (const name of jobNames) {
    expect(titleOf(name)).toMatch(/^[A-Z][a-z]+( [a-z]+)*$/);
    expect(purposeOf(name)).toMatch(/^[A-Z].*\.$/);
  }
  expect([titleOf("of-another-version"), purposeOf("of-another-version")]).toEqual([
    "of-another-version",
    "",
  ]);
});
