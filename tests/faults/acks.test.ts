// R2: once a command has said that a sync is queued, no kill of the server loses it or does it twice.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Operator } from "../worlds/shell.ts";
import { makeRepository } from "../tools/repositories.ts";
import { startAsking } from "./asking.ts";
import { breaches } from "./invariants.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeAll(async () => void (ann = await openWorld({ in: "shell" })));
afterAll(() => ann?.close());

test("R2: a sync that was acknowledged is done, whenever after that the server is killed", async () => {
  const release = (tag: string) => ({
    manifest: { name: "acme/blog" },
    files: { "a.txt": tag },
    tags: [tag],
  });
  const port = String(reservedPort());
  const serve = () => ann.serve({ env: { PORT: port } });
  const repository = await makeRepository(ann.folder, "acme/blog", [release("1.0.0")]);
  let server = await serve();
  await ann.must("org", "create", "acme");
  const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  await ann.must("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
  const released = new Map([["1.0.0", await repository.reference("1.0.0")]]);
  const names = ["acme/blog", "acme/unknown"];
  const asking = startAsking({ url: `${server.url}/acme`, token, names, published: ["acme/blog"] });
  for (let kill = 1; kill <= 12; kill++) {
    const tag = `1.${kill}.0`;
    await repository.commit(release(tag));
    released.set(tag, await repository.reference(tag));
    await ann.must("sync", "--org", "acme", "blog");
    await Bun.sleep(kill * 15);
    server.kill("SIGKILL");
    await server.ended;
    server = await serve();
    await until(async () => {
      const { versions } = await ann.json<{ versions: { version: string }[] }>(
        ...["package", "show", "--org", "acme", "acme/blog"],
      );
      return versions.some(({ version }) => version === tag);
    });
  }
  const { requests: requestCount, wrong } = await asking.stop();
  expect([requestCount > 0, wrong]).toEqual([true, []]);
  server.kill("SIGTERM");
  await server.ended;
  expect(await breaches(ann.dataDir, { released, before: new Map() })).toEqual([]);
}, 120_000);
