// isomorphic-git with the build plugin's patches gives the same objects and archives as git itself.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { patchIsomorphicGit } from "../../src/git/build-plugin.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { finished, succeeded } from "../tools/process.ts";
import { makeBareRepository, type BareRepository } from "./bare-repository.ts";
import { buildEntry, buildWorker } from "./build-worker.ts";
import { anonymous, makeFolder, makeGit, removeFolder } from "./ground.ts";

let folder: string;
let http: GitHttpServer;
let repository: BareRepository;

beforeAll(async () => {
  folder = await makeFolder();
  http = startGitHttp({ root: folder });
  repository = await makeBareRepository(join(folder, "library.git"));
  for (let version = 0; version < 60; version++) {
    const annotated = version % 3 === 0 ? { annotatedTag: `signed-${version}` } : {};
    await repository.commit(libraryFiles(version), { tag: `v1.${version}`, ...annotated });
  }
  // Long delta chains, as servers store them.
  await repository.git("repack", "-q", "-a", "-d", "-f", "--depth=250", "--window=50");
});

afterAll(async () => {
  await http.stop();
  await removeFolder(folder);
});

/** Every file is mostly equal to the one of the version before. */
function libraryFiles(version: number): Record<string, string> {
  const files: Record<string, string> = { "composer.json": `{"name": "acme/library", "x": ${version}}` };
  for (let file = 0; file < 20; file++) {
    const lines = Array.from({ length: 200 }, (_, line) => `line ${line} of ${(line * 31 + file) % 97}`);
    if ((file + version) % 4 === 0) lines[version] = `changed in ${version}`;
    files[`src/${file % 5}/File${file}.php`] = lines.join("\n");
  }
  return files;
}

describe("The executable", () => {
  test("reads every object of every tag under the name that git gives it", async () => {
    const entry = await buildEntry("objects-entry.ts", folder);
    const found = JSON.parse(await succeeded([entry, `${http.url}/library.git`], { env: {} })) as Record<
      string,
      string[]
    >;
    const tags = (await repository.git("tag")).split("\n");
    expect(Object.keys(found).toSorted()).toEqual(tags.toSorted());
    for (const tag of tags) {
      const listed = await repository.git("ls-tree", "-r", "-t", "--format=%(objectname)", tag);
      const heads = (await repository.git("rev-parse", `${tag}^{commit}`, `${tag}^{tree}`)).split("\n");
      expect(found[tag]).toEqual([...listed.split("\n"), ...heads].toSorted());
    }
  });

  test("makes archives with the same content as git archive, and the same bytes as the source does", async () => {
    const worker = { command: [await buildWorker(folder)], environment: {} };
    const remote = anonymous(`${http.url}/library.git`);
    const { refs } = await makeGit({ folder }).listRefs(remote);
    const compiled = await makeGit({ folder, worker }).openMirror(remote, refs);
    const source = await makeGit({ folder }).openMirror(remote, refs);
    for (const { name, reference } of refs.filter(({ name }) => name.endsWith("7"))) {
      const request = { reference, topFolder: "acme-library", exclude: [] };
      const made = await compiled.archive(request);
      expect(await source.archive(request)).toMatchObject({ sha256: made.sha256, sizeBytes: made.sizeBytes });
      const native = join(folder, `${name}.zip`);
      await repository.git("archive", "--format=zip", "--prefix=acme-library/", "-o", native, reference);
      expect(await contentSums(made.path)).toEqual(await contentSums(native));
    }
    await compiled.close();
    await source.close();
  });

  test("holds neither of ssh2's native add-ons", async () => {
    const text = await Bun.file(await buildWorker(folder)).text();
    expect(text).toContain("sshcrypto.node is not part of this executable");
    expect(text).toContain("cpu-features is not part of this executable");
  });
});

describe("The build", () => {
  test("fails when the library is not the one that the replacements were written for", async () => {
    const path = join(import.meta.dir, "../../node_modules/isomorphic-git/index.cjs");
    const source = await Bun.file(path).text();
    expect(patchIsomorphicGit(source)).toContain("native.inflateNext");
    expect(() => patchIsomorphicGit(source.replace("require('pako')", "require('other')"))).toThrow(
      "found 0 times",
    );
    expect(() => patchIsomorphicGit(source + source)).toThrow("found 2 times");
  });
});

/** Name and CRC of every file, without folders. */
async function contentSums(path: string): Promise<string[]> {
  const { stdout } = await finished(["unzip", "-v", path]);
  const rows = [...stdout.matchAll(/ ([0-9a-f]{8}) {2}(acme-library\/.*[^/])$/gm)];
  expect(rows.length).toBeGreaterThan(20);
  return rows.map(([, crc, name]) => `${name} ${crc}`).toSorted();
}
