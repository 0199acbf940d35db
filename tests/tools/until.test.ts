import { expect, test } from "bun:test";
import { until } from "./until.ts";

test("what never happens is named, by its words or by the condition", async () => {
  const never = () => false;
  await expect(until(never, { what: "the sync ends", withinMs: 50 })).rejects.toThrow(
    "Not within 0.05 s: the sync ends",
  );
  const installs: string[] = [];
  const counted = () => installs.length > 2;
  await expect(until(counted, { withinMs: 50 })).rejects.toThrow(
    /^Not within 0\.05 s: .*installs\.length > 2/,
  );
});

test("what happens later is waited for, and asked no more", async () => {
  let checks = 0;
  await until(async () => ++checks === 3);
  expect(checks).toBe(3);
});
