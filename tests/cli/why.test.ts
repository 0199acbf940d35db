// `why`: for each way in which a version can be missing, where it stopped, and what to do about it.
import { databaseBeside } from "../attacks/database-beside.ts";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeRepository, type GitRepository, type Step } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

type StepFound = { step: string; state: string; detail: string; remedy: string | null };
type Explained = {
  package: string;
  version: string | null;
  answer: string;
  installable: boolean;
  steps: StepFound[];
  notes: unknown[];
};

let ann: Operator;
let blog: GitRepository;

/** Without a webhook, whose steps are another test's. */
const chain = ["repository", "ref", "manifest", "archive", "published", "visible"];

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  await ann.must("org", "create", "acme");
  blog = await publish("acme/blog", [
    { manifest: "{", tags: ["0.9.0"] },
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    { manifest: { name: "acme/blog", version: "7.0.0" }, branch: "next", tags: ["2.0.0"] },
  ]);
});
afterAll(() => ann?.close());

test("a version that is there has good steps all the way, by its tag, its normalized form and its branch", async () => {
  for (const version of ["1.0.0", "v1.0", "1.0.0.0", "dev-main", "main"]) {
    const { steps, answer, ...rest } = await why("Acme/Blog", version);
    expect(rest).toEqual({ package: "acme/blog", version, installable: true, notes: [] });
    expect(answer).toMatch(/^(?:1\.0\.0|dev-main) is installable at [0-9a-f]{7}\.$/);
    expect([version, steps.map(({ step, state }) => [step, state])]).toEqual([
      version,
      chain.map((step) => [step, "ok"]),
    ]);
    for (const { detail, remedy } of steps)
      expect([remedy, detail]).toEqual([null, expect.stringMatching(/\w/)]);
  }
});

test("a package without a version to look for is explained as a whole", async () => {
  const { version, answer, steps } = await why("acme/blog");
  expect(answer).toBe("acme/blog is installable; the newest version is 1.0.0.");
  expect([version, steps.map(({ state }) => state)]).toEqual([null, chain.map(() => "ok")]);
});

test("what nobody publishes stops at the repository, with the command that adds one", async () => {
  await stopped("symfony/console", null, {
    step: "repository",
    detail: /No repository of acme publishes symfony\/console/,
    remedy: "Check the name. To add it: pricore repo add --org acme URL --sync --wait",
  });
});

test("what waits for its first sync is said to wait, with the command that does it now", async () => {
  const { path } = await makeRepository(ann.folder, "acme/shop", [
    { manifest: { name: "acme/shop" }, tags: ["1.0.0"] },
  ]);
  await ann.must("repo", "add", "--org", "acme", path);
  await stopped("acme/shop", "1.0.0", {
    step: "repository",
    state: "waiting",
    detail: /"shop" is waiting for its first sync/,
    remedy: "pricore sync --org acme shop --wait",
  });
});

test("what a sync cannot reach stops at the repository, with the sync's reason; what is published does not", async () => {
  const { path } = await publish("acme/lost", [{ manifest: { name: "acme/lost" }, tags: ["1.0.0"] }]);
  renameSync(path, `${path}.away`);
  expect((await ann.run(["sync", "--org", "acme", "lost", "--wait"])).code).toBe(1);
  expect((await why("acme/lost", "1.0.0")).installable).toBe(true);
  await stopped("acme/lost", "2.0.0", {
    step: "repository",
    detail: /The last sync of "lost" failed: .* is no git repository/,
    remedy: "pricore sync --org acme lost --wait",
  });
});

test("a tag that was never pushed stops at the ref", async () => {
  await stopped("acme/blog", "9.9.9", {
    step: "ref",
    detail: /No tag or branch of "blog" gives version 9\.9\.9 of acme\/blog/,
    remedy: /Push the tag\. Then: pricore sync --org acme blog --wait/,
  });
});

