// Conformance of packages.json: numbers 1–10.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { succeeded } from "../tools/process.ts";
import { startRecorder } from "../tools/recorder.ts";
import { clients, withEachComposer } from "./clients.ts";
import { basic, get, lastModified, readDocument, readRoot } from "./documents.ts";
import { createProject } from "./project.ts";
import { startPublicRepository, type PublicRepository } from "./public-repository.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;
let empty: Organization;
let elsewhere: PublicRepository;

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  empty = await world.organization("empty");
  await world.publish(acme, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    { manifest: { name: "acme/blog" }, tags: ["1.1.0"] },
  ]);
  elsewhere = startPublicRepository({ "pub/x": ["1.0.0"] });
});
afterAll(async () => {
  await elsewhere?.stop();
  await world?.close();
});

withEachComposer((composer) => {
  test("1: an update asks for packages.json with its credentials and learns where packages are", async () => {
    const project = await createProject(world, { composer, org: acme, manifest: requires("acme/blog") });
    world.registry.recorder.take();
    expect(await project.say("update")).toMatchObject({ code: 0 });
    const root = world.registry.recorder.take().find(({ path }) => path === "/acme/packages.json");
    expect(root?.headers["authorization"]).toBe(basic(acme.token)["Authorization"]);
    expect(root?.status).toBe(200);
    expect((await readRoot(acme)).json["metadata-url"]).toContain("%package%");
  });

  test("2: a trailing slash or the name of the document in the address makes no difference", async () => {
    for (const url of [`${acme.url}/`, `${acme.url}/packages.json`]) {
      const repositories = [{ type: "composer", url }];
      const manifest = requires("acme/blog");
      const project = await createProject(world, { composer, org: acme, manifest, repositories });
      world.registry.recorder.take();
      expect(await project.say("update", "--no-install")).toMatchObject({ code: 0 });
      const requests = world.registry.recorder.take().map(({ path }) => path);
      expect(requests).toContain("/acme/packages.json");
      expect(requests).toContain("/acme/p2/acme/blog.json");
    }
  });

  test("3: every request stays under the organization's own path", async () => {
    const project = await createProject(world, { composer, org: acme, manifest: requires("acme/blog") });
    world.registry.recorder.take();
    expect(await project.say("update")).toMatchObject({ code: 0 });
    const requests = world.registry.recorder.take().map(({ path }) => path);
    expect(requests.filter((path) => !path.startsWith("/acme/"))).toEqual([]);
    expect(requests.some((path) => path.startsWith("/acme/p2/"))).toBe(true);
  });

  test("5: an organization without packages is not asked for public ones", async () => {
    const repositories = [
      { type: "composer", url: empty.url },
      { type: "composer", url: elsewhere.url },
    ];
    const manifest = requires("pub/x");
    const project = await createProject(world, { composer, org: empty, manifest, repositories });
    world.registry.recorder.take();
    expect(await project.say("update")).toMatchObject({ code: 0 });
    expect(world.registry.recorder.take().map(({ path }) => path)).toEqual(["/empty/packages.json"]);
    expect(await project.installed()).toEqual({ "pub/x": "1.0.0" });
  });

  test("6: an organization is asked for its own packages only", async () => {
    const repositories = [
      { type: "composer", url: acme.url },
      { type: "composer", url: elsewhere.url },
    ];
    const manifest = requires("acme/blog", "pub/x");
    const project = await createProject(world, { composer, org: acme, manifest, repositories });
    world.registry.recorder.take();
    expect(await project.say("update")).toMatchObject({ code: 0 });
    const requests = world.registry.recorder.take().filter(({ path }) => path.includes("/p2/"));
    expect([...new Set(requests.map(({ path }) => path))]).toEqual(["/acme/p2/acme/blog.json"]);
    expect(await project.installed()).toEqual({ "acme/blog": "1.1.0", "pub/x": "1.0.0" });
  });

  test("7: a package can be required as soon as its first sync has ended", async () => {
    const name = `acme/fresh-${composer.version.replaceAll(".", "-")}`;
    const project = await createProject(world, { composer, org: acme, manifest: requires("acme/blog") });
    expect(await project.say("update")).toMatchObject({ code: 0 });
    await project.manifest(requires(name));
    const before = await project.say("update");
    expect(before.code).not.toBe(0);
    await world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
    expect(await project.say("update")).toMatchObject({ code: 0 });
    expect(await project.installed()).toEqual({ [name]: "1.0.0" });
  });

  test("8: an unchanged packages.json is answered with an empty 304", async () => {
    const project = await createProject(world, { composer, org: acme, manifest: requires("acme/blog") });
    expect(await project.say("update")).toMatchObject({ code: 0 });
    const { headers } = await readRoot(acme);
    world.registry.recorder.take();
    expect(await project.say("update")).toMatchObject({ code: 0 });
    const root = world.registry.recorder.take().find(({ path }) => path === "/acme/packages.json");
    expect(root?.headers["if-modified-since"]).toBe(headers.get("Last-Modified") ?? "");
    expect(root).toMatchObject({ status: 304, size: 0 });
  });

  test("10: a notice of the organization is shown once and the update succeeds", async () => {
    const project = await createProject(world, { composer, org: acme, manifest: requires("acme/blog") });
    expect((await project.say("update")).text).not.toContain("Info from");
    await world.pricore("org", "update", "acme", "--notice", "Maintenance on Sunday");
    const { code, text } = await project.say("update");
    await world.pricore("org", "update", "acme", "--notice", "");
    expect(code).toBe(0);
    expect(text.match(/^Info from .*Maintenance on Sunday$/gm)).toHaveLength(1);
  });
});

