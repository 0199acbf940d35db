// Random patterns compared with the two programs whose rules they follow.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sample, array, constantFrom, tuple, type Arbitrary } from "fast-check";
import { join } from "node:path";
import { parseExclude } from "../../src/git/exclude.ts";
import { openLocal } from "../../src/git/local.ts";
import { gitLimits } from "../../src/git/mirror.ts";
import { openObjects } from "../../src/git/objects.ts";
import { archivedFiles } from "../../src/git/tree.ts";
import { succeeded } from "../tools/process.ts";
import { makeBareRepository } from "./bare-repository.ts";
import { makeFolder, removeFolder } from "./ground.ts";

const seed = 20_261_123;

let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => removeFolder(folder));

function pattern(atoms: string[]): Arbitrary<string> {
  return array(constantFrom(...atoms), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
}

describe("export-ignore", () => {
  const atoms = [
    "a",
    "b",
    "d",
    "e",
    "*",
    "?",
    "**",
    "/",
    "[a-c]",
    "[!a]",
    "[^d]",
    "\\",
    "[",
    "]",
    "é",
    " ",
    "-",
    ".",
    "[[:upper:]]",
    "[]a]",
  ];
  const attributes = [
    "export-ignore",
    "export-ignore",
    "-export-ignore",
    "!export-ignore",
    "export-ignore=x",
    "dev",
    "-dev",
    "[a",
  ];
  const line = tuple(pattern(atoms), constantFrom(...attributes)).map((parts) => parts.join(" "));
  const lines = array(line, { minLength: 1, maxLength: 4 }).map((some) => `${some.join("\n")}\n`);
  const names = [
    "a",
    "ab",
    "a.b",
    "d/a",
    "d/ab",
    "d/e/a",
    "d/e/f/ab",
    "d.e/a",
    "[x]",
    "x y",
    "-a/b",
    "d/e/[a]",
    "é/a",
    "A/B",
  ];
  const files = Object.fromEntries(names.map((name) => [name, "x"]));

  test("leaves out what git archive leaves out, whatever the patterns", async () => {
    const repository = await makeBareRepository(join(folder, "patterns.git"));
    for (const [top, nested] of sample(tuple(lines, lines), { numRuns: 60, seed })) {
      const attributes = { ".gitattributes": `[attr]dev export-ignore\n${top}`, "d/.gitattributes": nested };
      const reference = await repository.commit({ ...files, ...attributes });
      const objects = openObjects(await openLocal(repository.path), gitLimits);
      const { tree } = await objects.commit(reference);
      const walk = { objects, limits: gitLimits, note: () => {}, ...parseExclude([]) };
      const ours = (await archivedFiles(tree, walk)).map(({ path }) =>
        Buffer.from(path, "latin1").toString(),
      );
      const command = `git -C "$0" archive --format=tar "$1" | tar -t --quoting-style=literal`;
      const theirs = (await succeeded(["sh", "-c", command, repository.path, reference])).split("\n");
      const expected = theirs.filter((path) => path !== "" && !path.endsWith("/"));
      expect({ attributes, files: ours.toSorted() }).toEqual({ attributes, files: expected.toSorted() });
    }
  });
});

describe("archive.exclude", () => {
  const atoms = [
    "a",
    "b",
    "d",
    "/",
    "*",
    "?",
    "**",
    "/**/",
    "[ab]",
    "{a,b}",
    "{",
    "}",
    ",",
    "\\",
    "!",
    ".",
    "é",
    "^",
    "$",
    "(",
    "|",
    "+",
    "-",
  ];
  const names = [
    "a",
    "ab",
    "a.b",
    ".a",
    "d/a",
    "d/.a",
    "d/b/a",
    "b/d/a/b",
    "d/b/x/a",
    ".d/a",
    "a,b",
    "a}",
    "é/a",
    "a^b",
    "a(b",
    "a|b",
    "a+b",
  ];
  const questions = names.flatMap((name): [string, boolean][] => [
    [name, false],
    [name, true],
  ]);
  const oracle = `require '/usr/share/php/Composer/autoload.php';
    foreach (json_decode(stream_get_contents(STDIN), true) as [$rules, $questions]) {
      $filter = new Composer\\Package\\Archiver\\ComposerExcludeFilter('/x', $rules);
      $answers[] = array_map(fn ($q) => @$filter->filter('/' . $q[0], $q[1]), $questions);
    }
    echo json_encode($answers);`;

  test("decides as Composer does, whatever the rules", async () => {
    const rules = array(tuple(constantFrom("", "", "!"), constantFrom("", "", "/"), pattern(atoms)), {
      minLength: 1,
      maxLength: 3,
    });
    const cases = sample(rules, { numRuns: 3000, seed }).map((some) => some.map((parts) => parts.join("")));
    const stdin = JSON.stringify(cases.map((rules) => [rules, questions]));
    const theirs = JSON.parse(await succeeded(["php", "-r", oracle], { stdin })) as boolean[][];
    for (const [i, rules] of cases.entries()) {
      const { excludes } = parseExclude(rules);
      const ours = questions.map(([name, ignored]) =>
        excludes(Buffer.from(name).toString("latin1"), ignored),
      );
      expect({ rules, answers: ours }).toEqual({ rules, answers: theirs[i] ?? [] });
    }
  });
});