test("a tag that was pushed and not synced yet stops at the ref too, and the remedy brings it", async () => {
  await blog.commit({ manifest: { name: "acme/blog" }, tags: ["1.1.0"] });
  const { steps } = await why("acme/blog", "1.1.0");
  const remedy = steps.find(({ state }) => state === "failed")?.remedy ?? "";
  await ann.must(...(/pricore (.*)/.exec(remedy)?.[1] ?? "").split(" "));
  expect((await why("acme/blog", "1.1.0")).steps.map(({ state }) => state)).toEqual(chain.map(() => "ok"));
});

test("an invalid manifest, and one that says another version, stop at the manifest with the reason", async () => {
  await stopped("acme/blog", "0.9.0", {
    step: "manifest",
    detail: /^Tag 0\.9\.0: .*not valid JSON/,
    remedy: /tag a new version/,
  });
  await stopped("acme/blog", "2.0.0", {
    step: "manifest",
    detail: /^Tag 2\.0\.0: .*7\.0\.0/,
    remedy: /tag a new version/,
  });
});

test("a tag that moved after its release is installable as it was published", async () => {
  const released = (await blog.reference("1.1.0")).slice(0, 7);
  await blog.commit({ manifest: { name: "acme/blog", description: "moved" } });
  await blog.git("tag", "--force", "1.1.0", "main");
  await ann.must("sync", "--org", "acme", "blog", "--wait");
  const { answer, installable } = await why("acme/blog", "1.1.0");
  expect(installable).toBe(true);
  expect(answer).toMatch(
    new RegExp(
      `^1\\.1\\.0 is installable at ${released}; the tag was later moved to .{7}, which is ignored\\.$`,
    ),
  );
});

test("a name that another repository holds names the holder", async () => {
  const { path } = await makeRepository(ann.folder, "acme/twin", [
    { manifest: { name: "acme/blog" }, tags: ["3.0.0"] },
  ]);
  await ann.run(["repo", "add", "--org", "acme", path, "--sync", "--wait"]);
  await stopped("acme/blog", "3.0.0", {
    step: "ref",
    detail: /acme\/blog is published by the repository "blog"/,
    remedy: /Rename/,
  });
  await ann.must("repo", "remove", "--org", "acme", "twin");
});

