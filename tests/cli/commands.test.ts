// Every command of the table: what it prints for people and for programs, and how it ends.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { commands } from "../../src/cli/commands.ts";
import { migrationNames } from "../tools/servers/databases.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let blog: GitRepository;

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const anId = expect.stringMatching(/^[0-9a-f-]{36}$/);

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  blog = await makeRepository(ann.folder, "acme/blog", [
    { manifest: "{", tags: ["0.9.0"] },
    { manifest: { name: "acme/blog", type: "library" }, tags: ["1.0.0", "1.1.0"] },
  ]);
  await ann.must("user", "create", "--email", "ann@acme.test", "--name", "Ann", "--admin");
  await ann.must("org", "create", "acme", "--name", "Acme", "--owner", "ann@acme.test");
  await ann.must("repo", "add", "--org", "acme", blog.path, "--sync", "--wait");
});
afterAll(() => ann?.close());

describe("help", () => {
  test("lists every command with what it does, and tells of each its options", async () => {
    const overview = await ann.must("help");
    for (const [name, { summary, options }] of commands) {
      expect(overview).toMatch(new RegExp(`^ {2}pricore ${name}\\b.* {2}\\S`, "m"));
      expect(overview).toContain(summary);
      const { code, stdout, stderr } = await ann.run([...name.split(" "), "--help"]);
      expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: "" });
      expect(stdout).toStartWith(`${summary}.\n\nUsage: pricore ${name}`);
      for (const option of [...Object.keys(options), "data-dir", "env-file", "json", "help"])
        expect(stdout).toMatch(new RegExp(`^ {2}--${option}\\b`, "m"));
    }
    expect(await ann.must("--help")).toBe(overview);
  });

  test("of a noun lists its commands", async () => {
    const { code, stdout } = await ann.run(["token", "--help"]);
    expect(code).toBe(0);
    for (const verb of ["create", "list", "revoke"]) expect(stdout).toContain(`pricore token ${verb}`);
    expect(stdout).not.toContain("pricore repo");
  });

  test("needs neither a database nor a valid environment, and so does the version", async () => {
    const env = { DATA_DIR: "/proc/nowhere", PORT: "http" };
    for (const args of [["help"], ["org", "create", "--help"], ["version"], ["--version"]])
      expect([args, (await ann.run(args, { env })).code]).toEqual([args, 0]);
    expect((await ann.run(["version"], { env })).stdout).toMatch(/^pricore \d+\.\d+\.\d+ \(Bun [\d.]+\)\n$/);
    const { stdout } = await ann.run(["version", "--json"], { env });
    expect(JSON.parse(stdout)).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });
});

