// Conformance of archives: numbers 45–48 and 51–56. Numbers 49 and 50 are in s3.test.ts.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { succeeded } from "../tools/process.ts";
import { withEachComposer } from "./clients.ts";
import { basic, readVersion } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;

const script = { text: "#!/bin/sh\necho blog\n", executable: true } as const;
const blog = {
  name: "acme/blog",
  bin: ["bin/blog"],
  archive: { exclude: ["/docs", "!/docs/keep.md", "*.log"] },
};

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  // Without the address of its repository a package can only be installed from its archive.
  await world.pricore("org", "update", "acme", "--source", "off");
  const files = {
    "bin/blog": script,
    "tools/check": script,
    "src/Blog.php": "<?php\n",
    ".gitattributes": "/tests export-ignore\n*.dist export-ignore\n",
    "tests/BlogTest.php": "<?php\n",
    "phpunit.xml.dist": "<phpunit/>\n",
    "docs/index.md": "left out\n",
    "docs/keep.md": "kept\n",
    "debug.log": "left out\n",
  };
  await world.publish(acme, "acme/blog", [
    { manifest: blog, files, tags: ["1.0.0"] },
    { branch: "feature/foo", manifest: blog, files },
  ]);
  await world.publish(acme, "acme/secret", [{ manifest: { name: "acme/secret" }, tags: ["1.0.0"] }]);
});
afterAll(() => world?.close());

withEachComposer((composer) => {
  const project = (require: Record<string, string>, org = acme) =>
    createProject(world, { composer, org, manifest: { require } });

  test("45: a fresh client gets each archive with one request and finds the promised checksum", async () => {
    const site = await project({ "acme/blog": "1.0.0", "acme/secret": "1.0.0" });
    world.registry.recorder.take();
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const archives = world.registry.recorder.take().filter(({ path }) => path.includes("/dists/"));
    expect(archives.map(({ status }) => status)).toEqual([200, 200]);
    for (const { dist } of (await site.lock()).packages) {
      expect(sha1(await download(dist?.url ?? ""))).toBe(dist?.shasum ?? "");
    }
  });

  test("47: an executable keeps its mode", async () => {
    const site = await project({ "acme/blog": "1.0.0" });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    // The client itself makes what `bin` names executable; the archive alone does it for the other.
    for (const [file, wanted] of [
      ["bin/blog", "755"],
      ["tools/check", "755"],
      ["src/Blog.php", "644"],
    ] as const) {
      const { mode } = await stat(join(site.dir, "vendor/acme/blog", file));
      expect([file, (mode & 0o777).toString(8)]).toEqual([file, wanted]);
    }
    expect(await succeeded([join(site.dir, "vendor/bin/blog")])).toBe("blog\n");
  });

  test("48: what .gitattributes and composer.json exclude is not installed", async () => {
    const site = await project({ "acme/blog": "1.0.0" });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const files = await readdir(join(site.dir, "vendor/acme/blog"), { recursive: true });
    expect(files.filter((file) => file.includes(".")).toSorted()).toEqual([
      ".gitattributes",
      "composer.json",
      "docs/keep.md",
      "src/Blog.php",
    ]);
  });

  test("51: an archive that the token may not see is refused in our words", async () => {
    const site = await project({ "acme/secret": "1.0.0" });
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    await site.authenticate(await world.token(acme, `blog ${composer.version}`, "--package", "acme/blog"));
    const { code, text } = await site.say("install");
    expect(code).not.toBe(0);
    expect(text).toMatch(/Warning from 127\.0\.0\.1:\d+: \S+/);
    expect(text).toContain("404");
    expect(site.has("vendor/acme/secret")).toBe(false);
  });

  test("52: an old lock file installs after its tag and its repository are gone and the server restarted", async () => {
    const name = `acme/past-${composer.version.replaceAll(".", "-")}`;
    const manifest = { name };
    const repository = await world.publish(acme, name, [
      { manifest, tags: ["1.0.0"] },
      { manifest, tags: ["1.1.0"] },
    ]);
    const site = await project({ [name]: "1.0.0" });
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    await repository.git("tag", "--delete", "1.0.0");
    await world.sync(acme, repository);
    await world.pricore("repo", "remove", "--org", "acme", name);
    await world.registry.stop();
    await world.registry.start();
    expect(await site.say("install")).toMatchObject({ code: 0 });
    expect(site.has(`vendor/${name}/composer.json`)).toBe(true);
  });

  test("56: a branch with a slash in its name has a plain address and installs", async () => {
    const site = await project({ "acme/blog": "dev-feature/foo" });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/blog": "dev-feature/foo" });
    const url = (await site.lock()).packages[0]?.dist?.url ?? "";
    expect(url.slice(`${acme.url}/dists/`.length).split("/")).toHaveLength(4);
    // Composer itself fills in the commit that it holds.
    expect(url).toEndWith("/%reference%.zip");
    expect(url.replace("%reference%", "")).not.toContain("%");
  });
});

