// Bare repositories for the tests of src/git, with any tree that git can store.

import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { succeeded } from "../tools/process.ts";

export type TreeFile = string | { text: string; mode: "100755" | "120000" | "160000" };

export type BareRepository = {
  path: string;
  /** Commits exactly `files` on top of the branch; answers the full commit id. */
  commit(files: Record<string, TreeFile>, refs?: Refs): Promise<string>;
  /** Commits a tree that git itself would not write, entry by entry. */
  commitTree(entries: RawEntry[], refs: Refs): Promise<string>;
  git(...args: string[]): Promise<string>;
};

type Refs = { branch?: string; tag?: string; annotatedTag?: string };
export type RawEntry = { mode: string; name: string | Buffer; object: string };

const person = "Ann <ann@example.com>";
const firstCommitAt = 1_700_000_000;

export async function makeBareRepository(path: string): Promise<BareRepository> {
  await mkdir(path, { recursive: true });
  await succeeded(["git", "init", "--quiet", "--bare", "--initial-branch=main", path]);
  const git = async (...args: string[]) => (await succeeded(["git", "-C", path, ...args])).trim();
  let commits = 0;
  const refsAt = async (reference: string, { branch, tag, annotatedTag }: Refs) => {
    if (branch) await git("update-ref", `refs/heads/${branch}`, reference);
    if (tag) await git("tag", "--force", tag, reference);
    if (!annotatedTag) return;
    await git(
      "-c",
      "user.name=Ann",
      "-c",
      "user.email=ann@example.com",
      "tag",
      "-a",
      "-m",
      "x",
      annotatedTag,
      reference,
    );
  };
  return {
    path,
    git,
    async commit(files, refs = {}) {
      const branch = refs.branch ?? "main";
      const at = firstCommitAt + ++commits;
      const head = [
        `commit refs/heads/${branch}`,
        `author ${person} ${at} +0200`,
        `committer ${person} ${at} +0200`,
      ];
      const exists = (await git("for-each-ref", `refs/heads/${branch}`)) !== "";
      const parts = [
        `${head.join("\n")}\ndata 1\nx\n`,
        exists && commits > 1 ? `from refs/heads/${branch}^0\n` : "",
      ];
      parts.push(
        "deleteall\n",
        ...Object.entries(files).map(([name, file]) => fileCommand(name, file)),
        "\n",
      );
      await succeeded(["git", "-C", path, "fast-import", "--quiet"], { stdin: parts.join("") });
      const reference = await git("rev-parse", `refs/heads/${branch}`);
      await refsAt(reference, { ...refs, branch: undefined });
      return reference;
    },
    async commitTree(entries, refs) {
      const bytes = entries.map(({ mode, name, object }) =>
        Buffer.concat([
          Buffer.from(`${mode} `),
          Buffer.from(name as string),
          Buffer.from([0]),
          Buffer.from(object, "hex"),
        ]),
      );
      const file = join(path, "raw-tree");
      await Bun.write(file, Buffer.concat(bytes));
      const tree = await git("hash-object", "-t", "tree", "-w", "--literally", file);
      const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
      const reference = await git(...who, "commit-tree", "-m", "x", tree);
      await refsAt(reference, refs);
      return reference;
    },
  };
}

function fileCommand(name: string, file: TreeFile): string {
  if (typeof file === "object" && file.mode === "160000") return `M 160000 ${file.text} ${name}\n`;
  const { text, mode } = typeof file === "string" ? { text: file, mode: "100644" } : file;
  return `M ${mode} inline ${name}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
}
