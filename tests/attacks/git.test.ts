// G1–G18: what a git server, and whoever writes into a repository, may try. Each against the built
// binary; one row after another, so that the file is as long as its part of the list.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { flush, pktLine } from "../../src/git/pkt-line.ts";
import { basic } from "../clients/documents.ts";
import { advertisement, packAnswer, someCommit, startEvilServer, type Saying } from "../git/evil-server.ts";
import { objectName, offsetBack, packedObject, packOf, packTypes, packWith } from "../git/pack.ts";
import { succeeded } from "../tools/process.ts";
import { startSshd } from "../tools/servers/sshd.ts";
import { startTcpProxy } from "../tools/servers/tcp-proxy.ts";
import { eventNames, eventOf, type Attempt } from "../worlds/attempts.ts";
import { openWorld, type World } from "../worlds/world.ts";

setDefaultTimeout(60_000);

let world: World<{ in: "binary"; git: true; attempts: true }>;
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true, attempts: true });
});
afterAll(async () => {
  for (const end of endings) await end();
  await world?.close();
});

const manifest = (name: string) => JSON.stringify({ name });

async function evil(script: { advertise?: Saying; upload?: Saying }): Promise<string> {
  const server = await startEvilServer(script);
  endings.push(server.stop);
  return server.url;
}

/** Of each ref without a version, why. */
function reasons({ sync }: Attempt): Record<string, string> {
  return Object.fromEntries((sync?.skipped ?? []).map(({ ref, reason }) => [ref, reason]));
}

/** The refs that an event was logged about. */
function refsOf({ events }: Attempt, name: string): unknown[] {
  return events.filter(({ event }) => event === name).map(({ ref }) => ref);
}

test("G1: an address that runs a command or leads into this machine is refused", async () => {
  const marker = join(world.gitRoot, "marker-1");
  const commands = [`ext::sh -c touch% ${marker}`, "fd::17", "file://host/etc", "C:\\x", "transport::x"];
  for (const url of commands) {
    const refused = await world.mirror(url);
    expect([url, refused.code, refused.output]).toEqual([
      url,
      1,
      expect.stringContaining("must begin with https://"),
    ]);
    expect([url, eventNames(refused.events)]).toEqual([url, ["url.bad_scheme"]]);
  }
  // A path is for whoever sits at the machine already; what is no repository stays closed to them too.
  for (const path of ["/etc", "../x", "file:///usr"]) {
    const refused = await world.mirror(path);
    expect([path, refused.code, refused.sync?.error]).toEqual([
      path,
      1,
      expect.stringContaining("is no git repository"),
    ]);
  }
  expect(existsSync(marker)).toBe(false);
});

test("G2: an address that would be read as an option is refused", async () => {
  const marker = join(world.gitRoot, "marker-2");
  const cases: [url: string, event: string][] = [
    [`--upload-pack=touch ${marker}`, "url.bad_scheme"],
    [`-oProxyCommand=touch ${marker}`, "url.bad_scheme"],
    [`ssh://-oProxyCommand=touch%20${marker}/x.git`, "url.malformed"],
    [`git@-oProxyCommand=x:acme/blog.git`, "url.malformed"],
    ["-oProxyCommand=x@git.acme.test:acme/blog.git", "url.malformed"],
    ["git@git.acme.test:--upload-pack=x", "url.malformed"],
    ["ssh://git@git.acme.test:99999/x.git", "url.malformed"],
  ];
  for (const [url, event] of cases) {
    const refused = await world.mirror(url, ["--ssh-key", "new"]);
    expect([url, refused.code, eventNames(refused.events)]).toEqual([url, 1, [event]]);
  }
  expect(existsSync(marker)).toBe(false);
});

test("G3: tags with names that git does not allow are skipped with a note, and cost nobody else", async () => {
  const name = "acme/refs";
  const repository = await world.bareRepository(name);
  const reference = await repository.commit({ "composer.json": manifest(name) });
  const names = ["--output=x", "../../x", "a\nb", "1.0.0..1", "x".repeat(60_000), "1.0.0.lock", "$(id)"];
  const refs = ["HEAD", "refs/heads/main", "refs/tags/1.0.0", ...names.map((each) => `refs/tags/${each}`)];
  const body = advertisement(refs.map((ref) => `${reference} ${ref}`));
  const upload = { body: packAnswer(await packOf(repository, reference), reference) };
  const mirrored = await world.mirror(await evil({ advertise: { body }, upload }));
  expect(mirrored.code).toBe(0);
  expect(Object.keys(await world.versions(name)).toSorted()).toEqual(["1.0.0", "dev-main"]);
  const shown = names.map((each) => each.slice(0, 255)).toSorted();
  expect(Object.keys(reasons(mirrored)).toSorted()).toEqual(shown);
  expect(eventOf(mirrored, "git.bad_ref")).toMatchObject({ count: 6, reason: expect.stringMatching(/name/) });
});

