// Conversions by .gitattributes, compared byte by byte with `git archive`.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Ref } from "../../src/git/mirror.ts";
import { succeeded } from "../tools/process.ts";
import { makeBareRepository, type BareRepository } from "./bare-repository.ts";
import { anonymous, makeFolder, makeGit, removeFolder } from "./ground.ts";

let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => removeFolder(folder));

const makeRepository = () => makeBareRepository(join(folder, `repository-${++count}.git`));

type Contents = Record<string, Buffer>;

/** Commits these files, which may contain any bytes. */
async function commit(
  { path, git }: BareRepository,
  files: Contents,
  more: CommitMore = {},
): Promise<string> {
  const parts: (string | Buffer)[] = [];
  const { author = "Ann <ann@example.com> 1700000000 +0200", message = "x", encoding } = more;
  parts.push(`commit refs/heads/main\nauthor ${author}\n`);
  parts.push(`committer ${more.committer ?? author}\n`, encoding ? `encoding ${encoding}\n` : "");
  const bytes = typeof message === "string" ? Buffer.from(message) : message;
  parts.push(`data ${bytes.length}\n`, bytes, "\n");
  if (more.parent) parts.push(`from ${more.parent}\n`);
  parts.push("deleteall\n");
  for (const [name, content] of Object.entries(files))
    parts.push(`M 100644 inline ${name}\ndata ${content.length}\n`, content, "\n");
  const child = Bun.spawn(["git", "-C", path, "fast-import", "--quiet", "--force"], {
    stdin: Buffer.concat(parts.map((part) => Buffer.from(part as string))),
    stderr: "inherit",
  });
  if ((await child.exited) !== 0) throw new Error("fast-import failed");
  return git("rev-parse", "refs/heads/main");
}

type CommitMore = {
  author?: string;
  committer?: string;
  message?: string | Buffer;
  encoding?: string;
  parent?: string;
};

async function ours(repository: BareRepository, reference: string, format?: 1 | 2): Promise<Contents> {
  const git = makeGit({ folder });
  const remote = anonymous(repository.path);
  const list = await git.listRefs(remote);
  const refs: Ref[] = list.refs.map((ref) => ({
    ...ref,
    isDefaultBranch: ref.kind === "branch" && ref.name === list.defaultBranch,
  }));
  const mirror = await git.openMirror(remote, refs);
  try {
    const { path } = await mirror.archive({ reference, topFolder: "x", exclude: [], format });
    const target = join(folder, `ours-${++count}`);
    await mkdir(target);
    await succeeded(["unzip", "-q", path, "-d", target], { env: { ...process.env, LC_ALL: "C.UTF-8" } });
    return contentsBelow(join(target, "x"));
  } finally {
    await mirror.close();
  }
}

async function native({ path }: BareRepository, reference: string): Promise<Contents> {
  const target = join(folder, `native-${++count}`);
  await mkdir(target);
  const tar = join(folder, `native-${count}.tar`);
  await succeeded(["git", "-C", path, "archive", "--prefix=x/", "-o", tar, reference]);
  await succeeded(["tar", "-xf", tar, "-C", target]);
  return contentsBelow(join(target, "x"));
}

async function contentsBelow(root: string): Promise<Contents> {
  const found: Contents = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      found[relative(root, path)] = Buffer.from(await Bun.file(path).bytes());
    }
  return found;
}

const readable = (contents: Contents) =>
  Object.fromEntries(
    Object.entries(contents)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, bytes]) => [name, bytes.toString("latin1")]),
  );

async function expectSame(repository: BareRepository, reference: string): Promise<void> {
  const [mine, theirs] = [await ours(repository, reference), await native(repository, reference)];
  expect(readable(mine)).toEqual(readable(theirs));
}

const texts = (files: Record<string, string>): Contents =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));

/** Contents that conversions treat differently. */
const samples: Contents = {
  lf: Buffer.from("a\nb\n\nc"),
  crlf: Buffer.from("a\r\nb\r\n"),
  mixed: Buffer.from("a\r\nb\nc\r\rd\n"),
  cr: Buffer.from("a\rb\r"),
  "cr-at-end": Buffer.from("a\n\r"),
  empty: Buffer.alloc(0),
  nul: Buffer.from("a\n\0b\n"),
  control: Buffer.concat([Buffer.from([1, 2, 3, 127]), Buffer.from("a\nb\n".repeat(20))]),
  "mostly-text": Buffer.concat([Buffer.from([1]), Buffer.from("abcdefgh\n".repeat(40))]),
  "end-of-file": Buffer.from(`${"a\nbcdef".repeat(10)}\u001a`),
  "end-only": Buffer.from("\u001a"),
  latin1: Buffer.from("h\xfctte\nx\n", "latin1"),
  utf8: Buffer.from("Hütte – 日本語 🎉\n\uFEFFx\n"),
  bom: Buffer.from("\uFEFFa\nb\n"),
  western: Buffer.from("Größe 5 µ\n"),
  eastern: Buffer.from("日本語テキスト\nかな\n"),
  id: Buffer.from(
    "$Id$ $Id: abc $ $Id: a b c $Id$ $Id:$ $Id: x\n$ $Idx$ $Id\n$Id:x$ $$Id$ $Id: $ $Id:  $ $Id: y",
  ),
  "id-end": Buffer.from("x $Id"),
  format: Buffer.from("$Format:%H$ $Format:%h\n%an$ $Format:$ $Format: %s $Id$ \n$Format:%x"),
};

