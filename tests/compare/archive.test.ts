// The comparison of archives notices what it is made for: a different path, mode, link or byte.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeeded } from "../tools/process.ts";
import { gitContents, zipContents, type Contents } from "./archive.ts";
import { explainArchive } from "./explain.ts";

let folder: string;
let git: Contents;
let zip: Contents;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "compare-"));
  const blob = (text: string) => `data ${Buffer.byteLength(text)}\n${text}`;
  const long = `${"deep/".repeat(30)}${"x".repeat(120)}.php`;
  const commands = [
    "commit refs/heads/main",
    "committer Ann <ann@example.com> 1700000000 +0000",
    blob("x"),
    `M 100644 inline a.php\n${blob("a")}`,
    `M 100755 inline bin/run\n${blob("run")}`,
    `M 120000 inline link\n${blob("a.php")}`,
    `M 100644 inline ${long}\n${blob("long")}`,
    `M 100644 inline é.txt\n${blob("")}`,
  ];
  await succeeded(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder]);
  await succeeded(["git", "-C", folder, "fast-import", "--quiet"], { stdin: commands.join("\n") });
  git = await gitContents(folder, "main");
  const out = join(folder, "out.zip");
  await succeeded([
    "git",
    "-C",
    folder,
    "archive",
    "--format=zip",
    "--prefix=top/",
    `--output=${out}`,
    "main",
  ]);
  zip = zipContents(Buffer.from(await Bun.file(out).arrayBuffer()));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const synced = { notes: new Map(), skipped: new Map() } as never;
const found = { key: "acme/x 1.0.0.0", version: "1.0.0", reference: "", excludes: [] as string[] };

test("A tar and a zip of one commit have the same contents", () => {
  expect(git.size).toBe(5);
  expect(zip).toEqual(git);
  expect(explainArchive(found, { git, zip, synced })).toEqual([]);
});

test("A missing file, another mode and another byte are differences that nobody explains", () => {
  const other = new Map(zip);
  other.delete("a.php");
  other.set("bin/run", (zip.get("bin/run") ?? "").replace("executable", "file"));
  other.set("link", "link 0");
  const differences = explainArchive(found, { git, zip: other, synced });
  expect(differences.map(({ what, why }) => [what.split(" ")[1], why])).toEqual([
    ["a.php:", null],
    ["bin/run:", null],
    ["link:", null],
  ]);
});

test("A file that composer.json leaves out is explained, another byte in it is not", () => {
  const other = new Map(zip);
  other.delete("a.php");
  other.set("link", "link 0");
  const whys = explainArchive({ ...found, excludes: ["a.php"] }, { git, zip: other, synced });
  expect(whys.map(({ why }) => why)).toEqual([expect.stringContaining("archive.exclude"), null]);
});
