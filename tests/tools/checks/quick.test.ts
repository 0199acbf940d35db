import { expect, test } from "bun:test";
import { quickTests } from "./quick.ts";

test("the quick tests are those that load no server and no binary, also not by way of others", () => {
  const quick = quickTests();
  expect(quick).toContain("tests/composer/version.test.ts");
  expect(quick).toContain("tests/templates/parts.test.tsx");
  for (const file of [
    "tests/cli/start.test.ts",
    "tests/pages/accounts/sign-in.test.ts",
    "tests/attacks/tenancy.test.ts",
    "tests/contracts/database.test.ts",
    "tests/contracts/queue/keys.test.ts",
    "tests/browser/shell.test.ts",
  ])
    expect(quick).not.toContain(file);
});