test("G4: a version with a file name that leads elsewhere or into git is refused alone", async () => {
  const name = "acme/names";
  const repository = await world.bareRepository(name);
  await repository.commit({ "composer.json": manifest(name) }, { tag: "1.0.0" });
  const text = await repository.git("rev-parse", "1.0.0:composer.json");
  const names = ["..", ".git", ".GIT", ".git::$INDEX_ALLOCATION", "git~1", ".g\u200cit", "a/b", "..\\x"];
  for (const [index, bad] of names.entries()) {
    const entries = ["composer.json", bad].map((each) => ({ mode: "100644", name: each, object: text }));
    await repository.commitTree(entries, { tag: `2.0.${index}` });
  }
  const mirrored = await world.mirror(repository.url);
  expect(mirrored.code).toBe(0);
  expect(Object.keys(await world.versions(name)).toSorted()).toEqual(["1.0.0", "dev-main"]);
  const tags = names.map((_, index) => `2.0.${index}`);
  expect(Object.keys(reasons(mirrored)).toSorted()).toEqual(tags);
  for (const reason of Object.values(reasons(mirrored)))
    expect(reason).toMatch(
      /The file name ".*" (leads|is git's).*Rename the file in git, then tag or push again\./,
    );
  expect(refsOf(mirrored, "git.unsafe_path").toSorted()).toEqual(tags.map((tag) => `Tag ${tag}`));
});

test("G5: a link that leads out of the package is left out with a note", async () => {
  const name = "acme/links";
  const repository = await world.bareRepository(name);
  const link = (text: string) => ({ text, mode: "120000" as const });
  await repository.commit(
    {
      "composer.json": manifest(name),
      passwd: link("/etc/passwd"),
      "src/up": link("../.."),
      "src/out": link("x/../../../etc"),
      "src/in": link("../composer.json"),
    },
    { tag: "1.0.0" },
  );
  const mirrored = await world.mirror(repository.url);
  expect(mirrored.code).toBe(0);
  expect(await world.archived(name, "1.0.0")).toEqual(["composer.json", "src/in"]);
  for (const path of ["passwd", "src/up", "src/out"]) {
    expect(eventOf(mirrored, "version.noted")?.notes).toContain(
      `link "${path}" points outside the package and is left out`,
    );
  }
});

test("G6: a submodule is never fetched, and left out with a note", async () => {
  const name = "acme/submodule";
  const elsewhere = await startTcpProxy(null);
  endings.push(elsewhere.stop);
  const repository = await world.bareRepository(name);
  await repository.commit(
    {
      "composer.json": manifest(name),
      ".gitmodules": `[submodule "lib"]\n\tpath = lib\n\turl = ${elsewhere.url}/x.git\n\tupdate = !touch /tmp/x\n`,
      lib: { text: someCommit, mode: "160000" },
    },
    { tag: "1.0.0" },
  );
  const mirrored = await world.mirror(repository.url);
  expect(mirrored.code).toBe(0);
  expect(await world.archived(name, "1.0.0")).toEqual([".gitmodules", "composer.json"]);
  expect(eventOf(mirrored, "version.noted")?.notes).toContain('The submodule "lib" is left out');
  expect(elsewhere.connections()).toBe(0);
});

test("G7: names that some systems take for one are kept as they are, with a note", async () => {
  const name = "acme/twins";
  const repository = await world.bareRepository(name);
  const files = ["A.php", "a.php", "é.txt".normalize("NFC"), "é.txt".normalize("NFD")];
  const contents = Object.fromEntries(files.map((file, index) => [file, `${index}`]));
  await repository.commit({ "composer.json": manifest(name), ...contents }, { tag: "1.0.0" });
  const mirrored = await world.mirror(repository.url);
  expect(mirrored.code).toBe(0);
  expect((await world.archived(name, "1.0.0")).toSorted()).toEqual([...files, "composer.json"].toSorted());
  const notes = String(eventOf(mirrored, "version.noted")?.notes);
  expect(notes.match(/are the same file on systems that ignore case/g)).toHaveLength(2);
});

test("G8: a file whose name is not UTF-8, or that has the name of another, is left out with a note", async () => {
  const name = "acme/encoding";
  const repository = await world.bareRepository(name);
  await repository.commit({ "composer.json": manifest(name) }, { tag: "1.0.0" });
  const object = await repository.git("rev-parse", "1.0.0:composer.json");
  const names = [
    Buffer.from([0x61, 0xfe]),
    Buffer.from([0x61, 0xff]),
    "a\\b",
    "composer.json",
    "composer.json",
  ];
  const entries = names.map((each) => ({ mode: "100644", name: each, object }));
  await repository.commitTree(entries, { tag: "2.0.0" });
  const mirrored = await world.mirror(repository.url);
  expect(reasons(mirrored)).toEqual({});
  const notes = String(eventOf(mirrored, "version.noted")?.notes);
  expect(notes.match(/is left out: its name is not valid UTF-8/g)).toHaveLength(2);
  expect(notes).toContain("is left out: a backslash in its name");
  expect(notes).toContain('"composer.json" is left out: another one has the same name. Rename it in git');
  expect(await world.archived(name, "2.0.0")).toEqual(["composer.json"]);
});

test("G9: folders nested deeper than any, and changes of changes without end, bring nobody down", async () => {
  const name = "acme/deep";
  const repository = await world.bareRepository(name);
  const nested = (depth: number) => ({ "composer.json": manifest(name), [`${"d/".repeat(depth)}x`]: "x" });
  await repository.commit(nested(100), { tag: "1.0.0" });
  await repository.commit(nested(10_000), { tag: "2.0.0", branch: "deep" });
  const mirrored = await world.mirror(repository.url);
  expect(Object.keys(await world.versions(name)).toSorted()).toEqual(["1.0.0", "dev-main"]);
  expect(reasons(mirrored)["2.0.0"]).toContain("nested more than 128 deep");
  expect(refsOf(mirrored, "git.limit")).toContain("Tag 2.0.0");

  const { pack, reference } = chainOfChanges("acme/chain", 100_000);
  const body = advertisement(["HEAD", "refs/heads/main"].map((ref) => `${reference} ${ref}`));
  const chained = await world.mirror(
    await evil({ advertise: { body }, upload: { body: packAnswer(pack, reference) } }),
  );
  expect(chained).toMatchObject({ code: 0, sync: { added: 1 } });
  expect(await world.archived("acme/chain", "dev-main")).toEqual(["composer.json", "x"]);
  expect(await isHealthy()).toBe(true);

  // Changes that go round in a circle: by their place, and by name. A process that followed one would take 0.3 GB a second.
  for (const circle of [ownBase, eachOthersBase]) {
    const body = advertisement(["HEAD", "refs/heads/main"].map((ref) => `${someCommit} ${ref}`));
    const url = await evil({ advertise: { body }, upload: { body: packAnswer(circle) } });
    const since = performance.now();
    const refused = await world.mirror(url);
    expect(refused.sync?.error).toMatch(/The pack can't be read|None of the commits arrived/);
    expect(performance.now() - since).toBeLessThan(20_000);
  }
  expect(await isHealthy()).toBe(true);
});

const smallChange = Buffer.from([4, 4, 4, ...Buffer.from("dddd")]);
const ownBase = packWith([packedObject(packTypes.offsetDelta, smallChange, { base: offsetBack(0) })]);
const eachOthersBase = packWith(
  ["a", "b"].map((sign) =>
    packedObject(packTypes.referenceDelta, smallChange, { base: Buffer.from(sign.repeat(40), "hex") }),
  ),
);

test("FT7: a delta that is its own base is refused by its name, and stops nobody", async () => {
  const refs = ["HEAD", "refs/heads/main"].map((ref) => `${someCommit} ${ref}`);
  const circling = async () => {
    const url = await evil({
      advertise: { body: advertisement(refs) },
      upload: { body: packAnswer(ownBase) },
    });
    return world.mirror(url);
  };
  // As many at once as there are places, and one honest repository behind them.
  const { url } = await world.repository("acme/behind", [
    { manifest: { name: "acme/behind" }, tags: ["1.0.0"] },
  ]);
  const attempts = Array.from({ length: 8 }, circling);
  expect(await world.mirror(url)).toMatchObject({ code: 0, sync: { added: 2 } });
  for (const attempt of await Promise.all(attempts))
    expect(attempt.sync?.error).toContain("the base of a delta is not an object before it");
});

async function isHealthy(): Promise<boolean> {
  return (await fetch(`${world.registry.url}/health`)).ok;
}

/** A commit whose one file beside composer.json is the last of `length` changes, each made to the one before. */
function chainOfChanges(name: string, length: number): { pack: Buffer; reference: string } {
  const content = (index: number) => Buffer.from(String(index).padStart(8, "0"));
  const json = Buffer.from(manifest(name));
  const entry = (path: string, blob: Buffer) =>
    Buffer.concat([Buffer.from(`100644 ${path}\0`), Buffer.from(objectName("blob", blob), "hex")]);
  const tree = Buffer.concat([entry("composer.json", json), entry("x", content(length))]);
  const who = "Ann <ann@example.com> 1700000000 +0000";
  const commit = Buffer.from(`tree ${objectName("tree", tree)}\nauthor ${who}\ncommitter ${who}\n\nx\n`);
  const objects = [
    packedObject(packTypes.commit, commit),
    packedObject(packTypes.tree, tree),
    packedObject(packTypes.blob, json),
    packedObject(packTypes.blob, content(0)),
  ];
  for (let index = 1; index <= length; index++) {
    const change = Buffer.concat([Buffer.from([8, 8, 8]), content(index)]);
    objects.push(
      packedObject(packTypes.offsetDelta, change, { base: offsetBack(objects.at(-1)?.length ?? 0) }),
    );
  }
  return { pack: packWith(objects), reference: objectName("commit", commit) };
}

test("G10: a file beyond the limit costs its version, a pack beyond the limit its sync", async () => {
  const name = "acme/large";
  const repository = await world.bareRepository(name);
  await repository.commit({ "composer.json": manifest(name) }, { tag: "1.0.0" });
  const json = await repository.git("rev-parse", "1.0.0:composer.json");
  await Bun.write(join(world.gitRoot, "zeros"), new Uint8Array(101 * 1024 * 1024));
  const zeros = await repository.git("hash-object", "-w", join(world.gitRoot, "zeros"));
  const entries = [
    { mode: "100644", name: "composer.json", object: json },
    { mode: "100644", name: "zeros", object: zeros },
  ];
  await repository.commitTree(entries, { tag: "2.0.0" });
  const mirrored = await world.mirror(repository.url);
  expect(Object.keys(await world.versions(name)).toSorted()).toEqual(["1.0.0", "dev-main"]);
  expect(reasons(mirrored)["2.0.0"]).toContain("larger than 100 MB");
  expect(refsOf(mirrored, "git.limit")).toEqual(["Tag 2.0.0"]);

  const endless = startEndlessServer();
  const refused = await world.mirror(endless.url);
  expect(refused.sync?.error).toBe("The commits of this repository are larger than 512 MB, packed.");
  expect(eventNames(refused.events)).toContain("git.limit");
  expect(endless.sentMegabytes()).toBeLessThan(600);
  expect(await isHealthy()).toBe(true);
});

/** Its pack never ends. */
function startEndlessServer() {
  const service = "application/x-git-upload-pack";
  const chunk = Buffer.concat(Array.from({ length: 16 }, () => pktLine(Buffer.alloc(60_001, 1))));
  const start = Buffer.concat([pktLine(`shallow ${someCommit}`), flush, pktLine("NAK\n")]);
  let sent = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (request.method === "GET") {
        const headers = { "content-type": `${service}-advertisement` };
        return new Response(new Uint8Array(advertisement([`${someCommit} refs/heads/main`])), { headers });
      }
      await request.bytes();
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(start),
        pull(controller) {
          controller.enqueue(chunk);
          sent += chunk.length;
        },
      });
      return new Response(body, { headers: { "content-type": `${service}-result` } });
    },
  });
  endings.push(() => server.stop(true));
  return { url: `http://127.0.0.1:${server.port}/acme/blog.git`, sentMegabytes: () => sent / 1024 / 1024 };
}

