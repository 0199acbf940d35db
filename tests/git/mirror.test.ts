import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Failure } from "../../src/errors.ts";
import type { FetchProgress, Remote } from "../../src/git/mirror.ts";
import type { CommitReading } from "../../src/reading/mirror.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { succeeded } from "../tools/process.ts";
import { startSshd, type Sshd } from "../tools/servers/sshd.ts";
import { makeBareRepository, type BareRepository } from "./bare-repository.ts";
import { anonymous, makeFolder, makeGit, removeFolder } from "./ground.ts";

let folder: string;
let http: GitHttpServer;
let sshd: Sshd;
let blog: BareRepository;

beforeAll(async () => {
  folder = await makeFolder();
  http = startGitHttp({ root: folder });
  sshd = await startSshd({ root: folder });
  blog = await makeBareRepository(join(folder, "acme/it's a blog!.git"));
  await blog.commit(files("0.9"), { tag: "v0.9.0" });
  await blog.commit(files("1.0"), { tag: "v1.0.0", annotatedTag: "v1.0.0-signed" });
  await blog.commit(files("1.1"));
  await blog.commit(files("2.0"), { branch: "feature/two" });
});

afterAll(async () => {
  await http.stop();
  await sshd.stop();
  await removeFolder(folder);
});

function files(version: string): Record<string, string> {
  return {
    "composer.json": `{"name": "acme/blog", "extra": {"v": "${version}"}}\n`,
    "README.md": `# Blog ${version}\n`,
    "src/Blog.php": `<?php // ${version}\n`.repeat(50),
  };
}

function versionIn({ composerJson }: CommitReading): string {
  const extra = composerJson && "manifest" in composerJson ? composerJson.manifest.fields.extra : undefined;
  return /"v":"([^"]+)"/.exec(extra ?? "")?.[1] ?? "";
}

const transports: Record<string, () => Remote> = {
  HTTP: () => anonymous(`${http.url}/acme/it's%20a%20blog!.git`),
  SSH: () => ({
    ...anonymous(sshd.url("acme/it's a blog!.git")),
    credential: { kind: "ssh-key", privateKey: sshd.privateKey },
  }),
  "a local folder": () => anonymous(blog.path),
};

describe.each(Object.keys(transports))("A repository over %s", (name) => {
  const remote = (): Remote => transports[name]?.() ?? anonymous("");

  test("lists its default branch, branches and tags, an annotated tag by its commit", async () => {
    const list = await makeGit({ folder }).listRefs(remote());
    const at = async (revision: string) => blog.git("rev-parse", `${revision}^{commit}`);
    expect(list.defaultBranch).toBe("main");
    expect(list.unusable).toEqual([]);
    expect(list.refs).toEqual([
      { kind: "branch", name: "feature/two", reference: await at("refs/heads/feature/two") },
      { kind: "branch", name: "main", reference: await at("refs/heads/main") },
      { kind: "tag", name: "v0.9.0", reference: await at("v0.9.0") },
      { kind: "tag", name: "v1.0.0", reference: await at("v1.0.0") },
      {
        ...{ kind: "tag", name: "v1.0.0-signed", reference: await at("v1.0.0") },
        tagObject: await blog.git("rev-parse", "refs/tags/v1.0.0-signed"),
      },
    ]);
  });

  test("gives manifest, README, date and archive of every ref after one fetch", async () => {
    const git = makeGit({ folder });
    const { refs } = await git.listRefs(remote());
    const mirror = await git.openMirror(remote(), refs);
    try {
      for (const { reference } of refs) {
        const read = await mirror.snapshot(reference);
        const version = versionIn(read);
        expect(read).toMatchObject({
          authoredAt: Number(await blog.git("show", "-s", "--format=%at", reference)) * 1000,
          composerJson: { manifest: { name: "acme/blog", fields: { extra: `{"v":"${version}"}` } } },
          readme: { html: `<h1>Blog ${version}</h1>\n` },
        });
        const archive = await mirror.archive({ reference, topFolder: "acme-blog", exclude: [] });
        expect(await succeeded(["unzip", "-p", archive.path, "acme-blog/src/Blog.php"])).toBe(
          files(version)["src/Blog.php"] ?? "",
        );
        expect(await succeeded(["sha256sum", archive.path])).toStartWith(archive.sha256);
        expect(await succeeded(["sha1sum", archive.path])).toStartWith(archive.sha1);
        expect(Bun.file(archive.path).size).toBe(archive.sizeBytes);
      }
    } finally {
      await mirror.close();
    }
  });

  test("leaves no temporary folder and no process behind", async () => {
    const temporary = join(folder, `left-${name.replaceAll(" ", "-")}`);
    await mkdir(temporary);
    const git = makeGit({ folder: temporary });
    const { refs } = await git.listRefs(remote());
    const mirror = await git.openMirror(remote(), refs);
    expect(await readdir(temporary)).toHaveLength(1);
    await mirror.close();
    expect(await readdir(temporary)).toEqual([]);
    const late = await mirror.snapshot(refs[0]?.reference ?? "").catch((error: Failure) => error.code);
    expect(late).toBe("git_worker_died");
  });

  test("reports a repository that isn't there", async () => {
    const elsewhere = { ...remote(), url: remote().url.replace("acme", "nobody") };
    const failure = await makeGit({ folder })
      .listRefs(elsewhere)
      .catch((error: Failure) => error);
    expect(failure).toMatchObject({ kind: "notFound", code: "git_not_found" });
  });
});

