// Real bare git repositories with fixed dates, written by `git fast-import`: equal steps give equal commits.

import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { succeeded } from "./process.ts";

/** One commit. Its tree is composer.json and `files`, nothing of the commit before. */
export type Step = {
  /** `main` if not given; a new branch starts at main. */
  branch?: string;
  /** An object, the raw text, or null for a commit without composer.json. */
  manifest: Record<string, unknown> | string | null;
  files?: Record<string, string | { text: string; executable: true }>;
  tags?: string[];
  annotatedTags?: string[];
};

export type GitRepository = {
  /** The bare folder, and where it lies under the root of a server. */
  path: string;
  name: string;
  commit(...steps: Step[]): Promise<void>;
  /** Any git command inside the repository; what it printed, trimmed. */
  git(...args: string[]): Promise<string>;
  /** The commit of a tag, branch or other revision. */
  reference(revision: string): Promise<string>;
};

const firstCommitAt = Date.parse("2024-01-02T03:04:05Z") / 1000;
const author = "Ann <ann@example.com>";

/** `name` like `acme/blog`; the repository is `root/acme/blog.git` and its default branch is main. */
export async function makeRepository(root: string, name: string, steps: Step[]): Promise<GitRepository> {
  const path = join(root, `${name}.git`);
  await mkdir(dirname(path), { recursive: true });
  await succeeded(["git", "init", "--quiet", "--bare", "--initial-branch=main", path]);
  const git = async (...args: string[]): Promise<string> =>
    (await succeeded(["git", "-C", path, ...args])).trim();
  await git("config", "http.receivepack", "false");
  let written = 0;
  const commit = async (...steps: Step[]): Promise<void> => {
    const branches = await git("for-each-ref", "--format=%(refname)", "refs/heads");
    const tips = new Map(branches.split("\n").map((ref) => [ref.slice("refs/heads/".length), `${ref}^0`]));
    const stream = steps.map((step) => commitCommands(step, written++, tips)).join("");
    await succeeded(["git", "-C", path, "fast-import", "--quiet", "--force"], { stdin: `${stream}done\n` });
  };
  await commit(...steps);
  return { path, name, commit, git, reference: (revision) => git("rev-parse", `${revision}^{commit}`) };
}

function commitCommands(step: Step, number: number, tips: Map<string, string>): string {
  const branch = step.branch ?? "main";
  const at = `${firstCommitAt + number * 86_400} +0000`;
  const mark = `:${number + 1}`;
  const commands = [
    `commit refs/heads/${branch}`,
    `mark ${mark}`,
    `author ${author} ${at}`,
    `committer ${author} ${at}`,
    data(`Step ${number + 1}`),
  ];
  const parent = tips.get(branch) ?? tips.get("main");
  if (parent) commands.push(`from ${parent}`);
  tips.set(branch, mark);
  commands.push("deleteall", ...fileCommands(step));
  for (const tag of step.tags ?? []) commands.push(`reset refs/tags/${tag}`, `from ${mark}`, "");
  for (const tag of step.annotatedTags ?? []) {
    commands.push(`tag ${tag}`, `from ${mark}`, `tagger ${author} ${at}`, data(`Release ${tag}`));
  }
  return `${commands.join("\n")}\n`;
}

function fileCommands({ manifest, files = {} }: Step): string[] {
  const all = { ...files };
  if (manifest !== null) {
    all["composer.json"] = typeof manifest === "string" ? manifest : `${JSON.stringify(manifest, null, 4)}\n`;
  }
  return Object.entries(all).flatMap(([path, content]) =>
    typeof content === "string"
      ? [`M 100644 inline ${JSON.stringify(path)}`, data(content)]
      : [`M 100755 inline ${JSON.stringify(path)}`, data(content.text)],
  );
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
