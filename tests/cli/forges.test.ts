// Accounts at forges on the command line: a repository is added with one of them by its name.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { connectForge } from "../../src/registry/credentials/connect.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import type { FakeForge } from "../tools/forges/fake-forge.ts";
import { startForge } from "../tools/forges/forge.ts";
import { makeRepository } from "../tools/repositories.ts";
import { addAndSync } from "./mirroring.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let forge: FakeForge;

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  forge = startForge("gitlab", { root: ann.folder });
  forge.add("acme/blog");
  await makeRepository(ann.folder, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  await ann.must("org", "create", "acme");
  const parsed = parseConfig({ DATA_DIR: ann.dataDir, OUTBOUND_ALLOW: "127.0.0.1" });
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  const log = createLog({ level: "error", format: "json", write: () => {} });
  const app = await createApp(parsed.config, { log });
  const fields = { provider: "gitlab", address: forge.origin, email: "", token: forge.token, name: "robot" };
  await connectForge(app, await getOrganization(app.db, "acme"), { input: fields, actor: "cli" });
  await app.close();
});
afterAll(async () => {
  await forge?.stop();
  await ann?.close();
});

test("a repository is added with an account of the organization by its name, without a password", async () => {
  const url = `${forge.origin}/acme/blog.git`;
  const added = await addAndSync(ann, "acme", [url, "--credential", "robot"]);
  expect(added).toMatchObject({ code: 0, sync: { outcome: "changed", added: 2 } });
  expect(await ann.json<unknown>("repo", "list", "--org", "acme")).toMatchObject([
    { provider: "gitlab", url },
  ]);
  expect(added.stdout + added.stderr).not.toContain(forge.token);
});

test("its token is sent to its own host alone", async () => {
  const elsewhere = await addAndSync(ann, "acme", ["https://git.acme.test/x.git", "--credential", "robot"]);
  expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining("never sent to another host") });
});

test("any other name is a user, whose password is asked for", async () => {
  const url = `${forge.origin}/acme/blog.git`;
  const unknown = await addAndSync(ann, "acme", [url, "--name", "second", "--credential", "ben"]);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("No password was given") });
});
