// Repositories in a local folder, in every layout that git creates.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { appendFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Failure } from "../../src/errors.ts";
import { succeeded } from "../tools/process.ts";
import { makeBareRepository } from "./bare-repository.ts";
import { anonymous, makeFolder, makeGit, removeFolder } from "./ground.ts";

let folder: string;
let origin: string;
const at = (...parts: string[]) => join(folder, ...parts);
const git = (...args: string[]) => succeeded(["git", ...args]);

beforeAll(async () => {
  folder = await makeFolder();
  const repository = await makeBareRepository(at("origin.git"));
  await repository.commit({ "composer.json": "{}", a: "1" }, { tag: "v1" });
  await repository.commit({ "composer.json": "{}", a: "2", "b/c": "3" }, { annotatedTag: "v2" });
  await repository.git("gc", "--quiet");
  await repository.commit({ "composer.json": "{}", a: "4" });
  origin = repository.path;
});

afterAll(() => removeFolder(folder));

/** The refs that can be listed, and whose files can be archived. */
async function readable(path: string): Promise<string[]> {
  const mirrors = makeGit({ folder });
  const { refs, unusable } = await mirrors.listRefs(anonymous(path));
  expect(unusable).toEqual([]);
  const mirror = await mirrors.openMirror(anonymous(path), refs);
  for (const { reference } of refs) {
    const { notes } = await mirror.archive({ reference, topFolder: "acme", exclude: [] });
    expect(notes).toEqual([]);
  }
  await mirror.close();
  return refs.map(({ kind, name }) => `${kind} ${name}`);
}

const all = ["branch main", "tag v1", "tag v2"];
const failureOf = (path: string) =>
  makeGit({ folder })
    .listRefs(anonymous(path))
    .then(
      () => null,
      (error: Failure) => error,
    );

describe("A local repository", () => {
  const forms: [string, (path: string) => Promise<string | void>][] = [
    [
      "a clone that borrows objects",
      async (path) => void (await git("clone", "-q", "--shared", origin, path)),
    ],
    [
      "a bare clone with a reference",
      async (path) => void (await git("clone", "-q", "--bare", "--reference", origin, origin, path)),
    ],
    [
      "a clone that borrows from a borrower, by a relative path",
      async (path) => {
        await git("clone", "-q", "--bare", "--shared", origin, `${path}-first`);
        await git("clone", "-q", "--bare", "--shared", `${path}-first`, path);
        await Bun.write(
          join(path, "objects/info/alternates"),
          `../../${path.split("/").at(-1)}-first/objects\n`,
        );
      },
    ],
    [
      "a work tree of another repository",
      async (path) => {
        await git("clone", "-q", "--bare", origin, `${path}-main.git`);
        await git("-C", `${path}-main.git`, "worktree", "add", "-q", "-f", path, "main");
      },
    ],
    [
      "a work tree with its repository elsewhere",
      async (path) => void (await git("clone", "-q", "--separate-git-dir", `${path}-git`, origin, path)),
    ],
    [
      "a shallow mirror",
      async (path) => void (await git("clone", "-q", "--mirror", `file://${origin}`, path)),
    ],
  ];
  test.each(forms)("FC12: is read as %s", async (name, make) => {
    const path = at(name.replace(/[ ,]+/g, "-"));
    await make(path);
    expect(await readable(path)).toEqual(all);
  });

  test("FC12: that borrows from what is gone is not said to be empty", async () => {
    await git("clone", "-q", "--bare", origin, at("lender.git"));
    await git("clone", "-q", "--bare", "--shared", at("lender.git"), at("borrower.git"));
    await rename(at("lender.git"), at("gone.git"));
    const failure = await failureOf(at("borrower.git"));
    expect(failure).toMatchObject({ kind: "unavailable", code: "git_unreadable" });
    expect(failure?.message).toMatch(
      /^Pricore can't read any of its 3 tags and branches: The object .* is missing/,
    );
    expect(failure?.message).toContain(
      `borrows objects from ${at("lender.git/objects")}, which can't be read.`,
    );
  });

  test("FC12: in a form that is not known is refused with the form", async () => {
    const path = at("reftable");
    await git("init", "-q", path);
    await mkdir(join(path, ".git/reftable"));
    await Bun.write(join(path, ".git/reftable/tables.list"), "0x1-0x2.ref\n");
    await rm(join(path, ".git/refs"), { recursive: true });
    await mkdir(join(path, ".git/refs"));
    await Bun.write(join(path, ".git/refs/heads"), "this repository uses the reftable format\n");
    await appendFile(join(path, ".git/config"), "[extensions]\n\trefStorage = reftable\n");
    const failure = await failureOf(path);
    expect(failure).toMatchObject({ kind: "unavailable", code: "git_unreadable" });
    expect(failure?.message).toContain("reftable");
    expect(failure?.advice).toContain("git refs migrate");
    await git("init", "-q", "--object-format=sha256", at("sha256"));
    expect((await failureOf(at("sha256")))?.message).toContain("SHA-256");
  });

  test("FC12: without any tag or branch is still empty, and none is still none", async () => {
    await git("init", "-q", at("empty"));
    expect((await makeGit({ folder }).listRefs(anonymous(at("empty")))).refs).toEqual([]);
    await mkdir(at("none"));
    expect(await failureOf(at("none"))).toMatchObject({ kind: "notFound", code: "git_not_found" });
    await Bun.write(at("dangling/.git"), "gitdir: /nowhere\n");
    expect(await failureOf(at("dangling"))).toMatchObject({ kind: "notFound" });
  });
});