test("46: the same reference gives the same bytes for ever, with and without v and after a restart", async () => {
  const { dist } = await readVersion(acme, "acme/blog", "1.0.0");
  const first = sha1(await download(dist.url));
  expect(first).toBe(dist.shasum);
  await world.registry.stop();
  await world.registry.start();
  expect(sha1(await download(dist.url))).toBe(first);
  expect(sha1(await download(dist.url.replace("/1.0.0/", "/v1.0.0/")))).toBe(first);
});

test("47: an archive has one top folder with composer.json in it", async () => {
  const { dist } = await readVersion(acme, "acme/blog", "1.0.0");
  const file = join(world.folder, "blog.zip");
  await writeFile(file, await download(dist.url));
  const names = (await succeeded(["unzip", "-Z1", file])).trim().split("\n");
  const [top] = names.map((name) => name.split("/")[0] ?? "");
  for (const name of names) expect(name).toStartWith(`${top}/`);
  expect(names).toContain(`${top}/composer.json`);
});

test("53: a damaged or shortened archive is never served as if it were whole", async () => {
  for (const [name, damage] of [
    ["acme/flipped", flip],
    ["acme/shortened", (path: string) => truncate(path, 40)],
    ["acme/lost", (path: string) => rm(path)],
  ] as const) {
    await world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
    const { dist } = await readVersion(acme, name, "1.0.0");
    expect(sha1(await download(dist.url))).toBe(dist.shasum);
    const path = await storedArchive(dist.shasum);
    const whole = await readFile(path);
    await damage(path);
    const response = await fetch(dist.url, { headers: basic(acme.token) });
    expect([name, response.status]).toEqual([name, 503]);
    expect(response.headers.get("Retry-After")).toMatch(/^\d+$/);
    await writeFile(path, whole);
    expect(sha1(await download(dist.url))).toBe(dist.shasum);
  }
});

test("54: HEAD, a range and a validator are answered as a proxy expects", async () => {
  const { dist } = await readVersion(acme, "acme/blog", "1.0.0");
  const bytes = await download(dist.url);
  const ask = (headers: Record<string, string>, method = "GET") =>
    fetch(dist.url, { method, headers: { ...basic(acme.token), ...headers } });
  const head = await ask({}, "HEAD");
  expect([head.status, head.headers.get("Content-Length")]).toEqual([200, String(bytes.length)]);
  expect((await head.bytes()).length).toBe(0);
  const etag = head.headers.get("ETag") ?? "";
  expect(etag).toMatch(/^"[^"]+"$/);
  expect(head.headers.get("Cache-Control")).toBe("private, max-age=31536000, immutable");
  expect(head.headers.get("Content-Disposition")).toStartWith("attachment");
  const part = await ask({ Range: "bytes=10-19" });
  expect([part.status, part.headers.get("Content-Range")]).toEqual([206, `bytes 10-19/${bytes.length}`]);
  expect(await part.bytes()).toEqual(bytes.slice(10, 20));
  const end = await ask({ Range: "bytes=-5" });
  expect(await end.bytes()).toEqual(bytes.slice(-5));
  expect((await ask({ Range: `bytes=${bytes.length}-` })).status).toBe(416);
  expect((await ask({ "If-None-Match": etag })).status).toBe(304);
});

test("55: an address that climbs out of its folder is not found", async () => {
  const { dist } = await readVersion(acme, "acme/blog", "1.0.0");
  const real = new URL(dist.url).pathname;
  expect(await rawStatus(real)).toBe(200);
  for (const path of [
    "/acme/dists/%2e%2e/%2e%2e/app.key",
    "/acme/dists/acme/blog/1.0.0/%2e%2e%2f%2e%2e%2f%2e%2e%2fapp.key",
    `/acme/dists/acme/blog/1.0.0/%2e%2e%2f${dist.reference}.zip`,
    "/acme/dists/acme/blog/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/acme/dists/../../app.key",
    "/acme/dists/acme/blog/1.0.0/..%5c..%5capp.key.zip",
    "/acme/p2/%2e%2e/%2e%2e%2fpackages.json",
    "/acme/dists/acme/blog/1.0.0/%00.zip",
  ]) {
    expect([path, await rawStatus(path)]).toEqual([path, 404]);
  }
});

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { headers: basic(acme.token) });
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  return response.bytes();
}

function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

/** Looks for the file with these bytes below the data directory. */
async function storedArchive(shasum: string): Promise<string> {
  for (const entry of await readdir(world.registry.dataDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && sha1(await readFile(path)) === shasum) return path;
  }
  throw new Error(`No stored file has the SHA-1 ${shasum}`);
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

/** The status of a request whose path goes over the wire as it is. */
function rawStatus(path: string): Promise<number> {
  const { port, recorder } = world.registry;
  const lines = [`GET ${path} HTTP/1.1`, `Host: ${recorder.host}`, "Connection: close"];
  const [[name, value] = []] = Object.entries(basic(acme.token));
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`${[...lines, `${name}: ${value}`].join("\r\n")}\r\n\r\n`),
    );
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.once("error", reject);
    socket.once("close", () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])));
  });
}