test("3: every address in packages.json carries the organization's path", async () => {
  const { json } = await readRoot(acme);
  const addresses = Object.entries(json).filter(([, value]) => typeof value === "string");
  expect(addresses.map(([key]) => key).toSorted()).toEqual([
    "list",
    "metadata-url",
    "notify-batch",
    "providers-api",
    "search",
  ]);
  for (const [, url] of addresses) expect(url).toStartWith(`${acme.url}/`);
});

test("FC15: Composer 1, which can read nothing here, is told so instead of an empty list", async () => {
  for (const token of [acme.token, await world.token(acme, "old", "--package", "acme/blog")])
    for (const version of ["1.0.0-alpha11", "1.10.27"]) {
      const headers = { "User-Agent": `Composer/${version} (Linux; 6.1; PHP 7.2.34)` };
      const answer = await get({ ...acme, token }, "/packages.json", headers);
      expect([version, answer.status]).toEqual([version, 406]);
      // Else Composer prints nothing of it.
      expect(answer.headers.get("Content-Type")).toBe("application/json");
      const { warning } = JSON.parse(answer.text) as { warning: string };
      expect(warning).toContain("Composer 2");
    }
  for (const version of ["2.0.0", "10.1.0"]) {
    const headers = { "User-Agent": `Composer/${version} (Linux; 6.1; PHP 8.2.0)` };
    expect([version, (await get(acme, "/packages.json", headers)).status]).toEqual([version, 200]);
  }
});

test("5: packages.json of an organization without packages closes the gate with a pattern", async () => {
  const { json } = await readRoot(empty);
  expect(json["available-packages"]).toEqual([]);
  expect(json["available-package-patterns"]).toEqual(["-none-/*"]);
});

test("7: a new package is in packages.json when the command that synced it returns", async () => {
  await world.publish(acme, "acme/prompt", [{ manifest: { name: "acme/prompt" }, tags: ["1.0.0"] }]);
  expect((await readRoot(acme)).json["available-packages"]).toContain("acme/prompt");
});

test("9: Last-Modified of packages.json rises with every change, also several in one second", async () => {
  const seen = [lastModified(await readRoot(acme))];
  for (const name of ["acme/one", "acme/two"]) {
    await world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
    seen.push(lastModified(await readRoot(acme)));
  }
  for (const notice of ["a", "b", "c"]) {
    await world.pricore("org", "update", acme.slug, "--notice", notice);
    seen.push(lastModified(await readRoot(acme)));
  }
  expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
  expect(lastModified(await readRoot(acme))).toBe(seen.at(-1) ?? 0);
});

// The last two move the registry to other addresses.

test("9: Last-Modified of packages.json and of packages rises when the registry moves to another address", async () => {
  const rootBefore = lastModified(await readRoot(acme));
  const blogBefore = lastModified(await readDocument(acme, "acme/blog"));
  const { recorder } = world.registry;
  await world.registry.stop();
  await world.registry.start({ APP_URL: `http://localhost:${recorder.port}` });
  const moved = { ...acme, url: `http://localhost:${recorder.port}/acme` };
  const root = await readRoot(moved);
  expect(root.json["metadata-url"]).toStartWith(`${moved.url}/`);
  expect(lastModified(root)).toBeGreaterThan(rootBefore);
  expect(lastModified(await readDocument(moved, "acme/blog"))).toBeGreaterThan(blogBefore);
  expect((await get(acme, "/packages.json")).status).toBe(421);
});

test("4: behind a TLS proxy every address has https, the public host and its port", async () => {
  const tls = await certificate(world.folder);
  const proxy = await startRecorder(0, { hostname: "localhost", tls });
  await world.registry.stop();
  await world.registry.start({ APP_URL: proxy.origin });
  proxy.target = world.registry.port;
  const org = { ...acme, url: `${proxy.origin}/acme` };
  try {
    expect(proxy.origin).toStartWith("https://localhost:");
    for (const composer of clients) {
      const config = { cafile: join(world.folder, "tls.crt") };
      const manifest = { ...requires("acme/blog"), config };
      const project = await createProject(world, { composer, org, manifest });
      expect(await project.say("update")).toMatchObject({ code: 0 });
      const [blog] = (await project.lock()).packages;
      expect(blog?.dist?.url).toStartWith(`${org.url}/`);
    }
    const paths = proxy.take().map(({ path }) => path.replace(/[0-9a-f]{40}/, "…"));
    expect(paths).toContain("/acme/packages.json");
    expect(paths).toContain("/acme/dists/acme/blog/1.1.0/….zip");
    expect(paths).toContain("/acme/notify-batch");
  } finally {
    await proxy.stop();
  }
});

async function certificate(folder: string): Promise<{ key: string; cert: string }> {
  const [key, cert] = [join(folder, "tls.key"), join(folder, "tls.crt")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert];
  await succeeded(["openssl", "req", "-x509", ...made, ...names]);
  return { key: await Bun.file(key).text(), cert: await Bun.file(cert).text() };
}

function requires(...names: string[]): { require: Record<string, string> } {
  return { require: Object.fromEntries(names.map((name) => [name, "*"])) };
}
