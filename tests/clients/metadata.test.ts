// Conformance of how package documents are asked for and answered: numbers 13–15, 19–26, 33 and 34. What stands
// in them is in records.test.ts.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { makeRepository, type Step } from "../tools/repositories.ts";
import { withEachComposer } from "./clients.ts";
import { basic, get, lastModified, readDocument, readRoot } from "./documents.ts";
import { createProject, type Project } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

const manyNames = Array.from({ length: 50 }, (_, number) => `many/p${number + 1}`);
let world: ClientWorld;
let acme: Organization;
let many: Organization;

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  await world.publish(acme, "acme/blog", releases("acme/blog", "1.0.0", "1.1.0", "1.2.0-beta1"));
  await world.publish(acme, "acme/tags-only", [...releases("acme/tags-only", "1.0.0"), { manifest: null }]);
  many = await world.organization("many");
  const local = join(world.folder, "local");
  await Promise.all(manyNames.map((name) => makeRepository(local, name, releases(name, "1.0.0", "1.1.0"))));
  for (const name of manyNames) {
    await world.pricore("repo", "add", "--org", "many", join(local, `${name}.git`), "--name", name);
  }
  await world.pricore("sync", "--org", "many", "--all", "--wait");
}, 120_000);
afterAll(() => world?.close());

withEachComposer((composer) => {
  const project = (manifest: Record<string, unknown>): Promise<Project> =>
    createProject(world, { composer, org: acme, manifest });
  test("13: the newest matching tag is chosen, and only the document of stable versions is asked for", async () => {
    const site = await project({ require: { "acme/blog": "^1.0" } });
    world.registry.recorder.take();
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/blog": "1.1.0" });
    expect(p2Requests()).toEqual(["/acme/p2/acme/blog.json"]);
  });

  test("14: a required branch is found in the document of development versions", async () => {
    const site = await project({ require: { "acme/blog": "dev-main" } });
    world.registry.recorder.take();
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/blog": "dev-main" });
    expect(p2Requests().toSorted()).toEqual(["/acme/p2/acme/blog.json", "/acme/p2/acme/blog~dev.json"]);
  });

  test("15: a beta is found in the document of stable versions", async () => {
    const site = await project({ require: { "acme/blog": "^1.0" }, "minimum-stability": "beta" });
    world.registry.recorder.take();
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/blog": "1.2.0-beta1" });
    expect(p2Requests()).toEqual(["/acme/p2/acme/blog.json"]);
  });

  test("19: a name in capitals is asked for in lower case and found", async () => {
    const site = await project({});
    world.registry.recorder.take();
    expect(await site.say("show", "--available", "Acme/BLOG")).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^versions : .*1\.1\.0/m),
    });
    for (const path of p2Requests()) expect(path).toStartWith("/acme/p2/acme/blog");
  });

  test("21: a package without development versions is found silently where they are allowed", async () => {
    const site = await project({ require: { "acme/tags-only": "*" }, "minimum-stability": "dev" });
    const { code, text } = await site.say("update");
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text.match(/^.*(?:warning|tags-only~dev).*$/gim)).toEqual([
      expect.stringContaining("insecure protocol"),
    ]);
    expect(await site.installed()).toEqual({ "acme/tags-only": "1.0.0" });
  });

  test("23: two releases within a second are both seen by an update between and after them", async () => {
    const name = `acme/quick-${composer.version.replaceAll(".", "-")}`;
    const repository = await world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
    const site = await project({ require: { [name]: "*" } });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const seen = [lastModified(await readDocument(acme, name))];
    for (const tag of ["1.0.1", "1.0.2", "1.0.3"]) {
      await repository.commit({ manifest: { name }, tags: [tag] });
      await world.sync(acme, repository);
      seen.push(lastModified(await readDocument(acme, name)));
      expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
      expect((await site.lock()).packages[0]?.version).toBe(tag);
    }
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
  });

  test("24: a deleted version is no longer resolved, also with a warm cache", async () => {
    const name = `acme/shrinking-${composer.version.replaceAll(".", "-")}`;
    const steps = ["1.0.0", "1.1.0"].map((tag) => ({ manifest: { name }, tags: [tag] }));
    const repository = await world.publish(acme, name, steps);
    const site = await project({ require: { [name]: "*" } });
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    expect((await site.lock()).packages[0]?.version).toBe("1.1.0");
    const before = lastModified(await readDocument(acme, name));
    await repository.git("tag", "--delete", "1.1.0");
    expect(await world.sync(acme, repository)).toMatchObject({ removed: 1 });
    expect(lastModified(await readDocument(acme, name))).toBeGreaterThan(before);
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    expect((await site.lock()).packages[0]?.version).toBe("1.0.0");
  });

  test("25: a package that is gone is dropped by a client with a warm cache", async () => {
    const name = `acme/leaving-${composer.version.replaceAll(".", "-")}`;
    await world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
    const site = await project({ require: { [name]: "*" } });
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    const before = lastModified(await readDocument(acme, name));
    await world.pricore("repo", "remove", "--org", acme.slug, name);
    const document = await readDocument(acme, name);
    expect(document).toMatchObject({ status: 200, records: [] });
    expect(lastModified(document)).toBeGreaterThan(before);
    expect((await readRoot(acme)).json["available-packages"]).not.toContain(name);
    expect((await site.say("update", "--no-install")).code).not.toBe(0);
  });

  test("26: a token with less to see does not resolve from what another token left in the cache", async () => {
    const name = `acme/secret-${composer.version.replaceAll(".", "-")}`;
    await world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
    const narrow = await world.token(acme, `blog ${composer.version}`, "--package", "acme/blog");
    const site = await project({ require: { "acme/blog": "^1.0", [name]: "*" } });
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    await site.authenticate(narrow);
    const { code, text } = await site.say("update", "--no-install");
    expect(code).not.toBe(0);
    expect(text).toContain(name);
    await site.manifest({ require: { "acme/blog": "^1.0" } });
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    await site.authenticate(acme.token);
    await site.manifest({ require: { [name]: "*" } });
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
  });

  test("34: fifty packages are resolved over parallel connections without one refusal", async () => {
    const everything = Object.fromEntries(manyNames.map((name) => [name, "^1.0"]));
    const site = await createProject(world, { composer, org: many, manifest: { require: everything } });
    const { recorder } = world.registry;
    let open = 0;
    let most = 0;
    recorder.intercept = (_, response) => {
      most = Math.max(most, ++open);
      response.once("close", () => open--);
      return false;
    };
    recorder.take();
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    recorder.intercept = null;
    expect(most).toBeGreaterThan(4);
    const requests = recorder.take();
    expect(requests.filter(({ path }) => path.includes("/p2/"))).toHaveLength(50);
    expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await site.lock()).packages).toHaveLength(50);
  });
});