test("G11: a list of more tags than the limit fails the sync and names the limit", async () => {
  const listOf = (count: number) => {
    const tags = Array.from({ length: count }, (_, index) => `${someCommit} refs/tags/1.0.${index}`);
    return evil({ advertise: { body: advertisement(tags) } });
  };
  const refused = await world.mirror(await listOf(50_001));
  expect(refused.sync?.error).toBe("The repository has more than 50000 tags and branches.");
  expect(eventNames(refused.events)).toContain("git.limit");
  expect((await world.mirror(await listOf(100))).sync?.error).not.toContain("more than");
});

test("G12: one small file that stands in a tree often enough to fill a disk is refused", async () => {
  const name = "acme/bomb";
  const repository = await world.bareRepository(name);
  await repository.commit({ "composer.json": manifest(name) }, { tag: "1.0.0" });
  const json = await repository.git("rev-parse", "1.0.0:composer.json");
  await Bun.write(join(world.gitRoot, "filler"), new Uint8Array(20 * 1024 * 1024));
  const filler = await repository.git("hash-object", "-w", join(world.gitRoot, "filler"));
  const tagged = (tag: string, count: number) => {
    const copies = Array.from({ length: count }, (_, index) => ({
      mode: "100644",
      name: `d${index}`,
      object: filler,
    }));
    return repository.commitTree([{ mode: "100644", name: "composer.json", object: json }, ...copies], {
      tag,
    });
  };
  await tagged("1.1.0", 2);
  await tagged("2.0.0", 27);
  const mirrored = await world.mirror(repository.url);
  expect(Object.keys(await world.versions(name)).toSorted()).toEqual(["1.0.0", "1.1.0", "dev-main"]);
  expect(reasons(mirrored)["2.0.0"]).toContain("The files are larger than 512 MB together");
  expect(refsOf(mirrored, "git.limit")).toEqual(["Tag 2.0.0"]);
});

