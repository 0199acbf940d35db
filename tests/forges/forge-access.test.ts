// The stored state of a forge account is shared by all processes.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connectForge } from "../../src/registry/credentials/connect.ts";
import { askForge } from "../../src/registry/forges/access.ts";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { runSync } from "../../src/registry/syncs/sync.ts";
import { listActivity } from "../../src/store/organizations/activity.ts";
import {
  findCredential,
  listForgeCredentials,
  type Credential,
} from "../../src/store/repositories/credentials.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import {
  findRepositoryById,
  updateRepository,
  type Repository,
} from "../../src/store/repositories/repositories.ts";
import type { TestApp } from "../worlds/process.ts";
import { failureOf } from "../tools/failure.ts";
import type { FakeForge } from "../tools/forges/fake-forge.ts";
import { startForge } from "../tools/forges/forge.ts";
import { makeRepository } from "../tools/repositories.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let forge: FakeForge;

beforeEach(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  forge = startForge("github", { root: world.folder });
  forge.add("acme/blog");
  await makeRepository(world.folder, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  const input = { provider: "github", address: forge.origin, email: "", token: forge.token, name: "robot" };
  await connectForge(world.app, acme, { input, actor: "cli" });
});
afterEach(async () => {
  await forge.stop();
  await world.close();
});

/** The state as another process reads it. */
const credential = async (): Promise<Credential> => {
  const [listed] = await listForgeCredentials(world.app.db, acme.id);
  const found = await findCredential(world.app.db, acme.id, listed?.id ?? "");
  if (!found) throw new Error("there is no credential");
  return found;
};
const ask = async () =>
  askForge(world.app, await credential(), (provider, access) => provider.findRepository(access, "acme/blog"));
const actions = async () => (await listActivity(world.app.db, acme.id, 50)).map(({ action }) => action);

describe("a rate limit", () => {
  test("is kept with the credential, and no process asks before it is over", async () => {
    forge.rate = { limit: 5000, remaining: 1, resetsAt: world.app.now() + 600_000 };
    await ask();
    expect(await credential()).toMatchObject({ rate_limit: 5000, rate_remaining: 0 });
    const before = forge.requests.length;
    for (let time = 0; time < 3; time++) {
      const failure = await failureOf(ask());
      expect(failure).toMatchObject({ code: "forge_rate_limited", retryAfterSeconds: 600 });
    }
    expect(forge.requests).toHaveLength(before);
    world.tick(600_001);
    forge.rate = { limit: 5000, remaining: 5000, resetsAt: world.app.now() + 600_000 };
    expect(await ask()).toMatchObject({ path: "acme/blog" });
    expect(await credential()).toMatchObject({ rate_remaining: 4999 });
  });

  test("of one credential does not hold back another", async () => {
    forge.rate = { limit: 5000, remaining: 1, resetsAt: world.app.now() + 600_000 };
    await ask();
    forge.rate = null;
    const other = await world.organization("other");
    const input = { provider: "github", address: forge.origin, email: "", token: forge.token, name: "" };
    await connectForge(world.app, other, { input, actor: "cli" });
    const [listed] = await listForgeCredentials(world.app.db, other.id);
    const theirs = await findCredential(world.app.db, other.id, listed?.id ?? "");
    if (!theirs) throw new Error("there is no credential");
    const found = await askForge(world.app, theirs, (provider, access) =>
      provider.findRepository(access, "acme/blog"),
    );
    expect(found).toMatchObject({ path: "acme/blog" });
    expect((await failureOf(ask())).code).toBe("forge_rate_limited");
  });
});

describe("a refusal", () => {
  test("is saved and reported once, and cleared by the first answer after it", async () => {
    forge.faults.expired = true;
    for (let time = 0; time < 3; time++) {
      expect((await failureOf(ask())).code).toBe("forge_credential_refused");
      world.tick();
    }
    const refused = await credential();
    expect(refused.error).toContain("rejected the token");
    expect((await actions()).filter((action) => action === "credential.refused")).toHaveLength(1);
    forge.faults.expired = false;
    await ask();
    expect(await credential()).toMatchObject({ refused_at: null, error: null });
  });

  test("of a forge that is in trouble is none of the token", async () => {
    forge.faults.status = 503;
    expect((await failureOf(ask())).code).toBe("forge_unavailable");
    expect(await credential()).toMatchObject({ refused_at: null, error: null });
  });
});

describe("a repository that git finds no more", () => {
  const added = async (): Promise<Repository> => {
    const { id } = await credential();
    const { repository } = await addRepository(world.app, acme, {
      url: `${forge.origin}/acme/blog.git`,
      name: null,
      provider: null,
      credential: { kind: "stored", id },
      allowLocal: false,
      actor: "cli",
    });
    return repository;
  };
  const sync = async ({ id }: Repository) => {
    await runSync(world.app, { repositoryId: id, reason: "asked" }, new AbortController().signal);
    return findRepositoryById(world.app.db, id);
  };

  test("is looked for at its forge, which knows where it is", async () => {
    const repository = await added();
    expect(await sync(repository)).toMatchObject({ state: "fresh", moved_to: null });
    forge.rename("acme/blog", "acme/journal");
    forge.redirectsGit = false;
    expect(await sync(repository)).toMatchObject({
      state: "failed",
      moved_to: `${forge.origin}/acme/journal.git`,
    });
    expect(await credential()).toMatchObject({ refused_at: null });
  });

  test("has not moved when it is only spelled in another way", async () => {
    const repository = await added();
    for (const spelling of ["acme/blog", "acme/Blog.git"]) {
      await updateRepository(world.app.db, repository.id, { url: `${forge.origin}/${spelling}` });
      expect(await sync(repository)).toMatchObject({ state: "fresh", moved_to: null });
    }
  });

  test("is not looked for when the forge has asked to be left alone", async () => {
    const repository = await added();
    await sync(repository);
    forge.rate = { limit: 5000, remaining: 1, resetsAt: world.app.now() + 600_000 };
    await ask();
    forge.rename("acme/blog", "acme/journal");
    forge.redirectsGit = false;
    const before = forge.requests.length;
    expect(await sync(repository)).toMatchObject({ state: "failed", moved_to: null });
    expect(forge.requests).toHaveLength(before);
  });
});
