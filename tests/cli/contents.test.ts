// Repositories whose contents cannot become packages, wholly or in part.
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { succeeded } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import { addAndSync } from "./mirroring.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let git: GitHttpServer;
/** A new organization for each test. */
let org = "";
let organizations = 0;

const add = (url: string) => addAndSync(ann, org, [url]);

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  git = startGitHttp({ root: ann.folder });
});
afterAll(async () => {
  await git?.stop();
  await ann?.close();
});
beforeEach(async () => {
  org = `org-${++organizations}`;
  await ann.must("org", "create", org);
});

test("a repository without composer.json, or without any branch, publishes nothing and says what is missing", async () => {
  await makeRepository(ann.folder, `${org}/bare`, [{ manifest: null, tags: ["1.0.0"] }]);
  await succeeded(["git", "init", "--quiet", "--bare", join(ann.folder, `${org}/empty.git`)]);
  const bare = await add(`${git.url}/${org}/bare.git`);
  expect(bare.code).toBe(1);
  expect(bare.sync?.error).toMatch(/No valid composer\.json was found .*no composer\.json at the root/);
  const empty = await add(`${git.url}/${org}/empty.git`);
  expect(empty.code).toBe(1);
  expect(empty.sync?.error).toContain("has no branches and no tags");
});

test("a repository with an invalid manifest in one tag publishes the others and gives the reason", async () => {
  await makeRepository(ann.folder, `${org}/mixed`, [
    { manifest: "{", tags: ["0.1.0"] },
    { manifest: { name: null }, tags: ["0.2.0"] },
    { manifest: { name: "acme/mixed", version: "9.9.9" }, tags: ["0.3.0"] },
    { manifest: { name: "acme/mixed" }, tags: ["1.0.0"] },
  ]);
  const { code, sync } = await add(`${git.url}/${org}/mixed.git`);
  expect(code).toBe(0);
  const reasons = new Map(sync?.skipped.map(({ ref, reason }) => [ref, reason]));
  expect([...reasons.keys()].toSorted()).toEqual(["0.1.0", "0.3.0"]);
  for (const [ref, reason] of reasons) expect(reason).toStartWith(`Tag ${ref}: `);
  expect(reasons.get("0.1.0")).toContain("not valid JSON at line 1, column 2");
  expect(sync?.added).toBe(3);
  expect(reasons.get("0.3.0")).toContain("9.9.9");
});

test("a repository with absurd refs publishes what is a version, gives a reason for the rest, and runs none of them", async () => {
  const repository = await makeRepository(ann.folder, `${org}/odd`, [
    { manifest: { name: "acme/odd" }, tags: ["1.0.0", "v1.0.0", "1.0"] },
  ]);
  const trap = join(ann.folder, "trap");
  const commit = await repository.reference("main");
  const tree = await repository.git("rev-parse", "main^{tree}");
  const names = [
    `$(touch\${IFS}${trap})`,
    `;touch\${IFS}${trap};`,
    "<script>alert(1)</script>",
    "9".repeat(200),
    "ünïcode-🎼",
    "--output=x",
    "1.0.0#beta",
    "release/2024-01-01",
    "%2e%2e%2f",
  ];
  const lines = names.flatMap((name) => [`${commit} refs/tags/${name}`, `${commit} refs/heads/x/${name}`]);
  lines.push(`${commit} refs/tags/${"long/".repeat(60)}end`, `${tree} refs/tags/2.0.0`);
  // git itself would not make some of them.
  await repository.git("pack-refs", "--all");
  const packed = join(repository.path, "packed-refs");
  const own = (await Bun.file(packed).text()).split("\n").filter((line) => line.includes(" refs/"));
  const head = "# pack-refs with: peeled fully-peeled sorted";
  await Bun.write(packed, `${[head, ...[...own, ...lines].toSorted(byName)].join("\n")}\n`);
  const { code, sync, stdout, stderr } = await add(`${git.url}/${org}/odd.git`);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const skipped = sync?.skipped.map(({ ref }) => ref) ?? [];
  for (const name of ["2.0.0", "--output=x", "long/long/", "$(touch", "<script>"])
    expect(skipped.filter((ref) => ref.startsWith(name))).not.toEqual([]);
  for (const { reason } of sync?.skipped ?? []) expect(reason).toMatch(/\w/);
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
  expect(await Bun.file(trap).exists()).toBe(false);
  const { versions } = await ann.json<{ versions: { versionNormalized: string }[] }>(
    "package",
    "show",
    "--org",
    org,
    "acme/odd",
  );
  expect(versions.map(({ versionNormalized }) => versionNormalized)).toContain("1.0.0.0");
});

test("a repository that loses most of its tags stops and names the command that confirms it", async () => {
  const tags = Array.from({ length: 12 }, (_, index) => `1.${index}.0`);
  const repository = await makeRepository(ann.folder, `${org}/shrinking`, [
    { manifest: { name: "acme/shrinking" }, tags },
  ]);
  expect((await add(`${git.url}/${org}/shrinking.git`)).code).toBe(0);
  await repository.git("tag", "-d", ...tags);
  const stopped = await ann.run(["sync", "--org", org, "shrinking", "--wait"]);
  expect(stopped.code).toBe(1);
  expect(stopped.stdout).toContain("12 of 13 versions would be removed");
  const command = /run: pricore (.*)/.exec(stopped.stdout)?.[1] ?? "";
  expect(await ann.json<{ removed: number }[]>(...command.split(" "), "--wait")).toMatchObject([
    { removed: 12 },
  ]);
});

function byName(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a.split(" ")[1] ?? ""), Buffer.from(b.split(" ")[1] ?? ""));
}
