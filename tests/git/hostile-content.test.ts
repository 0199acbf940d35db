// Hostile repositories: unusable content only affects the commits that contain it.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { noteText } from "../../src/registry/packages/notes.ts";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import type { Failure } from "../../src/errors.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { succeeded } from "../tools/process.ts";
import { makeBareRepository, type BareRepository } from "./bare-repository.ts";
import { buildWorker } from "./build-worker.ts";
import { advertisement, packAnswer, startEvilServer } from "./evil-server.ts";
import { packedObject, packTypes, packWith } from "./pack.ts";
import { anonymous, makeFolder, makeGit, removeFolder } from "./ground.ts";

let folder: string;
let http: GitHttpServer;
let executable: string;

beforeAll(async () => {
  folder = await makeFolder();
  http = startGitHttp({ root: folder });
  executable = await buildWorker(folder);
});

afterAll(async () => {
  await http.stop();
  await removeFolder(folder);
});

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no failure",
    (error: Failure) => `${error.kind} ${error.code}`,
  );

async function attributes(repository: BareRepository, text: string): Promise<string> {
  const path = join(repository.path, "attributes");
  await Bun.write(path, text);
  return repository.git("hash-object", "-w", path);
}

describe("A repository's content", () => {
  const names: (string | Buffer)[] = [
    "..",
    ".",
    ".git",
    ".GIT",
    ".Git ",
    ".git.",
    "git~1",
    "GIT~1",
    ".git::$INDEX_ALLOCATION",
    ".g\u200cit",
    "\ufeff.git",
    "a/b",
    "..\\..\\x",
    "\\x",
    "C:\\x",
    "a\\.git",
    "a\\..\\x",
    Buffer.concat([Buffer.from(".git"), Buffer.from([0xff])]),
  ];
  test("with a name that no file may have is refused for that commit alone", async () => {
    const repository = await makeBareRepository(join(folder, "names.git"));
    const good = await repository.commit({ "a.txt": "a" }, { tag: "good" });
    const blob = await repository.git("rev-parse", "good:a.txt");
    const tree = await repository.git("rev-parse", "good^{tree}");
    for (const [i, name] of names.entries())
      await repository.commitTree([{ mode: "100644", name, object: blob }], { tag: `bad-${i}` });
    await repository.commitTree([{ mode: "40000", name: ".git", object: tree }], { tag: "bad-folder" });
    const git = makeGit({ folder });
    const remote = anonymous(`${http.url}/names.git`);
    const { refs } = await git.listRefs(remote);
    const mirror = await git.openMirror(remote, refs);
    const archive = (reference: string) =>
      failureOf(mirror.archive({ reference, topFolder: "acme", exclude: [] }));
    for (const { name, reference } of refs) {
      const expected = name.startsWith("bad") ? "invalid git_unsafe_path" : "no failure";
      expect([name, await archive(reference)]).toEqual([name, expected]);
    }
    expect(await archive(good)).toBe("no failure");
    await mirror.close();
  });

  test("FC9: with a name that not every system can hold loses that file alone, and says so", async () => {
    const repository = await makeBareRepository(join(folder, "odd.git"));
    await repository.commit({ "a.txt": "a", "b/c": "c" }, { tag: "good" });
    const [blob, other] = [
      await repository.git("rev-parse", "good:a.txt"),
      await repository.git("rev-parse", "good:b/c"),
    ];
    const tree = await repository.git("rev-parse", "good:b");
    const file = (name: string | Buffer, object = blob) => ({ mode: "100644", name, object });
    const old = Buffer.from("h\xfctte.txt", "latin1");
    const reference = await repository.commitTree(
      [
        file("a.txt"),
        file("a.txt", other),
        { mode: "40000", name: "a.txt", object: tree },
        file("a\\b.txt"),
        file(old),
        { mode: "40000", name: Buffer.from("d\xe9", "latin1"), object: tree },
        file("x".repeat(256)),
        file("y".repeat(255)),
        file("ignored\\.txt"),
        file(".gitattributes", await attributes(repository, "ignored* export-ignore\n")),
        file("Icon\r"),
      ],
      { tag: "odd" },
    );
    const mirror = await makeGit({ folder }).openMirror(anonymous(repository.path), [
      { kind: "tag", name: "odd", reference },
    ]);
    const { path, notes } = await mirror.archive({ reference, topFolder: "acme", exclude: [] });
    const listed = await succeeded([
      "python3",
      "-c",
      "import sys,zipfile; print(zipfile.ZipFile(sys.argv[1]).namelist(), zipfile.ZipFile(sys.argv[1]).read('acme/a.txt'))",
      path,
    ]);
    await mirror.close();
    expect(listed.trim()).toBe(
      `['acme/.gitattributes', 'acme/Icon\\r', 'acme/a.txt', 'acme/${"y".repeat(255)}'] b'a'`,
    );
    expect(
      notes.map((note) =>
        noteText(note)
          .replace(/ Rename .*/, "")
          .replace(/x{99,}/, "x"),
      ),
    ).toEqual([
      '"a.txt" is left out: another one has the same name.',
      '"a.txt" is left out: another one has the same name.',
      '"a\\b.txt" is left out: a backslash in its name separates folders on Windows.',
      '"d\uFFFD" is left out: its name is not valid UTF-8.',
      '"h\uFFFDtte.txt" is left out: its name is not valid UTF-8.',
      '"x…" is left out: its name is longer than 255 bytes.',
    ]);
    expect(noteText(notes[0]!)).toEndWith("Rename it in git if the package needs it.");
  });

  test("FC9: with a path that is too long loses that file alone", async () => {
    const repository = await makeBareRepository(join(folder, "long.git"));
    const deep = `${"d".repeat(200)}/`.repeat(25);
    const reference = await repository.commit({ "a.txt": "a", [`${deep}x`]: "x" });
    const mirror = await makeGit({ folder }).openMirror(anonymous(repository.path), [
      { kind: "tag", name: "long", reference },
    ]);
    const { notes, path } = await mirror.archive({ reference, topFolder: "acme", exclude: [] });
    expect(await succeeded(["unzip", "-Z1", path])).toBe("acme/a.txt\n");
    await mirror.close();
    expect(notes.map(noteText)).toEqual([expect.stringContaining("its path is longer than 4000 bytes")]);
  });

  test("that is no commit is refused for its tag alone", async () => {
    const repository = await makeBareRepository(join(folder, "trees.git"));
    await repository.commit({ "a.txt": "a" }, { tag: "good" });
    await repository.git("tag", "tree", "good^{tree}");
    await repository.git("tag", "blob", "good:a.txt");
    await repository.git(
      "-c",
      "user.name=Ann",
      "-c",
      "user.email=ann@example.com",
      "tag",
      "-a",
      "-m",
      "x",
      "tree-signed",
      "good^{tree}",
    );
    const git = makeGit({ folder });
    const remote = anonymous(`${http.url}/trees.git`);
    const { refs } = await git.listRefs(remote);
    const mirror = await git.openMirror(remote, refs);
    for (const { name, reference } of refs) {
      const expected = ["tree", "blob", "tree-signed"].includes(name)
        ? "invalid git_bad_object"
        : "no failure";
      expect([name, await failureOf(mirror.snapshot(reference))]).toEqual([name, expected]);
    }
    await mirror.close();
    const local = await git.listRefs(anonymous(repository.path));
    expect(local.unusable.map(({ name }) => name)).toEqual(["blob", "tree", "tree-signed"]);
  });

  test("that is not what its name promises is refused", async () => {
    const repository = await makeBareRepository(join(folder, "lies.git"));
    const reference = await repository.commit({ "a.txt": "a" }, { tag: "v1" });
    await repository.git("unpack-objects", "-q").catch(() => null);
    const blob = await repository.git("rev-parse", "v1:a.txt");
    const path = join(repository.path, "objects", blob.slice(0, 2), blob.slice(2));
    expect(await Bun.file(path).exists()).toBe(true);
    await chmod(path, 0o644);
    await Bun.write(path, deflateSync(Buffer.from("blob 1\0b")));
    const git = makeGit({ folder });
    const mirror = await git.openMirror(anonymous(repository.path), [{ kind: "tag", name: "v1", reference }]);
    expect(await failureOf(mirror.archive({ reference, topFolder: "acme", exclude: [] }))).toBe(
      "invalid git_bad_object",
    );
    await mirror.close();
  });

  test("FC15: with one file beyond all limits, or one that is missing, costs only the commits that hold it", async () => {
    const repository = await makeBareRepository(join(folder, "zeros.git"));
    await Bun.write(join(folder, "zeros"), new Uint8Array(120 * 1024 * 1024));
    const blob = await repository.git("hash-object", "-w", join(folder, "zeros"));
    const good = await repository.commit({ "a.txt": "a" }, { tag: "good" });
    const large = await repository.commitTree([{ mode: "100644", name: "zeros", object: blob }], {
      tag: "large",
    });
    const git = makeGit({ folder, worker: { command: [executable], environment: {} } });
    for (const remote of [anonymous(`${http.url}/zeros.git`), anonymous(repository.path)]) {
      const mirror = await git.openMirror(remote, (await git.listRefs(remote)).refs);
      const archive = (reference: string) =>
        mirror.archive({ reference, topFolder: "acme", exclude: [] }).catch((error: Failure) => error);
      expect(await archive(good)).toMatchObject({ notes: [] });
      expect(await archive(large)).toMatchObject({
        code: "git_blob_too_large",
        message: 'The file "zeros" is larger than 100 MB.',
      });
      await mirror.close();
    }
  });

  test("FC15: with a missing object says that it is missing", async () => {
    const repository = await makeBareRepository(join(folder, "missing.git"));
    const reference = await repository.commit({ "a.txt": "a" }, { tag: "v1" });
    const commit = await repository.git("cat-file", "commit", reference);
    const tree = await repository.git("cat-file", "-p", `${reference}^{tree}`);
    expect(tree).toContain("a.txt");
    const objects = [
      packedObject(packTypes.commit, Buffer.from(commit)),
      packedObject(
        packTypes.tree,
        Buffer.concat([Buffer.from("100644 a.txt\0"), Buffer.from(tree.slice(12, 52), "hex")]),
      ),
    ];
    const list = { body: advertisement([`${reference} HEAD`, `${reference} refs/heads/main`]) };
    const server = await startEvilServer({
      advertise: list,
      upload: { body: packAnswer(packWith(objects), reference) },
    });
    const worker = { command: [executable], environment: {} };
    for (const git of [makeGit({ folder }), makeGit({ folder, worker })]) {
      const remote = anonymous(server.url);
      const mirror = await git.openMirror(remote, (await git.listRefs(remote)).refs);
      const failure = await mirror
        .archive({ reference, topFolder: "acme", exclude: [] })
        .catch((error: Failure) => error);
      expect(failure).toMatchObject({ code: "git_object_missing" });
      expect((failure as Failure).message).toContain(
        "is missing in the repository, or its server did not send it",
      );
      await mirror.close();
    }
    server.stop();
  });

  test("that unfolds into millions of files is refused", async () => {
    const repository = await makeBareRepository(join(folder, "bomb.git"));
    await repository.commit({ "a.txt": "a" }, { tag: "good" });
    let tree = await repository.git("rev-parse", "good^{tree}");
    let reference = "";
    for (let level = 0; level < 8; level++) {
      const entries = Array.from({ length: 10 }, (_, i) => ({ mode: "40000", name: `d${i}`, object: tree }));
      reference = await repository.commitTree(entries, { tag: `level-${level}` });
      tree = await repository.git("rev-parse", `${reference}^{tree}`);
    }
    const git = makeGit({ folder });
    const mirror = await git.openMirror(anonymous(repository.path), [{ kind: "tag", name: "x", reference }]);
    expect(await failureOf(mirror.archive({ reference, topFolder: "acme", exclude: [] }))).toBe(
      "invalid git_too_many_files",
    );
    await mirror.close();
  });
});