describe("A mirror", () => {
  test("fetches everything with one request", async () => {
    const git = makeGit({ folder });
    const remote = anonymous(`${http.url}/acme/it's%20a%20blog!.git`);
    const { refs } = await git.listRefs(remote);
    http.requests.length = 0;
    const progress: FetchProgress[] = [];
    const mirror = await git.openMirror(remote, refs, {
      onProgress: (step) => void progress.push(step),
    });
    await Promise.all(refs.map(({ reference }) => mirror.snapshot(reference)));
    await mirror.close();
    expect(http.requests.map((request) => request.split("/").at(-1))).toEqual(["git-upload-pack"]);
    expect(progress.at(-1)?.phase).toBe("Indexing objects");
    expect(progress.at(-1)?.receivedBytes).toBeGreaterThan(0);
  });

  test("holds what was listed, though it moved meanwhile, as long as a ref still leads there", async () => {
    const repository = await makeBareRepository(join(folder, "acme/going-on.git"));
    const before = await repository.commit(files("1"), { tag: "moves" });
    const git = makeGit({ folder });
    const remote = anonymous(`${http.url}/acme/going-on.git`);
    const { refs } = await git.listRefs(remote);
    await repository.commit(files("2"), { tag: "moves" });
    const mirror = await git.openMirror(remote, refs);
    expect(versionIn(await mirror.snapshot(before))).toBe("1");
    await mirror.close();
  });

  test("asks for the refs again when one is gone since it was listed, and fails for that one alone", async () => {
    const repository = await makeBareRepository(join(folder, "acme/moving.git"));
    const stays = await repository.commit(files("1"), { tag: "stays" });
    const before = await repository.commit(files("2"), { tag: "moves" });
    const git = makeGit({ folder });
    const remote = anonymous(`${http.url}/acme/moving.git`);
    const { refs } = await git.listRefs(remote);
    await repository.git("tag", "-f", "moves", "stays");
    await repository.git("update-ref", "-d", "refs/heads/main");
    http.requests.length = 0;
    const mirror = await git.openMirror(remote, refs);
    expect(http.requests.map((request) => request.split("/").at(-1))).toEqual([
      "git-upload-pack",
      "refs?service=git-upload-pack",
      "git-upload-pack",
    ]);
    expect(versionIn(await mirror.snapshot(stays))).toBe("1");
    const failure = await mirror.snapshot(before).catch((error: Failure) => error);
    expect(failure).toMatchObject({ kind: "invalid", code: "git_object_missing" });
    await mirror.close();
    await repository.commit(files("3"), { tag: "moves" });
    await repository.git("tag", "-f", "stays", "moves");
    const none = await git.openMirror(remote, refs).catch((error: Failure) => error);
    expect(none).toMatchObject({ kind: "unavailable", code: "git_refs_moved" });
  });

  test("of an empty repository has nothing to list", async () => {
    await makeBareRepository(join(folder, "acme/empty.git"));
    for (const url of [`${http.url}/acme/empty.git`, join(folder, "acme/empty.git")]) {
      const list = await makeGit({ folder }).listRefs(anonymous(url));
      expect(list).toEqual({ defaultBranch: null, refs: [], unusable: [], hostKey: null, movedTo: null });
    }
  });

  test("finds the README whatever its spelling, and takes no link for one", async () => {
    const repository = await makeBareRepository(join(folder, "acme/readmes.git"));
    const cases: [string, Record<string, string | { text: string; mode: "120000" }>, string | null][] = [
      ["lower", { "readme.md": "x", "readme.txt": "y" }, "<p>x</p>\n"],
      ["markdown", { "README.markdown": "x", README: "y" }, "<p>x</p>\n"],
      ["plain", { Readme: "x" }, "<p>x</p>\n"],
      ["text", { "README.txt": "x" }, '<pre tabindex="0">x</pre>'],
      ["nested", { "docs/README.md": "x" }, null],
      ["link", { "README.md": { text: "../x", mode: "120000" } }, null],
    ];
    for (const [tag, readme] of cases) await repository.commit({ "a.txt": "a", ...readme }, { tag });
    const git = makeGit({ folder });
    const { refs } = await git.listRefs(anonymous(repository.path));
    const mirror = await git.openMirror(anonymous(repository.path), refs);
    for (const [tag, , expected] of cases) {
      const reference = refs.find(({ name }) => name === tag)?.reference ?? "";
      const snapshot = await mirror.snapshot(reference);
      expect([tag, snapshot.readme?.html ?? null]).toEqual([tag, expected]);
      expect(snapshot.composerJson).toBeNull();
    }
    await mirror.close();
  });

  test("refuses a composer.json that is too large or no text, for that ref alone", async () => {
    const repository = await makeBareRepository(join(folder, "acme/manifests.git"));
    const large = await repository.commit({ "composer.json": `{"x": "${"x".repeat(2000)}"}` });
    const bom = await repository.commit({ "composer.json": '\uFEFF{"name": "acme/blog"}' });
    const long = await repository.commit({ "README.md": "x".repeat(3000) });
    await Bun.write(join(folder, "bad"), new Uint8Array([0x7b, 0xff, 0x7d]));
    const blob = await repository.git("hash-object", "-w", join(folder, "bad"));
    const broken = await repository.commitTree([{ mode: "100644", name: "composer.json", object: blob }], {
      tag: "broken",
    });
    const git = makeGit({ folder, limits: { manifestBytes: 1000, readmeBytes: 1000 } });
    const { refs } = await git.listRefs(anonymous(repository.path));
    const mirror = await git.openMirror(anonymous(repository.path), refs);
    const codeOf = (reference: string) =>
      mirror.snapshot(reference).catch((error: Failure) => `${error.kind} ${error.code}`);
    expect(await codeOf(large)).toBe("invalid git_manifest_too_large");
    expect(await codeOf(broken)).toBe("invalid git_manifest_encoding");
    expect((await mirror.snapshot(bom)).composerJson).toEqual({
      reason: expect.stringContaining("begins with a byte order mark"),
    });
    expect((await mirror.snapshot(long)).readme?.html.match(/x/g)).toHaveLength(1000);
    await mirror.close();
  });
});