test("19: the document's key is in lower case", async () => {
  const lower = await get(acme, "/p2/acme/blog.json");
  expect(Object.keys(JSON.parse(lower.text).packages)).toEqual(["acme/blog"]);
});

test("20: a name that is not ours is a plain 404, and an unknown one of our vendor is an empty list", async () => {
  const foreign = await get(acme, "/p2/elsewhere/thing.json");
  expect(foreign.status).toBe(404);
  expect(foreign.headers.get("Content-Type")).toBe("application/json");
  expect(foreign.text.length).toBeLessThan(1024);
  expect(JSON.parse(foreign.text)).toEqual({ message: expect.any(String) });
  const ours = await get(acme, "/p2/acme/unheard-of.json");
  expect(ours.status).toBe(200);
  expect(JSON.parse(ours.text).packages).toEqual({ "acme/unheard-of": [] });
  expect(ours.headers.get("Last-Modified")).toMatch(/ GMT$/);
});

test("21: a package without development versions has an empty document of them", async () => {
  expect(await readDocument(acme, "acme/tags-only")).toMatchObject({
    status: 200,
    records: [{ version: "1.0.0" }],
  });
  expect(await readDocument(acme, "acme/tags-only~dev")).toMatchObject({ status: 200, records: [] });
});

test("22: every document has a Last-Modified and answers it with an empty 304", async () => {
  for (const path of [
    "/packages.json",
    "/p2/acme/blog.json",
    "/p2/acme/blog~dev.json",
    "/p2/acme/unheard-of.json",
  ]) {
    const { headers } = await get(acme, path);
    const validator = headers.get("Last-Modified") ?? "";
    const same = await get(acme, path, { "If-Modified-Since": validator });
    expect([path, same.status, same.text]).toEqual([path, 304, ""]);
    const older = new Date(Date.parse(validator) - 1000).toUTCString();
    expect((await get(acme, path, { "If-Modified-Since": older })).status).toBe(200);
  }
});

test("33: documents are sent compressed to who accepts it, and plain to who does not", async () => {
  const plain = await raw("/p2/acme/blog.json", "identity");
  expect(plain.encoding).toBeNull();
  const packed = await raw("/p2/acme/blog.json", "deflate, gzip, br, zstd");
  expect(packed.encoding).toBe("gzip");
  expect(packed.bytes.length).toBeLessThan(plain.bytes.length);
  expect(Buffer.from(Bun.gunzipSync(packed.bytes)).toString()).toBe(Buffer.from(plain.bytes).toString());
});

async function raw(
  path: string,
  encodings: string,
): Promise<{ encoding: string | null; bytes: Uint8Array<ArrayBuffer> }> {
  const response = await fetch(`${acme.url}${path}`, {
    headers: { ...basic(acme.token), "Accept-Encoding": encodings },
    decompress: false,
  });
  expect(response.status).toBe(200);
  return { encoding: response.headers.get("Content-Encoding"), bytes: await response.bytes() };
}

function releases(name: string, ...tags: string[]): Step[] {
  return tags.map((tag) => ({ manifest: { name }, tags: [tag] }));
}

/** The documents that were asked for since the recorder was last emptied. */
function p2Requests(): string[] {
  const paths = world.registry.recorder.take().map(({ path }) => path);
  return paths.filter((path) => path.includes("/p2/"));
}
