// A first sync of a repository whose tags have many files each, compared with native git that fetches it and archives
// each tag; and the memory of the server and its git process together.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitHttp } from "../tests/tools/servers/git-http-server.ts";
import { succeeded } from "../tests/tools/process.ts";
import { startRegistry } from "../tests/tools/registry.ts";
import { peakOfFamily } from "./memory.ts";
import type { Figure } from "./rounds.ts";
import { nativeFetch, reported } from "./syncing.ts";

type Shape = { tags: number; files: number };

/** Files that change from tag to tag. */
const changed = 150;
const folders = 400;

/** One round: it takes minutes, and the difference in question is a factor of four. */
export async function benchLargeTrees(shape: Shape): Promise<{ figure: Figure; note: string }> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const git = startGitHttp({ root: folder });
  const registry = await startRegistry({ LOG_LEVEL: "warn" });
  const url = `${git.url}/large.git`;
  try {
    await makeLargeRepository(join(folder, "large.git"), shape);
    await registry.pricore(["org", "create", "acme", "--name", "Acme"]);
    await registry.pricore(["repo", "add", "--org", "acme", url]);
    let ours = 0;
    const peak = await peakOfFamily(registry.pid(), async () => {
      ours = await reported(registry, ["sync", "--org", "acme", "large", "--wait", "--json"]);
    });
    const started = performance.now();
    await rm(await nativeFetch(folder, url), { recursive: true });
    const native = (performance.now() - started) / 1000;
    const ratio = ours / native;
    const name = `${shape.tags} tags of ${shape.files} files`;
    return {
      figure: { name, ratio, low: ratio, high: ratio, note: `${ours.toFixed(1)}/${native.toFixed(1)}` },
      note: `  ${name}: server and git process held ${peak.toFixed(0)} MB at most`,
    };
  } finally {
    await registry.close();
    await git.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeLargeRepository(path: string, { tags, files }: Shape): Promise<void> {
  await mkdir(path);
  await succeeded(["git", "init", "-q", "--bare", "--initial-branch=main", path]);
  const child = Bun.spawn(["git", "-C", path, "fast-import", "--quiet"], {
    stdin: "pipe",
    stderr: "inherit",
  });
  for (let tag = 0; tag < tags; tag++) {
    const manifest = JSON.stringify({ name: "acme/large", description: `Number ${tag}` });
    const out = [
      `commit refs/heads/main\nmark :${tag + 1}\ncommitter Ann <ann@example.com> ${1.7e9 + tag} +0000\n${data("x")}`,
      ...(tag > 0 ? [`from :${tag}`] : []),
      `M 100644 inline composer.json\n${data(manifest)}`,
    ];
    for (let at = 0; at < (tag === 0 ? files : changed); at++) {
      const file = tag === 0 ? at : (at * 7919 + tag * 104_729) % files;
      const name = `src/Folder${file % folders}/Class${Math.floor(file / folders)}.php`;
      out.push(`M 100644 inline ${name}\n${data(text(file, tag))}`);
    }
    out.push(`reset refs/tags/1.${tag}.0\nfrom :${tag + 1}\n`);
    child.stdin.write(`${out.join("\n")}\n`);
    await child.stdin.flush();
  }
  await child.stdin.end();
  if ((await child.exited) !== 0) throw new Error("the repository could not be made");
  await succeeded(["git", "-C", path, "repack", "-q", "-a", "-d"]);
}

/** One to seven kilobytes. */
function text(file: number, tag: number): string {
  const lines = Array.from({ length: 20 + ((file * 37) % 160) }, (_, line) => {
    const value = (file * 7919 + line * 104_729 + (line % 29 === tag % 29 ? tag : 0)) % 1_000_003;
    return `    public int $value${line} = ${value};`;
  });
  return `<?php\n\nfinal class Class${file}\n{\n${lines.join("\n")}\n}\n`;
}

function data(content: string): string {
  return `data ${Buffer.byteLength(content)}\n${content}`;
}

if (import.meta.main) {
  const [tags = 63, files = 18_500] = process.argv.slice(2).map(Number);
  console.log(await benchLargeTrees({ tags, files }));
}
