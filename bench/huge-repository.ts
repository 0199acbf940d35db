// Memory of a first sync of a repository with 100,000 objects: the server's and its git process's together.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitHttp } from "../tests/tools/servers/git-http-server.ts";
import { succeeded } from "../tests/tools/process.ts";
import { startRegistry } from "../tests/tools/registry.ts";
import { peakOfFamily } from "./memory.ts";

const tags = 200;
const folders = 20;
const filesEach = 50;
/** Files of each version; with its commit and its 22 trees a version has 501 objects. */
const changed = 478;

export async function benchHugeRepository(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const git = startGitHttp({ root: folder });
  const registry = await startRegistry({ LOG_LEVEL: "warn" });
  try {
    const objects = await makeHugeRepository(join(folder, "huge.git"));
    await registry.pricore(["org", "create", "acme", "--name", "Acme"]);
    await registry.pricore(["repo", "add", "--org", "acme", `${git.url}/huge.git`]);
    const started = performance.now();
    const peak = await peakOfFamily(registry.pid(), async () => {
      const { code, stderr } = await registry.pricore(["sync", "--org", "acme", "huge", "--wait"]);
      if (code !== 0) throw new Error(stderr);
    });
    const seconds = (performance.now() - started) / 1000;
    return [
      `  ${tags} tags with ${objects} objects: server and git process held ${peak.toFixed(0)} MB at most, ${seconds.toFixed(0)} s`,
    ];
  } finally {
    await registry.close();
    await git.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Text files of one to nine kilobytes; half of them change from tag to tag, by a line or two. */
export async function makeHugeRepository(path: string): Promise<number> {
  await mkdir(path);
  await succeeded(["git", "init", "-q", "--bare", "--initial-branch=main", path]);
  const total = folders * filesEach;
  const out: string[] = [];
  for (let tag = 0; tag < tags; tag++) {
    const manifest = JSON.stringify({ name: "acme/huge", description: `Number ${tag}` });
    out.push(
      `commit refs/heads/main\nmark :${tag + 1}\ncommitter Ann <ann@example.com> ${1.7e9 + tag} +0000\n${data("x")}`,
      ...(tag > 0 ? [`from :${tag}`] : []),
      `M 100644 inline composer.json\n${data(manifest)}`,
    );
    for (let at = 0; at < (tag === 0 ? total : changed); at++) {
      const file = (at * 7 + tag * 13) % total;
      const name = `src/Folder${file % folders}/Class${Math.floor(file / folders)}.php`;
      out.push(`M 100644 inline ${name}\n${data(text(file, tag))}`);
    }
    out.push(`reset refs/tags/1.${tag}.0\nfrom :${tag + 1}\n`);
  }
  await succeeded(["git", "-C", path, "fast-import", "--quiet"], { stdin: `${out.join("\n")}\ndone\n` });
  // Packed like a forge does: deltas against any similar object, not only the version before.
  await succeeded(["git", "-C", path, "repack", "-q", "-a", "-d", "-f", "--window=4"]);
  const counted = await succeeded(["git", "-C", path, "count-objects", "-v"]);
  return Number(/in-pack: (\d+)/.exec(counted)?.[1]);
}

function text(file: number, tag: number): string {
  const lines = Array.from({ length: 30 + ((file * 37) % 240) }, (_, line) => {
    const value = (file * 7919 + line * 104_729 + (line % 29 === tag % 29 ? tag : 0)) % 1_000_003;
    return `    public int $value${line} = ${value};`;
  });
  return `<?php\n\nfinal class Class${file}\n{\n${lines.join("\n")}\n}\n`;
}

function data(content: string): string {
  return `data ${Buffer.byteLength(content)}\n${content}`;
}
