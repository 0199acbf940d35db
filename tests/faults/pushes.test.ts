// R2: once a push has been acknowledged, no kill of the server loses its sync.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Operator } from "../worlds/shell.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { makeRepository } from "../tools/repositories.ts";
import { listenBeside } from "../webhooks/beside.ts";
import { proofOf } from "../webhooks/recorded.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeAll(async () => void (ann = await openWorld({ in: "shell" })));
afterAll(() => ann?.close());

test("R2: a push that was acknowledged is synced, when the server is killed the moment after", async () => {
  const release = (tag: string) => ({ manifest: { name: "acme/blog" }, tags: [tag] });
  const port = String(reservedPort());
  const serve = () => ann.serve({ env: { PORT: port } });
  const repository = await makeRepository(ann.folder, "acme/blog", [release("1.0.0")]);
  let server = await serve();
  await ann.must("org", "create", "acme");
  await ann.must("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
  const { repositoryId, secret } = await listenBeside(ann.dataDir, "blog");
  const shows = async (tag: string) => {
    const shown = await ann.json<{ versions: { version: string }[] }>(
      ...["package", "show", "--org", "acme", "acme/blog"],
    );
    return shown.versions.some(({ version }) => version === tag);
  };
  for (let kill = 1; kill <= 8; kill++) {
    const tag = `1.${kill}.0`;
    await repository.commit(release(tag));
    const body = JSON.stringify({ ref: `refs/tags/${tag}` });
    const { status } = await fetch(`${server.url}/webhooks/git/${repositoryId}`, {
      method: "POST",
      headers: { ...proofOf("git", secret, body), "X-Pricore-Delivery": tag },
      body,
    });
    server.kill("SIGKILL");
    await server.ended;
    expect(status).toBe(202);
    server = await serve();
    await until(() => shows(tag));
  }
  server.kill("SIGTERM");
  await server.ended;
}, 120_000);
