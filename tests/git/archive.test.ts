import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readdir, readlink, lstat, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Failure } from "../../src/errors.ts";
import type { Archive, GitLimits } from "../../src/git/mirror.ts";
import { succeeded } from "../tools/process.ts";
import { makeBareRepository, type BareRepository, type TreeFile } from "./bare-repository.ts";
import { anonymous, makeFolder, makeGit, removeFolder } from "./ground.ts";

let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => removeFolder(folder));

function makeRepository(): Promise<BareRepository> {
  return makeBareRepository(join(folder, `repository-${++count}.git`));
}

type Wanted = {
  repository: BareRepository;
  reference: string;
  exclude?: string[];
  limits?: Partial<GitLimits>;
};

/** The archive of one commit, moved away so that it survives the mirror. */
async function archive({ repository, reference, exclude = [], limits }: Wanted): Promise<Archive> {
  const git = makeGit({ folder, limits });
  const remote = anonymous(repository.path);
  const mirror = await git.openMirror(remote, [{ kind: "tag", name: "x", reference }]);
  try {
    const made = await mirror.archive({ reference, topFolder: "acme-blog-1234567", exclude });
    const path = join(folder, `archive-${++count}.zip`);
    await Bun.write(path, Bun.file(made.path));
    return { ...made, path };
  } finally {
    await mirror.close();
  }
}

const codeOf = (wanted: Wanted) => archive(wanted).catch((error: Failure) => `${error.kind} ${error.code}`);

type Unpacked = Record<string, { mode: string; content: string }>;

async function unpack(path: string): Promise<Unpacked> {
  const target = join(folder, `unpacked-${++count}`);
  await mkdir(target);
  await succeeded(["unzip", "-q", path, "-d", target], { env: { ...process.env, LC_ALL: "C.UTF-8" } });
  return filesBelow(join(target, "acme-blog-1234567"));
}

async function filesBelow(root: string, at = root): Promise<Unpacked> {
  const found: Unpacked = {};
  for (const name of await readdir(at)) {
    const path = join(at, name);
    const stat = await lstat(path);
    if (stat.isDirectory()) Object.assign(found, await filesBelow(root, path));
    else if (stat.isSymbolicLink())
      found[relative(root, path)] = { mode: "link", content: await readlink(path) };
    else
      found[relative(root, path)] = {
        mode: stat.mode & 0o100 ? "755" : "644",
        content: await Bun.file(path).text(),
      };
  }
  return found;
}

async function gitArchive({ repository, reference }: Wanted): Promise<Unpacked> {
  const path = join(folder, `native-${++count}.zip`);
  await repository.git("archive", "--format=zip", "--prefix=acme-blog-1234567/", "-o", path, reference);
  return unpack(path);
}

const plain: Record<string, TreeFile> = {
  "composer.json": '{"name": "acme/blog"}\n',
  "src/Blog.php": "<?php\n".repeat(100),
  "src/Empty.php": "",
  "bin/blog": { text: "#!/bin/sh\n", mode: "100755" },
  "docs/über – 日本語 🎉.md": "unicode\n",
  "docs/link.md": { text: "../src/Blog.php", mode: "120000" },
  "tests/BlogTest.php": "<?php // test\n",
  "tests/fixtures/a.txt": "a",
  "tests/fixtures/keep.txt": "k",
  ".github/workflows/ci.yml": "on: push\n",
  "a.d/x.txt": "x",
  "a/x.txt": "x",
  "a-b/x.txt": "x",
};