describe("with --json", () => {
  test("org create and org list give id, slug, name and vendors", async () => {
    const created = await ann.json<unknown>("org", "create", "labs");
    expect(created).toEqual({ id: anId, slug: "labs", name: "labs", vendors: [] });
    expect(await ann.json<unknown>("org", "list")).toEqual([
      { id: anId, slug: "acme", name: "Acme", vendors: ["acme"] },
      created,
    ]);
  });

  test("org vendor and org update give what is so afterwards", async () => {
    expect(await ann.json<unknown>("org", "vendor", "add", "labs", "labs")).toEqual({
      slug: "labs",
      vendors: ["labs"],
    });
    expect(await ann.json<unknown>("org", "vendor", "remove", "labs", "labs")).toEqual({
      slug: "labs",
      vendors: [],
    });
    const updated = await ann.json(
      "org",
      "update",
      "labs",
      "--name",
      "Labs",
      "--notice",
      "Moved",
      "--source",
      "off",
    );
    expect(updated).toMatchObject({ id: anId, slug: "labs" });
  });

  test("user create and user list give the person, never the password", async () => {
    const outcome = await ann.run(
      ["user", "create", "--email", "Ben@acme.test", "--name", "Ben", "--password-stdin", "--json"],
      { stdin: "correct horse battery\n" },
    );
    const ben = { id: anId, email: "ben@acme.test", name: "Ben", admin: false, createdAt: isoTime };
    expect(outcome.json<unknown>()).toEqual(ben);
    const listed = await ann.json<{ email: string; admin: boolean }[]>("user", "list");
    expect(listed).toMatchObject([{ email: "ann@acme.test", admin: true }, ben]);
  });

  test("token create gives the token, token list everything but the token", async () => {
    const made = await ann.json<{ token: string; id: string; name: string; expiresAt: string }>(
      ...["token", "create", "--org", "acme", "--name", "ci", "--expires", "90d"],
      ...["--package", "acme/*", "--package", "labs/x"],
    );
    expect(made).toEqual({ id: anId, name: "ci", token: expect.stringMatching(/^prc_/), expiresAt: isoTime });
    await ann.must("token", "create", "--user", "ann@acme.test", "--name", "laptop");
    const text = await ann.must("token", "list", "--json");
    expect(text).not.toContain(made.token);
    const unused = { id: anId, createdAt: isoTime, lastUsedAt: null, revokedAt: null };
    expect(JSON.parse(text)).toEqual([
      { ...unused, name: "laptop", user: "ann@acme.test", packages: [], expiresAt: null },
      { ...unused, name: "ci", organization: "acme", packages: ["acme/*", "labs/x"], expiresAt: isoTime },
    ]);
    expect(await ann.json<unknown>("token", "revoke", made.id)).toEqual({ id: made.id });
    const [revoked] = await ann.json<unknown[]>("token", "list", "--org", "acme");
    expect(revoked).toMatchObject({ id: made.id, revokedAt: isoTime });
  });

  test("repo list gives whether each repository is in step with its origin", async () => {
    const mirrored = {
      id: anId,
      name: "blog",
      url: blog.path,
      provider: "git",
      state: "fresh",
      lastSyncedAt: isoTime,
      lastProvenFreshAt: isoTime,
      error: null,
      errorCode: null,
      action: null,
    };
    expect(await ann.json<unknown>("repo", "list", "--org", "acme")).toEqual([mirrored]);
  });

  test("repo add gives the repository, before its first sync and with its provider, and repo remove its name", async () => {
    const args = [
      "--org",
      "labs",
      "https://git.acme.test/labs/tool.git",
      "--provider",
      "gitea",
      "--name",
      "t",
    ];
    const added = await ann.json("repo", "add", ...args);
    const fields = {
      name: "t",
      provider: "gitea",
      state: "waiting",
      lastSyncedAt: null,
      lastProvenFreshAt: null,
    };
    expect(added).toMatchObject({
      id: anId,
      url: "https://git.acme.test/labs/tool.git",
      error: null,
      ...fields,
    });
    expect(await ann.json<unknown>("repo", "remove", "--org", "labs", "t")).toEqual({ id: anId, name: "t" });
  });

  test("sync gives what it queued, and with --wait what became of it", async () => {
    expect(await ann.json<unknown>("sync", "--org", "acme", "blog")).toEqual([
      { repository: "blog", queued: true },
    ]);
    const counts = { added: 0, updated: 0, removed: 0, leftOut: 0, seconds: expect.any(Number) };
    expect(await ann.json<unknown>("sync", "--org", "acme", "--all", "--wait")).toEqual([
      {
        repository: "blog",
        outcome: "unchanged",
        error: null,
        errorCode: null,
        action: null,
        ...counts,
        skipped: [{ ref: "0.9.0", reason: expect.stringContaining("Tag 0.9.0: ") }],
        noted: [],
      },
    ]);
  });

  test("package list and package show give the package, and its versions with their archives", async () => {
    const summary = {
      name: "acme/blog",
      type: "library",
      latest: "1.1.0",
      versions: 3,
      downloads: 0,
      repository: "blog",
      lastProvenFreshAt: isoTime,
    };
    expect(await ann.json<unknown>("package", "list", "--org", "acme")).toEqual([summary]);
    const shown = await ann.json<{ versions: unknown[] }>("package", "show", "--org", "acme", "Acme/Blog");
    const version = {
      reference: await blog.reference("main"),
      releasedAt: isoTime,
      dist: {
        sizeBytes: expect.any(Number),
        sha1: expect.stringMatching(/^[0-9a-f]{40}$/),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      downloads: 0,
      notes: [],
    };
    const versions = [
      { version: "1.1.0", versionNormalized: "1.1.0.0", stability: "stable", ...version },
      { version: "1.0.0", versionNormalized: "1.0.0.0", stability: "stable", ...version },
      { version: "dev-main", versionNormalized: "dev-main", stability: "dev", ...version },
    ];
    expect({ ...shown, versions: shown.versions.length }).toEqual(summary);
    expect(shown.versions).toBeArrayOfSize(versions.length);
    expect(shown.versions).toContainValues(versions);
  });

  test("migrate gives what was applied and what waits", async () => {
    for (const args of [["migrate"], ["migrate", "--status"]])
      expect(await ann.json<unknown>(...args)).toEqual({
        applied: migrationNames,
        pending: [],
      });
  });
});

describe("for people", () => {
  test("a list is a table and its heads, also when there is nothing in it", async () => {
    await ann.must("org", "create", "empty");
    for (const [args, heads] of [
      [["org", "list"], /^SLUG +NAME +VENDORS$/m],
      [["user", "list"], /^EMAIL +NAME +ADMIN +SINCE$/m],
      [["token", "list", "--org", "empty"], /^ID +NAME +OF +LAST USED +EXPIRES$/m],
      [["repo", "list", "--org", "empty"], /^NAME +STATE +CHECKED +URL +ERROR$/m],
      [["package", "list", "--org", "empty"], /^NAME +LATEST +VERSIONS +DOWNLOADS +REPOSITORY$/m],
    ] as const)
      expect(await ann.must(...args)).toMatch(heads);
    expect(await ann.must("package", "show", "--org", "acme", "acme/blog")).toMatch(
      /^acme\/blog, checked 2\S+Z\nVERSION .*\n1\.1\.0 +stable +[0-9a-f]{12} /,
    );
  });

  test("a token is printed alone, so that a shell can keep it", async () => {
    const { stdout, stderr } = await ann.run(["token", "create", "--org", "empty", "--name", "shell"]);
    expect(stdout).toMatch(/^prc_[0-9A-Za-z]{46}\n$/);
    expect(stderr).toBe("");
  });

  test("progress and warnings go to standard error, results to standard output, no colours to either", async () => {
    const { path } = await makeRepository(ann.folder, "empty/tool", [{ manifest: { name: "empty/tool" } }]);
    const args = ["repo", "add", "--org", "empty", path, "--sync", "--wait"];
    const { code, stdout, stderr } = await ann.run(args, { env: { FORCE_COLOR: "1" } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Added tool (${path}).\n` });
    expect(stdout).toMatch(/^tool: 1 added, 0 updated, 0 removed, 0 skipped in [\d.]+ s\n$/);
  });
});