test("G13: an object that is not what its name promises is refused with its version", async () => {
  const name = "acme/lies";
  const repository = await world.bareRepository(name);
  await repository.commit({ "composer.json": manifest(name) }, { tag: "1.0.0" });
  await repository.commit(
    { "composer.json": manifest(name), "a.txt": "a" },
    { tag: "2.0.0", branch: "lies" },
  );
  const blob = await repository.git("rev-parse", "2.0.0:a.txt");
  const path = join(repository.path, "objects", blob.slice(0, 2), blob.slice(2));
  await chmod(path, 0o644);
  await Bun.write(path, deflateSync(Buffer.from("blob 1\0b")));
  const mirrored = await world.mirror(repository.path);
  expect(reasons(mirrored)["2.0.0"]).toMatch(
    /can't be read: SHA check failed! Expected \w+, computed \w+\.$/,
  );
  expect(refsOf(mirrored, "git.bad_object")).toContain("Tag 2.0.0");
  expect(Object.keys(await world.versions(name)).toSorted()).toEqual(["1.0.0", "dev-main"]);
});

test("G14: a sync that is cut, damaged or answered by something else changes nothing", async () => {
  const name = "acme/cut";
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("base64");
  const repository = await world.repository(name, [{ manifest: { name }, tags: ["1.0.0"] }]);
  const proxy = await startTcpProxy(world.git.port);
  endings.push(proxy.stop);
  const url = repository.url.replace(world.git.url, proxy.url);
  expect((await world.mirror(url, ["--name", "cut"])).code).toBe(0);
  const before = await world.versions(name);
  await repository.commit({ manifest: { name }, files: { noise }, tags: ["2.0.0"] });
  const harms = [
    [{ after: 20_000, does: "cut" }, /cut the connection|breaks off/],
    [{ after: 20_000, does: "corrupt" }, /damaged on the way|protocol|can't be read/],
    [{ after: 300, does: "cut" }, /cut the connection|breaks off/],
  ] as const;
  for (const [harm, says] of harms) {
    proxy.harm = harm;
    const failed = await world.resync("cut");
    expect([harm, failed.code, failed.sync?.error]).toEqual([harm, 1, expect.stringMatching(says)]);
    expect(eventNames(failed.events)).toContain("sync.failed");
    expect(await world.versions(name)).toEqual(before);
  }
  proxy.harm = null;
  expect(await world.resync("cut")).toMatchObject({ code: 0, sync: { added: 1 } });
  expect(Object.keys(await world.versions(name)).toSorted()).toEqual(["1.0.0", "2.0.0", "dev-main"]);

  const page = { type: "text/html", body: Buffer.from("<html>") };
  const half = { body: advertisement([`${someCommit} refs/heads/main`]).subarray(0, -20) };
  for (const advertise of [page, half]) {
    expect((await world.mirror(await evil({ advertise }))).sync?.outcome).toBe("failed");
  }
});

test("G15: a credential that a server repeats is shown and kept nowhere", async () => {
  const echo = `fatal: https://ben:canary@git.acme.test/x refused Authorization: Basic ${btoa("ben:canary")}`;
  const body = Buffer.concat([
    pktLine("# service=git-upload-pack\n"),
    flush,
    pktLine(`ERR ${echo}\n`),
    flush,
  ]);
  const args = ["--credential", "ben", "--password-stdin"];
  const failed = await world.mirror(await evil({ advertise: { body } }), args, { stdin: "canary" });
  expect(failed.code).toBe(1);
  expect(failed.sync?.error).toContain("fatal: https://***@git.acme.test/x refused Authorization: Basic ***");
  const everywhere = [failed.output, world.registry.logs(), world.rows("syncs"), world.rows("repositories")];
  expect(everywhere.join("\n")).not.toMatch(/canary|YmVuOmNhbmFye/);
});

test("G16: a server that shows another host key is not spoken to until somebody confirms it", async () => {
  const name = "acme/ssh";
  const repository = await world.repository(name, [{ manifest: { name }, tags: ["1.0.0"] }]);
  const sshd = await startSshd({ root: world.gitRoot });
  endings.push(() => sshd.stop());
  const key = join(world.gitRoot, "id");
  await Bun.write(key, sshd.privateKey);
  const args = ["--name", "ssh", "--ssh-key", key];
  expect((await world.mirror(sshd.url(`${name}.git`), args)).code).toBe(0);
  const before = await world.versions(name);
  await sshd.rotateHostKey();
  await repository.commit({ manifest: { name }, tags: ["2.0.0"] });
  const refused = await world.resync("ssh");
  expect(refused.code).toBe(1);
  expect(refused.sync?.error).toMatch(/has changed: SHA256:\S+ was stored, the server now shows SHA256:\S+/);
  expect(eventNames(refused.events)).toContain("ssh.hostkey_changed");
  expect(await world.versions(name)).toEqual(before);
  await world.pricore("repo", "forget-host-key", "--org", world.org.slug, "ssh");
  expect((await world.resync("ssh")).code).toBe(0);
});

test("G17: what is not for export is left out, filters are never run, LFS pointers get a note", async () => {
  const name = "acme/attributes";
  const marker = join(world.gitRoot, "marker-17");
  const repository = await world.bareRepository(name);
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`;
  await repository.commit(
    {
      "composer.json": manifest(name),
      ".gitattributes": "tests export-ignore\n*.txt filter=evil\n*.bin filter=lfs\n",
      "tests/x.php": "x",
      "a.txt": "a",
      "big.bin": pointer,
    },
    { tag: "1.0.0" },
  );
  await repository.git("config", "filter.evil.smudge", `touch ${marker}; cat`);
  const mirrored = await world.mirror(repository.path);
  expect(mirrored.code).toBe(0);
  expect(await world.archived(name, "1.0.0")).toEqual([
    ".gitattributes",
    "a.txt",
    "big.bin",
    "composer.json",
  ]);
  expect(eventOf(mirrored, "version.noted")?.notes).toContain('"big.bin" is a Git LFS pointer');
  expect(existsSync(marker)).toBe(false);
  await succeeded(["git", "-C", repository.path, "archive", "--output", "/dev/null", "1.0.0"]);
  expect(existsSync(marker)).toBe(true);
});

test("G18: one commit gives the same archive, byte for byte, no matter who mirrors it", async () => {
  const name = "acme/same";
  const files = { "b.txt": "b", "a/run": { text: "#!/bin/sh\n", executable: true as const } };
  const { url } = await world.repository(name, [{ manifest: { name }, files, tags: ["1.0.0"] }]);
  expect((await world.mirror(url)).code).toBe(0);
  const other = await world.organization("other");
  await world.pricore("repo", "add", "--org", "other", url, "--sync", "--wait");
  const archives: string[] = [];
  for (const { url: base, token } of [world.org, other]) {
    const document = await fetch(`${base}/p2/${name}.json`, { headers: basic(token) });
    const { packages } = (await document.json()) as { packages: Record<string, { dist: { url: string } }[]> };
    const archive = await fetch(packages[name]?.[0]?.dist.url ?? "", { headers: basic(token) });
    expect(archive.status).toBe(200);
    archives.push(Buffer.from(await archive.bytes()).toString("base64"));
  }
  expect(archives[0]).toBe(archives[1] ?? "");
});
