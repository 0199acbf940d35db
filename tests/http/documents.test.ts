// What Composer may keep, for how long it is told that nothing changed, and when everything is written anew.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { makeRepository } from "../tools/repositories.ts";
import { type Published } from "../worlds/published.ts";
import { openWorld } from "../worlds/world.ts";

let ground: Published;
beforeAll(async () => void (ground = await openWorld({ in: "shell", published: true })));
afterAll(() => ground?.close());

const root = "/acme/packages.json";
const stable = "/acme/p2/acme/blog.json";
const dev = "/acme/p2/acme/blog~dev.json";
const shield = "/acme/p2/acme/unknown.json";

test("root, packages and shields have a Last-Modified that an equal If-Modified-Since answers with nothing", async () => {
  for (const path of [root, stable, dev, shield]) {
    const first = await ground.ask(path);
    const date = first.headers.get("Last-Modified") ?? "";
    expect([path, first.status, new Date(date).toUTCString()]).toEqual([path, 200, date]);
    expect(first.headers.get("Content-Type")).toBe("application/json");
    const again = await ground.ask(path, { headers: { "If-Modified-Since": date } });
    expect([path, again.status, await again.text()]).toEqual([path, 304, ""]);
    for (const other of [new Date(Date.parse(date) - 1000).toUTCString(), "yesterday", "0"]) {
      const { status } = await ground.ask(path, { headers: { "If-Modified-Since": other } });
      expect([path, other, status]).toEqual([path, other, 200]);
    }
  }
});

test("everybody who asks at the same time is told that nothing changed, with the same headers, to GET and to HEAD", async () => {
  const date = (await ground.ask(stable)).headers.get("Last-Modified") ?? "";
  const reads = Array.from({ length: 50 }, (_, number) =>
    ground.ask(stable, { method: number % 2 === 0 ? "GET" : "HEAD", headers: { "If-Modified-Since": date } }),
  );
  for (const response of await Promise.all(reads)) {
    expect([response.status, await response.text()]).toEqual([304, ""]);
    const { headers } = response;
    expect([headers.get("Last-Modified"), headers.get("Cache-Control")]).toEqual([date, "private, no-cache"]);
  }
});

test("a root that shows only part has none and is always sent whole", async () => {
  const token = await ground.makeToken("narrow", "--package", "acme/blog");
  const date = (await ground.ask(root)).headers.get("Last-Modified") ?? "";
  const response = await ground.ask(root, { token, headers: { "If-Modified-Since": date } });
  expect(response.status).toBe(200);
  expect(response.headers.get("Last-Modified")).toBe(null);
  expect(response.headers.get("Cache-Control")).toBe("private, no-store");
  expect(await response.json()).toMatchObject({ "available-packages": ["acme/blog"] });
});

test("each change of a document raises its date by a second at least, and only its own", async () => {
  const before = await dates();
  await ground.repository.commit({ manifest: { name: "acme/blog" }, tags: ["1.1.0", "1.2.0"] });
  await ground.sync();
  const after = await dates();
  expect(after[stable] - before[stable]).toBeGreaterThanOrEqual(1000);
  expect(after[dev] - before[dev]).toBeGreaterThanOrEqual(1000);
  expect([after[root], after[shield]]).toEqual([before[root], before[shield]]);
  await ground.repository.git("tag", "-d", "1.2.0");
  await ground.sync();
  const last = await dates();
  expect(last[stable] - after[stable]).toBeGreaterThanOrEqual(1000);
  expect(last[dev]).toBe(after[dev]);
});

test("a name that turns from unknown into a package, and back, moves forward only", async () => {
  const { ann } = ground;
  const before = await dateOf(shield);
  const { path } = await makeRepository(ann.folder, "acme/unknown", [
    { manifest: { name: "acme/unknown" }, tags: ["1.0.0"] },
  ]);
  await ann.must("repo", "add", "--org", "acme", path, "--sync", "--wait");
  const published = await dateOf(shield);
  await ann.must("repo", "remove", "--org", "acme", "unknown");
  const removed = await dateOf(shield);
  expect([published - before >= 1000, removed - published >= 1000]).toEqual([true, true]);
  const gone = await ground.ask(shield);
  expect(await gone.json()).toEqual({ minified: "composer/2.0", packages: { "acme/unknown": [] } });
});

test("an unknown name is the shield under an owned vendor, and 404 without a warning under any other", async () => {
  const hidden = await ground.ask("/acme/p2/acme/anything~dev.json");
  expect([hidden.status, await hidden.json()]).toEqual([
    200,
    { minified: "composer/2.0", packages: { "acme/anything": [] } },
  ]);
  const missing = await ground.ask("/acme/p2/symfony/console.json");
  expect([missing.status, missing.headers.get("Content-Type")]).toEqual([404, "application/json"]);
  expect(await missing.json()).toEqual({ message: "There is no package symfony/console here." });
  await ground.ann.must("org", "vendor", "add", "acme", "symfony");
  expect((await ground.ask("/acme/p2/symfony/console.json")).status).toBe(200);
  await ground.ann.must("org", "vendor", "remove", "acme", "symfony");
  expect((await ground.ask("/acme/p2/symfony/console.json")).status).toBe(404);
});

test("another APP_URL writes every document anew with a later date; the same one writes nothing", async () => {
  const ben = await openWorld({ in: "shell", published: true });
  const paths = [root, stable, dev];
  const token = ben.token;
  const read = async (url: string, port: number) => {
    const headers = { Host: new URL(url).host, Authorization: `Bearer ${token}` };
    const answers = paths.map((path) => fetch(`http://127.0.0.1:${port}${path}`, { headers }));
    return Promise.all(
      (await Promise.all(answers)).map(async (answer) => ({
        status: answer.status,
        date: Date.parse(answer.headers.get("Last-Modified") ?? ""),
        text: await answer.text(),
      })),
    );
  };
  const before = await read(ben.server.url, ben.server.port);
  ben.server.kill("SIGTERM");
  await ben.server.ended;
  const env = { APP_URL: "https://packages.acme.test" };
  const moved = await ben.ann.serve({ env });
  const after = await read(env.APP_URL, moved.port);
  for (const [index, { status, date, text }] of after.entries()) {
    expect([paths[index], status]).toEqual([paths[index], 200]);
    expect(text).not.toContain(ben.server.url);
    if (text.includes("http")) {
      expect(text).toContain("https://packages.acme.test/acme/");
      expect(date - (before[index]?.date ?? 0)).toBeGreaterThanOrEqual(1000);
    }
  }
  moved.kill("SIGTERM");
  await moved.ended;
  const again = await ben.ann.serve({ env });
  expect(await read(env.APP_URL, again.port)).toEqual(after);
  await ben.close();
});

type Path = typeof root | typeof stable | typeof dev | typeof shield;

async function dates(): Promise<Record<Path, number>> {
  return {
    [root]: await dateOf(root),
    [stable]: await dateOf(stable),
    [dev]: await dateOf(dev),
    [shield]: await dateOf(shield),
  };
}

async function dateOf(path: string): Promise<number> {
  return Date.parse((await ground.ask(path)).headers.get("Last-Modified") ?? "");
}