describe("An archive", () => {
  test("holds the same files with the same modes as git archive", async () => {
    const repository = await makeRepository();
    const reference = await repository.commit(plain);
    const made = await unpack((await archive({ repository, reference })).path);
    expect(made).toEqual(await gitArchive({ repository, reference }));
    expect(made["bin/blog"]?.mode).toBe("755");
    expect(made["docs/link.md"]).toEqual({ mode: "link", content: "../src/Blog.php" });
  });

  const attributes: [string, Record<string, string>][] = [
    [
      "folders and files",
      { ".gitattributes": "/tests export-ignore\n.github export-ignore\n*.md export-ignore\n" },
    ],
    [
      "a folder with a slash at the end",
      { ".gitattributes": "tests/ export-ignore\nbin/blog/ export-ignore\n" },
    ],
    [
      "a path in the middle",
      { ".gitattributes": "tests/fixtures export-ignore\nfixtures/a.txt export-ignore\n" },
    ],
    [
      "double stars",
      {
        ".gitattributes":
          "**/fixtures/*.txt export-ignore\ntests/** export-ignore\na/**/x.txt export-ignore\n",
      },
    ],
    ["a later line that takes back", { ".gitattributes": "*.txt export-ignore\nkeep.txt -export-ignore\n" }],
    [
      "the attribute reset to unspecified",
      { ".gitattributes": "*.txt export-ignore\n", "tests/.gitattributes": "a.txt !export-ignore\n" },
    ],
    [
      "a nested file that takes back",
      {
        ".gitattributes": "*.txt export-ignore\n",
        "tests/fixtures/.gitattributes": "keep.txt -export-ignore\n",
      },
    ],
    [
      "a nested file that adds",
      {
        "tests/.gitattributes": "/BlogTest.php export-ignore\n/fixtures/keep.txt export-ignore\n",
        "a/.gitattributes": "* export-ignore\n",
      },
    ],
    ["a macro", { ".gitattributes": "[attr]dev export-ignore -diff\ntests dev\n*.md dev\n" }],
    [
      "character classes",
      { ".gitattributes": "[a-b].d export-ignore\n[[:alpha:]]-? export-ignore\n[!t]ests export-ignore\n" },
    ],
    [
      "quoted and odd lines",
      {
        ".gitattributes":
          '# *.php export-ignore\n"docs/link.md" export-ignore\n!src export-ignore\nsrc export-ignore=yes\r\n\t.github   export-ignore text\n',
      },
    ],
    ["values that aren't set", { ".gitattributes": "src export-ignore=true\ntests -export-ignore\n" }],
    [
      "all but the attributes themselves",
      { ".gitattributes": ".gitattributes export-ignore\n/*/*.php export-ignore\n" },
    ],
    [
      "a byte order mark and trailing blanks",
      {
        ".gitattributes": "\uFEFFtests export-ignore \t\n*.md export-ignore\t\n\n  src/*.php\texport-ignore",
      },
    ],
    [
      "escapes and brackets",
      {
        ".gitattributes":
          "\\.github export-ignore\n[a]/x.txt export-ignore\ntests/fixtures/[!k]* export-ignore\na[.-]? export-ignore\n",
      },
    ],
    [
      "stars and slashes in odd places",
      {
        ".gitattributes":
          "/**/x.txt export-ignore\nsrc** export-ignore\ntests/**/ export-ignore\n**/workflows export-ignore\n",
      },
    ],
    ["everything in a folder", { ".gitattributes": "docs/* export-ignore\na* export-ignore\n" }],
  ];
  test.each(attributes)("honours export-ignore as git archive does: %s", async (_, files) => {
    const repository = await makeRepository();
    const reference = await repository.commit({ ...plain, ...files });
    const made = await unpack((await archive({ repository, reference })).path);
    const native = await gitArchive({ repository, reference });
    expect(Object.keys(made).toSorted()).toEqual(Object.keys(native).toSorted());
    expect(made).toEqual(native);
  });

  const excludes: [string, string[], Record<string, string>?][] = [
    ["a folder at the top", ["/tests"]],
    ["a name anywhere", ["fixtures"]],
    ["a path anywhere", ["fixtures/a.txt"]],
    ["a star", ["*.md", "/tests/*.php"]],
    ["dot files", [".*", "/a*", "t*"]],
    ["double stars", ["/tests/**/a.txt", "/a/**"]],
    ["alternatives", ["/{docs,bin}", "*.{php,yml}"]],
    ["taken back in", ["/tests", "!/tests/fixtures", "/tests/fixtures/a.txt"]],
    [
      "taken back in after export-ignore",
      ["!/tests/fixtures/keep.txt"],
      { ".gitattributes": "/tests export-ignore\n" },
    ],
    ["a slash at the end", ["docs/", "/a/"]],
    ["a question mark", ["/a?b", "/?"]],
  ];
  test.each(excludes)(
    "honours archive.exclude as composer archive does: %s",
    async (_, exclude, files = {}) => {
      const repository = await makeRepository();
      const manifest = JSON.stringify({ name: "acme/blog", version: "1.0.0", archive: { exclude } });
      const reference = await repository.commit({
        ...withoutLinks(plain),
        ...files,
        "composer.json": manifest,
      });
      const made = await unpack((await archive({ repository, reference, exclude })).path);
      const composer = await composerArchive(repository, reference);
      expect(Object.keys(made).toSorted()).toEqual(Object.keys(composer).toSorted());
    },
  );

  test("of the same commit is the same bytes, in any time zone, whatever was archived before", async () => {
    const repository = await makeRepository();
    const first = await repository.commit(plain);
    const second = await repository.commit({ ...plain, "src/New.php": "<?php\n" });
    const alone = await archive({ repository, reference: second });
    const git = makeGit({ folder, worker: inTimeZone("Asia/Kathmandu") });
    const mirror = await git.openMirror(anonymous(repository.path), [
      { kind: "tag", name: "x", reference: first },
    ]);
    await mirror.archive({ reference: first, topFolder: "acme-blog-1234567", exclude: [] });
    const again = await mirror.archive({ reference: second, topFolder: "acme-blog-1234567", exclude: [] });
    await mirror.close();
    expect(again).toMatchObject({ sha256: alone.sha256, sha1: alone.sha1, sizeBytes: alone.sizeBytes });
  });

  test("FC20: of a later tag takes what an earlier one had from what was deflated then, however much it is", async () => {
    const repository = await makeRepository();
    const blobs: string[] = [];
    for (let at = 0; at < 24; at++) {
      const path = join(folder, "content");
      await Bun.write(
        path,
        Buffer.concat(Array.from({ length: 32 }, () => crypto.getRandomValues(new Uint8Array(65_536)))),
      );
      blobs.push(await repository.git("hash-object", "-w", path));
    }
    const entries = blobs.map((object, at) => ({
      mode: "100644",
      name: `f${String(at).padStart(2, "0")}`,
      object,
    }));
    const first = await repository.commitTree(entries, { tag: "v1" });
    const second = await repository.commitTree(entries.toReversed(), { tag: "v2" });
    const mirror = await makeGit({ folder }).openMirror(anonymous(repository.path), [
      { kind: "tag", name: "v1", reference: first },
      { kind: "tag", name: "v2", reference: second },
    ]);
    const make = (reference: string) =>
      mirror.archive({ reference, topFolder: "acme-blog-1234567", exclude: [] });
    const [made, beside] = await Promise.all([make(first), make(second)]);
    expect(made.sizeBytes).toBeGreaterThan(48 * 1024 * 1024);
    for (const blob of blobs) await rm(join(repository.path, "objects", blob.slice(0, 2), blob.slice(2)));
    const again = await make(second);
    expect([again.sha256, again.sha256]).toEqual([made.sha256, beside.sha256]);
    await succeeded(["unzip", "-tq", again.path]);
    await mirror.close();
  });

  test("lists its entries by bytes, with UTF-8 names and one time for all", async () => {
    const repository = await makeRepository();
    const { path } = await archive({ repository, reference: await repository.commit(plain) });
    const names = (await succeeded(["unzip", "-Z1", path], { env: { ...process.env, LC_ALL: "C.UTF-8" } }))
      .trim()
      .split("\n");
    const bytes = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(names).toEqual(bytes);
    expect(names).toContain("acme-blog-1234567/docs/über – 日本語 🎉.md");
    const details = await succeeded(["zipinfo", "-v", path]);
    expect(details.match(/1980 Jan 1 00:00:00/g)).toHaveLength(names.length);
  });

  test("can hold more entries than a plain zip", async () => {
    const repository = await makeRepository();
    const files = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`f/${i % 300}/${i}`, "x"]));
    const { path } = await archive({ repository, reference: await repository.commit(files) });
    expect((await succeeded(["unzip", "-Z1", path])).trim().split("\n")).toHaveLength(70_000);
    await succeeded(["unzip", "-tq", path]);
    const zip = `$z = new ZipArchive; echo $z->open(${JSON.stringify(path)}), ' ', $z->numFiles;`;
    expect(await succeeded(["php", "-r", zip])).toBe("1 70000");
  });

  test("keeps a link only when it stays inside", async () => {
    const repository = await makeRepository();
    const link = (text: string): TreeFile => ({ text, mode: "120000" });
    const reference = await repository.commit({
      "a.txt": "a",
      "in/here": link("../a.txt"),
      "in/dot": link("./../a.txt"),
      "in/deep/down": link("../../in/deep"),
      "in/out": link("../../a.txt"),
      absolute: link("/etc/passwd"),
      through: link("in/deep/../../../x"),
      up: link(".."),
    });
    const made = await archive({ repository, reference });
    expect(Object.keys(await unpack(made.path)).toSorted()).toEqual([
      "a.txt",
      "in/deep/down",
      "in/dot",
      "in/here",
    ]);
    expect(made.notes).toHaveLength(4);
    expect(made.notes).toContainEqual({ code: "outward_link", path: "absolute" });
  });

  test("says what a reader should know: submodules, LFS pointers, names that fold together", async () => {
    const repository = await makeRepository();
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12\n`;
    const made = await archive({
      repository,
      reference: await repository.commit({
        "A.php": "1",
        "a.php": "2",
        "e\u0301.txt": "nfd",
        "\u00e9.txt": "nfc",
        "big.bin": pointer,
        "lib/other": { text: "0".repeat(39) + "1", mode: "160000" },
      }),
    });
    expect(made.notes).toEqual([
      { code: "folded_names", path: "a.php", other: "A.php" },
      { code: "folded_names", path: "\u00e9.txt", other: "e\u0301.txt" },
      { code: "lfs_pointer", path: "big.bin" },
      { code: "submodule", path: "lib/other" },
    ]);
    expect(await succeeded(["unzip", "-Z1", made.path])).not.toContain("lib/other");
  });

  test("with nothing left in it is refused", async () => {
    const repository = await makeRepository();
    const reference = await repository.commit({ ".gitattributes": "* export-ignore\n", "a.txt": "a" });
    expect(await codeOf({ repository, reference })).toBe("invalid git_empty_archive");
  });

  test("keeps within its limits", async () => {
    const repository = await makeRepository();
    const deep = await repository.commit({ "a/b/c/d/e/f.txt": "x" });
    const many = await repository.commit(
      Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i}`, `${i}`])),
    );
    const large = await repository.commit({ "large.txt": "x".repeat(5000) });
    const same = await repository.commit(
      Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i}`, "x".repeat(900)])),
    );
    const limits = { depth: 4, files: 40, blobBytes: 1000, expandedBytes: 20_000 };
    expect(await codeOf({ repository, reference: deep, limits })).toBe("invalid git_too_deep");
    expect(await codeOf({ repository, reference: many, limits })).toBe("invalid git_too_many_files");
    expect(await codeOf({ repository, reference: large, limits })).toBe("invalid git_blob_too_large");
    expect(await codeOf({ repository, reference: same, limits: { expandedBytes: 20_000 } })).toBe(
      "invalid git_archive_too_large",
    );
    for (const reference of [deep, many, large, same]) {
      expect(await archive({ repository, reference })).toMatchObject({ notes: [] });
    }
  });
});

function withoutLinks(files: Record<string, TreeFile>): Record<string, TreeFile> {
  return Object.fromEntries(
    Object.entries(files).filter(([, file]) => typeof file === "string" || file.mode === "100755"),
  );
}

function inTimeZone(zone: string) {
  return { command: [process.execPath, join(import.meta.dir, "worker-entry.ts")], environment: { TZ: zone } };
}

async function composerArchive(repository: BareRepository, reference: string): Promise<Unpacked> {
  const work = join(folder, `work-${++count}`);
  await succeeded(["git", "clone", "-q", repository.path, work]);
  await succeeded(["git", "-C", work, "checkout", "-q", reference]);
  const target = join(folder, `composer-${++count}`);
  const env = {
    ...process.env,
    COMPOSER_ALLOW_SUPERUSER: "1",
    COMPOSER_HOME: join(folder, "composer-home"),
    LC_ALL: "C.UTF-8",
  };
  await succeeded(["composer", "archive", "--quiet", "--format=tar", `--dir=${target}`, "--file=x"], {
    cwd: work,
    env,
  });
  const unpacked = join(target, "unpacked");
  await mkdir(unpacked);
  await succeeded(["tar", "-xf", join(target, "x.tar"), "-C", unpacked]);
  return filesBelow(unpacked);
}
