// The cost of mirroring compared with native git, in one run on one machine: list, fetch, and an archive of every tag.
// `bun bench/git.ts [tags] [files] [rounds]`. Prints; asserts nothing.

import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGit } from "../src/reading/git.ts";
import { parseOutboundAllow } from "../src/outbound/outbound.ts";
import { buildWorker } from "../tests/git/build-worker.ts";
import { startGitHttp } from "../tests/tools/servers/git-http-server.ts";
import { succeeded } from "../tests/tools/process.ts";

const [tags = 200, files = 100, rounds = 5] = process.argv.slice(2).map(Number);

const root = await mkdtemp(join(tmpdir(), "git-bench-"));
const server = startGitHttp({ root });
try {
  await makeRepository(join(root, "blog.git"));
  const worker = await buildWorker(root);
  const compiled = { command: [worker], environment: {} };
  const source = {
    command: [process.execPath, join(import.meta.dir, "../tests/git/worker-entry.ts")],
    environment: {},
  };
  const times = { native: [] as number[], compiled: [] as number[], source: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.native.push(await timed(runNative));
    times.compiled.push(await timed(() => runOurs(compiled)));
  }
  times.source.push(await timed(() => runOurs(source)));
  const native = median(times.native);
  console.log(`${tags} tags, ${files} files, median of ${rounds} rounds`);
  console.log(`native git        ${native.toFixed(2)} s   (${spread(times.native)})`);
  for (const [name, own] of [
    ["compiled worker", times.compiled],
    ["from source", times.source],
  ] as const) {
    console.log(
      `${name.padEnd(17)} ${median(own).toFixed(2)} s   (${spread(own)})   ratio ${(median(own) / native).toFixed(2)}`,
    );
  }
} finally {
  await server.stop();
  await rm(root, { recursive: true, force: true });
}

async function runNative(): Promise<void> {
  const folder = await mkdtemp(join(root, "native-"));
  const url = `${server.url}/blog.git`;
  const clone = join(folder, "clone.git");
  const refs = await succeeded(["git", "ls-remote", "--tags", url]);
  await succeeded(["git", "init", "-q", "--bare", clone]);
  await succeeded(["git", "-C", clone, "fetch", "-q", "--depth", "1", url, "+refs/tags/*:refs/tags/*"]);
  for (const [, tag = ""] of refs.matchAll(/refs\/tags\/(\S+)$/gm)) {
    const out = join(folder, `${tag}.zip`);
    await succeeded(["git", "-C", clone, "archive", "--format=zip", `--prefix=${tag}/`, "-o", out, tag]);
  }
  await rm(folder, { recursive: true });
}

async function runOurs(worker: { command: string[]; environment: Record<string, string> }): Promise<void> {
  const policy = { allow: parseOutboundAllow("127.0.0.1").entries };
  const git = createGit({ policy, temporaryDir: root, worker });
  const remote = { url: `${server.url}/blog.git`, credential: null, hostKey: null };
  const { refs } = await git.listRefs(remote);
  const mirror = await git.openMirror(
    remote,
    refs.filter(({ kind }) => kind === "tag"),
  );
  for (const { kind, name, reference } of refs) {
    if (kind !== "tag") continue;
    await mirror.snapshot(reference);
    await mirror.archive({ reference, topFolder: `acme-blog-${name}`, exclude: [] });
  }
  await mirror.close();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function spread(values: number[]): string {
  return `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;
}

/** A library that changes five files from tag to tag. */
async function makeRepository(path: string): Promise<void> {
  await mkdir(path);
  await succeeded(["git", "init", "-q", "--bare", "--initial-branch=main", path]);
  const commands: string[] = [];
  const put = (name: string, text: string) =>
    commands.push(`M 100644 inline ${name}\ndata ${Buffer.byteLength(text)}\n${text}`);
  for (let tag = 0; tag < tags; tag++) {
    commands.push(
      `commit refs/heads/main\nmark :${tag + 1}\ncommitter Ann <ann@example.com> ${1.7e9 + tag} +0000\ndata 1\nx`,
    );
    if (tag > 0) commands.push(`from :${tag}`);
    put("composer.json", JSON.stringify({ name: "acme/blog", require: { php: `>=8.${tag % 5}` } }, null, 4));
    for (let file = 0; file < files; file++) {
      if (tag === 0 || (file * 7 + tag) % Math.ceil(files / 5) === 0)
        put(`src/Part${file % 12}/Class${file}.php`, phpClass(file, tag));
    }
    if (tag === 0) put("README.md", "# Blog\n".repeat(200));
    commands.push(`reset refs/tags/v1.${tag}.0\nfrom :${tag + 1}\n`);
  }
  await succeeded(["git", "-C", path, "fast-import", "--quiet"], { stdin: `${commands.join("\n")}\ndone\n` });
  await succeeded(["git", "-C", path, "repack", "-q", "-a", "-d"]);
}

function phpClass(file: number, tag: number): string {
  const methods = Array.from({ length: 10 + (file % 30) }, (_, method) => {
    const value = (file * 7919 + method * 104_729 + (method === tag % 40 ? tag : 0)) % 1_000_003;
    return `    public function method${value}(int $value${method}): int\n    {\n        return $value${method} * ${value};\n    }\n`;
  });
  return `<?php\n\nnamespace Acme\\Blog\\Part${file % 12};\n\nfinal class Class${file}\n{\n${methods.join("\n")}}\n`;
}