test("an archive that is damaged, or gone, stops at the archive until it is put back", async () => {
  await publish("acme/zip", [
    { manifest: { name: "acme/zip" }, files: { "a.txt": "only here" }, tags: ["1.0.0"] },
  ]);
  using database = databaseBeside(ann.dataDir);
  const { sha256 = "" } =
    database
      .query<{ sha256: string }, []>("select sha256 from dists where package_name = 'acme/zip'")
      .get() ?? {};
  const folder = join(ann.dataDir, "dists");
  const path = (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .find((name) => name.includes(sha256.slice(4)) && statSync(name).isFile());
  renameSync(path ?? "", `${path}.away`);
  const backup = /from a backup of the archives/;
  await stopped("acme/zip", "1.0.0", { step: "archive", detail: /The archive is missing/, remedy: backup });
  await Bun.write(path ?? "", "damaged");
  await stopped("acme/zip", "1.0.0", { step: "archive", detail: /archive is damaged/, remedy: backup });
  renameSync(`${path}.away`, path ?? "");
  expect((await why("acme/zip", "1.0.0")).steps.map(({ state }) => state)).toEqual(chain.map(() => "ok"));
});

test("a package whose repository was removed stops at the repository", async () => {
  await publish("acme/old", [{ manifest: { name: "acme/old" }, tags: ["1.0.0"] }]);
  await ann.must("repo", "remove", "--org", "acme", "old");
  await stopped("acme/old", "1.0.0", {
    step: "repository",
    detail: /No repository of acme publishes acme\/old/,
    remedy: /repo add/,
  });
});

test("a document that is missing stops where it is published", async () => {
  await publish("acme/torn", [{ manifest: { name: "acme/torn" }, tags: ["1.0.0"] }]);
  using database = databaseBeside(ann.dataDir);
  database.run("delete from documents where name = 'acme/torn'");
  await stopped("acme/torn", "1.0.0", { step: "published", detail: /missing/, remedy: /\w/ });
});

test("a name that is a few keystrokes away from one that is here is offered", async () => {
  const { steps } = await why("acme/blogg");
  expect(steps[0]?.remedy).toStartWith("Check the name. Similar names here: acme/blog");
});

test("for people it is a table and one line about what to do; what is unknown altogether is exit code 3", async () => {
  const text = await ann.must("why", "--org", "acme", "acme/blog", "9.9.9");
  expect(text).toMatch(
    /^9\.9\.9 is not installable\. No tag or branch .*\n\nSTEP +STATE +DETAIL\nrepository +ok .*\ntag or branch +failed .*\n\n/,
  );
  expect(text).toMatch(/\n\nWhat to do: Push the tag\. Then: pricore sync --org acme blog --wait$/);
  expect((await ann.run(["why", "--org", "nobody", "acme/blog"])).code).toBe(3);
  expect((await ann.run(["why", "--org", "acme"])).code).toBe(2);
});

test("with a token it says whether that one sees it, and with which command another one would", async () => {
  const token = (name: string, ...args: string[]) =>
    ann.json<{ id: string }>("token", "create", "--org", "acme", "--name", name, ...args);
  const seenBy = async (called: string) => {
    const args = ["why", "--org", "acme", "acme/blog", "1.0.0", "--token", called];
    return (await ann.json<Explained>(...args)).steps.at(-1);
  };
  const ci = await token("ci");
  await token("shop", "--package", "acme/shop*");
  const short = await token("short", "--expires", "1s");
  const ok = { step: "visible", state: "ok", remedy: null };
  expect(await seenBy("ci")).toMatchObject({ ...ok, detail: 'Token "ci" can read it. It was never used.' });
  expect(await seenBy(ci.id)).toMatchObject(ok);
  expect(await seenBy("shop")).toMatchObject({
    state: "failed",
    detail: 'Token "shop" is limited to acme/shop* and cannot read acme/blog.',
    remedy: "pricore token create --org acme --name NAME --package acme/blog",
  });
  expect((await why("acme/blog", "1.0.0")).steps.at(-1)).toMatchObject({
    ...ok,
    detail: 'Every token of the organization can read it, except those limited to other packages: "shop".',
  });
  await ann.must("token", "revoke", ci.id);
  expect((await seenBy("ci"))?.detail).toMatch(/^Token "ci" was revoked at \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/);
  await Bun.sleep(1100);
  expect((await seenBy(short.id))?.detail).toMatch(/^Token "short" expired at /);
  expect((await ann.run(["why", "--org", "acme", "acme/blog", "--token", "nobody"])).code).toBe(3);
  await token("twice");
  await token("twice");
  const twice = await ann.run(["why", "--org", "acme", "acme/blog", "--token", "twice"]);
  expect([twice.code, twice.stderr]).toEqual([1, expect.stringContaining("Give the id instead")]);
});

async function publish(name: string, steps: Step[]): Promise<GitRepository> {
  const repository = await makeRepository(ann.folder, name, steps);
  await ann.must("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
  return repository;
}

async function why(name: string, version?: string): Promise<Explained> {
  const args = version === undefined ? [] : [version];
  return ann.json<Explained>("why", "--org", "acme", name, ...args);
}

type Stop = { step: string; state?: string; detail: RegExp; remedy: string | RegExp };

/** Good steps and the one that stops it; what comes after that is not shown. */
async function stopped(name: string, version: string | null, expected: Stop): Promise<void> {
  const { steps } = await why(name, version ?? undefined);
  const at = chain.indexOf(expected.step);
  const reached = chain.slice(0, at + 1);
  expect(steps.map(({ step, state }) => [step, state])).toEqual(
    reached.map((step, index) => [step, index < at ? "ok" : (expected.state ?? "failed")]),
  );
  expect(steps[at]?.detail).toMatch(expected.detail);
  if (typeof expected.remedy === "string") expect(steps[at]?.remedy).toBe(expected.remedy);
  else expect(steps[at]?.remedy).toMatch(expected.remedy);
}