describe("A private repository", () => {
  const auth = { username: "ann", password: "correct horse" };
  const open = () => startGitHttp({ root: folder, auth });

  test("opens for its credential", async () => {
    const server = open();
    const remote: Remote = {
      ...anonymous(`${server.url}/acme/moving.git`),
      credential: { kind: "basic", ...auth },
    };
    const git = makeGit({ folder });
    const { refs } = await git.listRefs(remote);
    const mirror = await git.openMirror(remote, refs);
    await mirror.close();
    await server.stop();
    expect(refs.length).toBeGreaterThan(0);
  });

  test("says what to do when the credential is missing or wrong, and never repeats it", async () => {
    const server = open();
    const url = `${server.url}/acme/moving.git`;
    const wrong: Remote = {
      ...anonymous(url),
      credential: { kind: "basic", username: "ann", password: "hunter2" },
    };
    const git = makeGit({ folder });
    const without = (await git.listRefs(anonymous(url)).catch((error: Failure) => error)) as Failure;
    const refused = (await git.listRefs(wrong).catch((error: Failure) => error)) as Failure;
    await server.stop();
    expect(without).toMatchObject({ kind: "forbidden", code: "git_unauthorized" });
    expect(without.advice).toContain("Add a credential");
    expect(refused.advice).toContain("still valid");
    expect(JSON.stringify([refused, refused.message])).not.toContain("hunter2");
  });
});
