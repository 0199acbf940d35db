// What a commit holds that a client does not get as it was written: the version is there, and everything that shows
// the version says so.
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { makeRepository, type GitRepository, type Step } from "../tools/repositories.ts";
import { addAndSync, type Added } from "./mirroring.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

setDefaultTimeout(120_000);

type Note = { code: string; text: string };
type Shown = { versions: { version: string; notes: Note[] }[] };

let ann: Operator;
let org: string;
let organizations = 0;

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
});
afterAll(() => ann?.close());
beforeEach(async () => {
  org = `org-${++organizations}`;
  await ann.must("org", "create", org);
});

async function add(name: string, steps: Step[]): Promise<{ repository: GitRepository; added: Added }> {
  const repository = await makeRepository(ann.folder, `${org}/${name}`, steps);
  return { repository, added: await addAndSync(ann, org, [repository.path]) };
}

async function notesOf(name: string): Promise<Record<string, Note[]>> {
  const { versions } = await ann.json<Shown>("package", "show", "--org", org, name);
  return Object.fromEntries(versions.map(({ version, notes }) => [version, notes]));
}

const codes = (notes: Note[] | undefined): string[] | undefined => notes?.map(({ code }) => code);

test("FC6: a package named in capitals is published in lower case, and each version says so", async () => {
  const { added } = await add("lib", [
    { manifest: { name: "Acme/Lib" }, tags: ["1.0.0"] },
    { manifest: { name: "acme/lib" }, tags: ["1.1.0"] },
    { manifest: { name: "ACME/Lib" } },
  ]);
  expect([added.code, added.sync?.added]).toEqual([0, 3]);
  const notes = await notesOf("Acme/Lib");
  expect([codes(notes["1.0.0"]), codes(notes["1.1.0"]), codes(notes["dev-main"])]).toEqual([
    ["name_case"],
    [],
    ["name_case"],
  ]);
  expect(notes["1.0.0"]?.[0]?.text).toContain(
    "composer.json calls the package Acme/Lib; it is published as acme/lib",
  );
});

test("FC10: notes belong to the version: of a tag and of the branch at its commit, wherever a version is shown", async () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12\n`;
  const { repository, added } = await add("noted", [
    {
      manifest: { name: "acme/noted", description: 5, keywords: ["a"] },
      files: { "big.bin": pointer },
      tags: ["1.0.0"],
    },
  ]);
  expect(added.code).toBe(0);
  const notes = await notesOf("acme/noted");
  const expected = ["field_left_out", "lfs_pointer"];
  expect([codes(notes["1.0.0"]), codes(notes["dev-main"])]).toEqual([expected, expected]);

  const shown = await ann.must("package", "show", "--org", org, "acme/noted");
  const words = [
    "composer.json: description was left out; it must be a text.",
    '"big.bin" is a Git LFS pointer; the file behind it is not in the archive.',
  ];
  for (const word of words) expect(shown).toContain(`Note: ${word} (`);
  const explained = await ann.json<{ notes: Note[] }>("why", "--org", org, "acme/noted", "dev-main");
  expect(explained.notes.map(({ text }) => text)).toEqual(words);
  expect(await ann.must("why", "--org", org, "acme/noted", "1.0.0")).toContain(`Note: ${words[1]}`);
  // A sync that finds nothing new still tells of what there is.
  const synced = await ann.must("sync", "--org", org, "noted", "--wait");
  for (const word of words) expect(synced).toContain(`Note: ${word} (1.0.0, dev-main)`);
  const [report] = await ann.json<{ noted: { version: string; notes: Note[] }[] }[]>(
    ...["sync", "--org", org, "noted", "--wait"],
  );
  expect(report?.noted.map(({ version, notes: of }) => [version, codes(of)])).toEqual([
    ["1.0.0", expected],
    ["dev-main", expected],
  ]);

  await repository.commit({ manifest: { name: "acme/noted" } });
  await ann.must("sync", "--org", org, "noted", "--wait");
  const later = await notesOf("acme/noted");
  expect([codes(later["1.0.0"]), codes(later["dev-main"])]).toEqual([expected, []]);
});

test("FC15: a composer.json that is a link, a folder, a submodule or in capitals is said to be one", async () => {
  const blob = 'data 21\n{"name":"acme/thing"}\n';
  const lines: string[] = [];
  const forms: Record<string, string[]> = {
    "1.0.0": ["M 100644 inline composer.json", blob],
    "1.1.0": ["M 120000 inline composer.json", "data 12\npackage.json", "M 100644 inline package.json", blob],
    "1.2.0": ["M 100644 inline composer.json/composer.json", blob],
    "1.3.0": [`M 160000 ${"1".repeat(40)} composer.json`, "M 100644 inline a", "data 1\na"],
    "1.4.0": ["M 100644 inline Composer.json", blob],
    "1.5.0": ["M 100644 inline COMPOSER.JSON", blob],
    "1.6.0": ["M 100644 inline sub/composer.json", blob],
  };
  for (const [tag, files] of Object.entries(forms))
    lines.push(
      `commit refs/tags/${tag}`,
      "committer Ann <ann@example.com> 1700000000 +0000",
      "data 1\nx",
      "deleteall",
      ...files,
    );
  const repository = await makeRepository(ann.folder, `${org}/forms`, [{ manifest: { name: "acme/thing" } }]);
  const stream = `${lines.join("\n")}\ndone\n`;
  const git = Bun.spawn(["git", "-C", repository.path, "fast-import", "--quiet", "--done"], {
    stdin: "pipe",
  });
  void git.stdin.write(stream);
  void git.stdin.end();
  expect(await git.exited).toBe(0);
  const { sync } = await addAndSync(ann, org, [repository.path]);
  const reasons = Object.fromEntries(sync?.skipped.map(({ ref, reason }) => [ref, reason]) ?? []);
  expect(sync?.added).toBe(2);
  expect(reasons["1.1.0"]).toContain("composer.json is a symbolic link");
  expect(reasons["1.2.0"]).toContain("composer.json is a folder");
  expect(reasons["1.3.0"]).toContain("composer.json is a submodule");
  expect(reasons["1.4.0"]).toContain('but "Composer.json". Rename it');
  expect(reasons["1.5.0"]).toContain('but "COMPOSER.JSON". Rename it');
  expect(reasons["1.6.0"]).toContain("there is no composer.json at the root of the repository");
});

test("FU26: what is wrong with the JSON is said with line and column", async () => {
  const { added } = await add("broken", [
    { manifest: '{\n    "name": "acme/broken",\n    "require": {},\n}\n', tags: ["0.1.0"] },
    { manifest: { name: "acme/broken" } },
  ]);
  expect(added.sync?.skipped[0]?.reason).toContain(
    "Tag 0.1.0: composer.json is not valid JSON at line 3, column 18: a comma stands after the last value",
  );
});
