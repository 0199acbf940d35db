// What somebody can get wrong at the command line, but for repositories, and how each mistake ends.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  await ann.must("user", "create", "--email", "ann@acme.test", "--name", "Ann", "--admin");
  await ann.must("org", "create", "acme", "--name", "Acme", "--owner", "ann@acme.test");
  await ann.must("repo", "add", "--org", "acme", "https://git.acme.test/acme/blog.git");
});
afterAll(() => ann?.close());

/** 1 failed, 2 wrong usage, 3 not found. */
const cases: [code: number, args: string[], says: RegExp][] = [
  [2, ["deploy"], /^There is no command "deploy"\.\nSee: pricore help\n$/],
  [2, ["org"], /Commands: org create, org list/],
  [2, ["org", "destroy", "acme"], /There is no command "org destroy"/],
  [2, ["org", "create"], /^Usage: pricore org create SLUG\n/],
  [2, ["org", "create", "one", "two"], /^Usage: pricore org create SLUG\n/],
  [2, ["org", "list", "--colour"], /--colour/],
  [2, ["--json", "org", "list"], /Options come after the command/],
  [2, ["repo", "list"], /^--org is needed\.\n$/],
  [2, ["repo", "list", "--org="], /^--org is needed\.\n$/],
  [2, ["user", "create", "--email", "ben@acme.test", "--name", "Ben", "--password", "x"], /--password/],
  [2, ["user", "reset-password", "--email", "ann@acme.test"], /--password-stdin or PRICORE_PASSWORD/],
  [2, ["token", "create", "--name", "x"], /either --org or --user/],
  [
    2,
    ["token", "create", "--org", "acme", "--user", "ann@acme.test", "--name", "x"],
    /either --org or --user/,
  ],
  [2, ["token", "create", "--org", "acme", "--name", "x", "--expires", "soon"], /"soon" is not a duration/],
  [2, ["token", "create", "--org", "acme", "--name", "x", "--expires", "0d"], /"0d" is not a duration/],
  [2, ["token", "create", "--org", "acme", "--name", "x", "--expires", "999999999d"], /is not a duration/],
  [2, ["sync", "--org", "acme"], /Name the repositories, or use --all/],
  [2, ["sync", "--org", "acme", "blog", "--all"], /Name the repositories, or use --all/],
  [2, ["worker", "--concurrency", "many"], /--concurrency is a whole number from 1 to 64/],
  [2, ["org", "update", "acme", "--source", "maybe"], /--source is on or off/],
  [3, ["repo", "list", "--org", "nobody"], /There is no organization "nobody"\.\nSee: pricore org list/],
  [3, ["org", "create", "shop", "--owner", "nobody@acme.test"], /no user with the address nobody@acme\.test/],
  [
    3,
    ["sync", "--org", "acme", "blog", "nothing"],
    /acme has no repository "nothing"\.\nSee: pricore repo list --org acme/,
  ],
  [
    3,
    ["repo", "remove", "--org", "acme", "nothing"],
    /acme has no repository "nothing"\.\nSee: pricore repo list --org acme/,
  ],
  [3, ["package", "show", "--org", "acme", "acme/nothing"], /acme\/nothing/],
  [3, ["token", "revoke", "nothing"], /There is no token with the id nothing\.\nSee: pricore token list/],
  [3, ["token", "create", "--user", "nobody@acme.test", "--name", "x"], /nobody@acme\.test/],
  [3, ["org", "vendor", "remove", "acme", "symfony"], /acme does not own the vendor "symfony"/],
  [1, ["org", "create", "acme"], /The organization "acme" already exists/],
  [1, ["org", "create", "api"], /"api" is reserved/],
  [1, ["org", "create", "Acme Labs"], /cannot be used as an address\. Use 2 to 39/],
  [1, ["org", "create", "-"], /cannot be used as an address/],
  [1, ["org", "create", "new", "--name", " "], /a name of up to 100 characters/],
  [1, ["org", "update", "acme"], /Nothing to change was given/],
  [1, ["org", "vendor", "add", "acme", "Not A Vendor"], /is not a vendor name like acme/],
  [
    1,
    ["user", "create", "--email", "ANN@acme.test", "--name", "Ann"],
    /a user with the address ann@acme\.test already/,
  ],
  [1, ["user", "create", "--email", "nobody", "--name", "x"], /"nobody" is not an email address/],
  [
    1,
    ["token", "create", "--org", "acme", "--name", "x", "--package", "acme"],
    /"acme" is not a package or pattern/,
  ],
  [1, ["token", "create", "--org", "acme", "--name", " "], /Enter a name/],
];

test("a mistake ends with the documented code, a sentence on standard error, and nothing changed", async () => {
  const before = await everything();
  for (const [code, args, says] of cases) {
    const outcome = await ann.run(args);
    expect([args, outcome.code, outcome.stdout]).toEqual([args, code, ""]);
    expect(outcome.stderr).toMatch(says);
    expect(outcome.stderr).not.toMatch(/\bat .*:\d+:\d+|Error:/);
  }
  expect(await everything()).toEqual(before);
});

async function everything(): Promise<unknown[]> {
  const lists = [
    ["org", "list"],
    ["user", "list"],
    ["token", "list"],
    ["repo", "list", "--org", "acme"],
  ];
  return Promise.all(lists.map((args) => ann.json<unknown>(...args)));
}