const names = Object.keys(samples);
const assignments =
  "text -text !text text=auto text=input text=foo eol=lf eol=crlf eol=CRLF -eol eol crlf -crlf crlf=input !crlf ident -ident !ident ident=x binary -binary !binary export-subst -export-subst export-subst=x win -win !win nested macro export-ignore working-tree-encoding=UTF-16 working-tree-encoding=utf-16le working-tree-encoding=UTF-16BE working-tree-encoding=UTF-16LE-BOM working-tree-encoding=UTF-32 working-tree-encoding=UTF-8 working-tree-encoding=ISO-8859-1 working-tree-encoding=windows-1252 -working-tree-encoding !working-tree-encoding working-tree-encoding= a.b- --x".split(
    " ",
  );
const patterns = [
  "*",
  "d/*",
  "/lf",
  "lf",
  "*t*",
  "d",
  "d/",
  "**/m*",
  "[a-m]*",
  "utf8",
  "e*",
  "/d/e/*",
  "nul",
  "i*",
  "format",
];

/** A reproducible pseudo-random sequence. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomAttributes(next: (below: number) => number, lines: number): string {
  const pick = (from: string[]) => from[next(from.length)] ?? "";
  const some = () => Array.from({ length: 1 + next(3) }, () => pick(assignments)).join(" ");
  return Array.from({ length: lines }, () => {
    if (next(8) === 0) return `[attr]${pick(["win", "nested", "macro", "binary"])} ${some()}`;
    return `${next(12) === 0 ? "\t" : ""}${pick(patterns)} ${some()}${next(15) === 0 ? "\r" : ""}`;
  }).join("\n");
}

describe("The contents of an archive", () => {
  const cases: [string, string][] = [
    ["eol", "*.bat text eol=crlf\n* eol=crlf\n"],
    ["text=auto eol=crlf", "* text=auto eol=crlf\n"],
    ["text=auto alone", "* text=auto\n"],
    ["text eol=lf", "* text eol=lf\n"],
    ["-text eol=crlf", "* -text eol=crlf\n"],
    ["text=input eol=crlf", "* text=input eol=crlf\n"],
    ["the old crlf", "* crlf eol=crlf\nlf crlf=input\n"],
    ["ident", "* ident\n"],
    ["ident and line ends", "* ident eol=crlf\n"],
    ["binary", "* eol=crlf ident\n* binary\n"],
    ["a macro that is defined later", "* win\n[attr]win eol=crlf ident\n"],
    ["a macro within a macro", "[attr]outer inner ident\n[attr]inner eol=crlf\n* outer\nlf -inner\n"],
    ["a macro that is defined twice", "[attr]win eol=crlf\n[attr]win ident\n* win\n"],
    ["a macro of its own name", "[attr]win win eol=crlf\n* win\n"],
    ["a value for a macro", "[attr]win eol=crlf\n* win=1\n"],
    ["an attribute reset after its macro", "[attr]win eol=crlf\n* win\nlf !eol\n"],
    ["a line that is too long", `* eol=crlf ${"x".repeat(2050)}\n`],
    ["a line that is just short enough", `* eol=crlf ${"x".repeat(2047 - 11)}\n`],
    ["an attribute that is none", "* eol=crlf a/b\n"],
    ["export-subst", "* export-subst\n"],
    ["everything", "* export-subst ident eol=crlf working-tree-encoding=UTF-16\n"],
    ...[
      "UTF-16",
      "utf-16",
      "UTF16",
      "UTF-16LE",
      "UTF-16BE",
      "UTF-16LE-BOM",
      "UTF-16BE-BOM",
      "UTF-32",
      "UTF-32LE",
      "UTF-32BE",
      "utf8",
      "ISO-8859-1",
      "latin1",
      "ISO-8859-15",
      "windows-1252",
      "CP1252",
      "windows-1251",
      "ASCII",
      "SHIFT-JIS",
      "EUC-JP",
      "KOI8-R",
      "ISO_8859-15",
      "ISO885915",
      "LATIN2",
      "LATIN-9",
      "LATIN10",
      "NOT-KNOWN",
    ].map((name): [string, string] => [
      `working-tree-encoding=${name}`,
      `* working-tree-encoding=${name} eol=crlf\n`,
    ]),
  ];
  test.each(cases)("FC5: are those of git archive: %s", async (_, attributes) => {
    const repository = await makeRepository();
    const nested = Object.fromEntries(Object.entries(samples).map(([name, bytes]) => [`d/${name}`, bytes]));
    await expectSame(
      repository,
      await commit(repository, { ...samples, ...nested, ".gitattributes": Buffer.from(attributes) }),
    );
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "FC5: are those of git archive for made-up attributes, part %i",
    async (part) => {
      const repository = await makeRepository();
      for (let round = 0; round < 12; round++) {
        const next = sequence(part * 100 + round);
        const files: Contents = { ".gitattributes": Buffer.from(randomAttributes(next, 1 + next(8))) };
        if (next(2) === 0) files["d/.gitattributes"] = Buffer.from(randomAttributes(next, 1 + next(4)));
        if (next(3) === 0) files["d/e/.gitattributes"] = Buffer.from(randomAttributes(next, 1 + next(3)));
        files["z"] = Buffer.from("z");
        for (const name of names)
          for (const place of ["", "d/", "d/e/"])
            if (next(2) === 0) files[place + name] = samples[name] as Buffer;
        const reference = await commit(repository, files);
        const attributes = Object.entries(files).filter(([name]) => name.endsWith(".gitattributes"));
        const theirs = await native(repository, reference);
        // An archive without any file is not written.
        if (Object.keys(theirs).length === 0) continue;
        const mine = await ours(repository, reference);
        expect({ attributes: String(attributes), ...readable(mine) }).toEqual({
          attributes: String(attributes),
          ...readable(theirs),
        });
      }
    },
  );

  test("FC5: are as they were committed in an archive of the first format", async () => {
    const repository = await makeRepository();
    const files = {
      ...samples,
      ".gitattributes": Buffer.from("* eol=crlf ident export-subst\nnul export-ignore\n"),
    };
    const reference = await commit(repository, files);
    const kept = Object.fromEntries(Object.entries(files).filter(([name]) => name !== "nul"));
    expect(readable(await ours(repository, reference, 1))).toEqual(readable(kept));
  });
});

describe("A format that is filled in", () => {
  const formats =
    "%H %h %T %t %P %p %an %ae %al %aN %aE %aL %ad %aD %at %ai %aI %as %cn %ce %cd %cD %ct %ci %cI %cs %s %f %b %B %e %N %n %% %d %D %m %x41%x0a%x %+s %-s % s %+N|%-N|% N %+b %-b % d %Cred%Creset%C(auto)%C(bold blue)x %q %zz %a %aq %(nope) %"
      .split(" ")
      .concat("% s", "% b", "%- b", "%  s", "%s % b % s");
  const template = texts({
    ".gitattributes": "* export-subst\n.gitattributes -export-subst\n",
    single: formats.map((format) => `${format}=[$Format:${format}$]\n`).join(""),
    whole: `$Format:${formats.join("|")}$`,
    lines: "$Format:a\n%an\n%+b%-b\n\n%-N%s$ $Format:%H",
  });

  const commits: [string, CommitMore][] = [
    ["a plain commit", {}],
    ["a body", { message: "Subject\n\nBody one\nBody two\n\nBody three\n" }],
    [
      "a subject of two lines",
      { message: "\n\n  Subject  \nthat goes on: with/odd (signs)...\n\n\n\nBody\n" },
    ],
    ["no message", { message: "" }],
    ["blank lines alone", { message: "\n\n  \n" }],
    [
      "another zone",
      { author: "Bo von Øst <bo@ost.example> 1234567890 -0330", committer: "C D <c@d> 1300000000 +0000" },
    ],
    ["a time before 1970", { author: "A <a@b> 5 +1400" }],
    ["no name", { author: "<a@b> 1700000000 +0000" }],
    ["hidden signs", { message: "a $Format:%H$ b\t c\u200B\n\nd" }],
  ];
  test.each(commits)("FC5: is that of git archive for %s", async (_, more) => {
    const repository = await makeRepository();
    const parent = await commit(repository, texts({ a: "a" }));
    await expectSame(repository, await commit(repository, template, { ...more, parent }));
  });

  test("FC5: names the tags and branches of the commit as git archive does", async () => {
    const repository = await makeRepository();
    const reference = await commit(repository, template);
    for (const tag of ["v1.0", "v1.1", "A", "über"]) await repository.git("tag", tag, reference);
    await repository.git(
      "-c",
      "user.name=A",
      "-c",
      "user.email=a@b",
      "tag",
      "-a",
      "-m",
      "x",
      "signed",
      reference,
    );
    for (const branch of ["dev", "feature/x", "zz"]) await repository.git("branch", branch, reference);
    await expectSame(repository, reference);
  });

  test("FC5: of a commit in another encoding is in that encoding", async () => {
    const repository = await makeRepository();
    const message = Buffer.from("Gr\xf6\xdfe\n\nK\xf6rper\n", "latin1");
    const files = texts({ ".gitattributes": "a export-subst\n", a: "x $Format:%s %e %b$ y" });
    await expectSame(repository, await commit(repository, files, { message, encoding: "ISO-8859-1" }));
  });

  test("FC5: of a merge names all its parents", async () => {
    const repository = await makeRepository();
    const one = await commit(repository, texts({ a: "a" }));
    const two = await commit(repository, texts({ b: "b" }));
    const tree = await repository.git("rev-parse", `${await commit(repository, template)}^{tree}`);
    const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
    const merge = await repository.git(...who, "commit-tree", "-p", one, "-p", two, "-m", "Merge", tree);
    await repository.git("update-ref", "refs/heads/main", merge);
    await expectSame(repository, merge);
  });
});
