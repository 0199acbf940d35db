import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Failure } from "../../src/errors.ts";
import { forgeNames, type ForgeCredential, type Forge, type RateLimit } from "../../src/forges/forge.ts";
import { createForges } from "../../src/forges/forges.ts";
import { failureOf } from "../tools/failure.ts";
import type { FakeForge } from "../tools/forges/fake-forge.ts";
import { secretWords, startForge } from "../tools/forges/forge.ts";

let forge: FakeForge;
let provider: Forge;
let time: number;
afterEach(() => forge.stop());

const reportedLimits: RateLimit[] = [];
const access = (token = forge.token): ForgeCredential => ({
  token,
  username: forge.name === "bitbucket" ? forge.account.email : null,
  limits: {
    known: () => reportedLimits.at(-1) ?? null,
    tell: async (limit) => void reportedLimits.push(limit),
  },
});
const list = (of: { owner?: string | null; search?: string; page?: string | null } = {}) =>
  provider.listRepositories(access(), { owner: "acme", search: "", page: null, ...of });
const everything = async (of: { owner?: string | null; search?: string } = {}) => {
  const paths: string[] = [];
  let page: string | null = null;
  do {
    const found: Awaited<ReturnType<typeof list>> = await list({ ...of, page });
    paths.push(...found.items.map(({ path }) => path));
    page = found.next;
  } while (page !== null);
  return paths;
};
const failing = async (work: Promise<unknown>) => {
  const failure = await failureOf(work);
  // Whatever happens, nothing of what the forge said or was told is repeated.
  expect(JSON.stringify([failure.message, failure.advice])).not.toContain(secretWords);
  expect(JSON.stringify([failure.message, failure.advice])).not.toContain(forge.token);
  return failure;
};
const hook = { path: "acme/blog", url: "https://packages.acme.test/webhooks/1", secret: "shared" };
const hooks = () => forge.repositories.get("acme/blog")?.hooks ?? [];

for (const name of forgeNames)
  describe(name, () => {
    beforeEach(() => {
      forge = startForge(name);
      time = Date.parse("2026-03-01T09:00:00Z");
      reportedLimits.length = 0;
      const origins = { github: null, gitlab: null, bitbucket: null, gitea: null };
      provider = createForges({
        policy: { allow: [{ host: "127.0.0.1", port: null }] },
        origins: Object.fromEntries(Object.keys(origins).map((each) => [each, { origin: null }])) as never,
        now: () => time,
        limits: { firstByteMs: 300 },
      }).at(name, forge.origin);
      forge.add("acme/blog", { description: "The blog" });
      forge.add("acme/shop", { isPrivate: false });
      forge.add("ann/notes");
    });

    describe("tells", () => {
      test("whose token it is, and until when, where it is known", async () => {
        const tells = name === "github" || name === "gitlab";
        const expiresAt = tells ? Date.parse("2026-12-01T00:00:00Z") : null;
        expect(await provider.findAccount(access())).toMatchObject({ login: "ann", expiresAt });
      });

      test("where repositories may be", async () => {
        const owners = await provider.listOwners(access());
        expect(owners.map(({ path }) => path)).toContain("acme");
      });

      test("the repositories of an owner, with what helps to choose", async () => {
        const { items, next } = await list();
        expect(items.map(({ path }) => path)).toEqual(["acme/blog", "acme/shop"]);
        expect(next).toBeNull();
        expect(items[0]).toMatchObject({
          cloneUrl: `${forge.origin}/acme/blog.git`,
          description: "The blog",
          isPrivate: true,
          defaultBranch: "main",
          pushedAt: Date.parse("2026-02-01T10:00:00Z"),
        });
        expect(items[1]).toMatchObject({ isPrivate: false, isArchived: false });
      });

      test("the repositories of a person, and of everybody", async () => {
        if (name === "bitbucket") {
          forge.organizations.push("ann");
          expect((await failing(list({ owner: null }))).message).toContain("workspace");
        } else
          expect((await everything({ owner: null })).toSorted()).toEqual([
            "acme/blog",
            "acme/shop",
            "ann/notes",
          ]);
        expect(await everything({ owner: "ann" })).toEqual(["ann/notes"]);
      });

      test("all of 500 repositories, page by page and each once", async () => {
        for (let number = 0; number < 500; number++) forge.add(`acme/package-${number}`);
        const paths = await everything();
        expect(paths).toHaveLength(502);
        expect(new Set(paths).size).toBe(502);
      });

      test("those of 500 that are looked for", async () => {
        for (let number = 0; number < 500; number++) forge.add(`acme/package-${number}`);
        expect(await everything({ search: "package-49" })).toEqual([
          "acme/package-49",
          ...Array.from({ length: 10 }, (_, at) => `acme/package-49${at}`),
        ]);
        expect(await everything({ search: '"; nothing' })).toEqual([]);
      });

      test("where a renamed repository is now, and that one is not there", async () => {
        expect(await provider.findRepository(access(), "acme/blog")).toMatchObject({ path: "acme/blog" });
        forge.rename("acme/blog", "acme/journal");
        expect(await provider.findRepository(access(), "acme/blog")).toMatchObject({ path: "acme/journal" });
        expect(await provider.findRepository(access(), "acme/nothing")).toBeNull();
      });
    });

    describe("keeps a webhook", () => {
      test("for pushes, tags and deletions, with its secret and TLS verified", async () => {
        const id = await provider.registerWebhook(access(), hook);
        expect(hooks()).toHaveLength(1);
        expect(hooks()[0]).toMatchObject({
          url: hook.url,
          secret: "shared",
          isActive: true,
          verifiesTls: true,
        });
        const events = {
          github: ["push", "delete", "release"],
          gitlab: ["push_events", "tag_push_events"],
          bitbucket: ["repo:push"],
          gitea: ["push", "create", "delete", "release"],
        }[name];
        const found = await provider.findWebhook(access(), { path: "acme/blog", id });
        expect(found).toEqual({ id, url: hook.url, isActive: true, events });
      });

      test("and never a second one for the same address", async () => {
        const id = await provider.registerWebhook(access(), hook);
        expect(await provider.registerWebhook(access(), { ...hook, secret: "newer" })).toBe(id);
        expect(hooks().map(({ secret }) => secret)).toEqual(["newer"]);
      });

      test("of a repository that was renamed", async () => {
        forge.rename("acme/blog", "acme/journal");
        const id = await provider.registerWebhook(access(), hook);
        expect(forge.repositories.get("acme/journal")?.hooks).toHaveLength(1);
        await provider.removeWebhook(access(), { path: "acme/blog", id });
        expect(forge.repositories.get("acme/journal")?.hooks).toEqual([]);
      });

      test("and says when it was deleted or switched off there", async () => {
        const id = await provider.registerWebhook(access(), hook);
        for (const each of hooks()) each.isActive = false;
        expect(await provider.findWebhook(access(), { path: "acme/blog", id })).toMatchObject({
          isActive: false,
        });
        forge.repositories.get("acme/blog")?.hooks.splice(0);
        expect(await provider.findWebhook(access(), { path: "acme/blog", id })).toBeNull();
      });

      test("until it is removed, which is done when it is gone already", async () => {
        const id = await provider.registerWebhook(access(), hook);
        await provider.removeWebhook(access(), { path: "acme/blog", id });
        expect(hooks()).toEqual([]);
        await provider.removeWebhook(access(), { path: "acme/blog", id });
      });
    });

    describe("says in its reader's words", () => {
      test("that the token is refused", async () => {
        forge.faults.expired = true;
        const failure = await failing(list());
        expect(failure.code).toBe("forge_credential_refused");
        expect(failure.advice).toContain("replace the token");
        forge.faults.expired = false;
        expect((await failing(provider.findAccount(access("wrong")))).code).toBe("forge_credential_refused");
      });

      test("which scope is missing to read repositories, as soon as the token is tried", async () => {
        if (name === "gitea") forge.may.read = false;
        else
          forge.scopes = { github: ["gist"], gitlab: ["read_user"], bitbucket: ["read:user:bitbucket"] }[
            name
          ];
        const failure = await failing(provider.findAccount(access()));
        expect(failure.code).toBe("forge_scope_missing");
        const scope = {
          github: '"repo"',
          gitlab: '"read_api"',
          bitbucket: '"read:repository:bitbucket"',
          gitea: '"read:repository"',
        }[name];
        expect(failure.message).toContain(scope);
      });

      test("whether the token will do for webhooks, where the forge tells", async () => {
        const may = async (scopes: string[] | null) => {
          forge.scopes = scopes;
          return (await provider.findAccount(access())).mayKeepWebhooks;
        };
        const [enough, tooFew] = {
          github: [["repo"], null],
          gitlab: [["api"], ["read_api", "read_repository"]],
          bitbucket: [
            ["read:repository:bitbucket", "write:webhook:bitbucket"],
            ["read:repository:bitbucket"],
          ],
          gitea: [null, null],
        }[name];
        expect(await may(enough ?? null)).toBe(enough ? true : null);
        expect(await may(tooFew ?? null)).toBe(tooFew ? false : null);
      });

      test("which scope is missing for webhooks", async () => {
        forge.may.keepWebhooks = false;
        const failure = await failing(provider.registerWebhook(access(), hook));
        expect(failure.code).toBe("forge_scope_missing");
        if (name === "github") {
          forge.scopes = null;
          const fine = await failing(provider.registerWebhook(access(), hook));
          expect(fine.message).toContain("repository_hooks=write");
        }
        const scope = {
          github: "admin:repo_hook",
          gitlab: '"api"',
          bitbucket: "write:webhook:bitbucket",
          gitea: "write:repository",
        }[name];
        expect(failure.message).toContain(scope);
      });

      test("that there is no such repository to keep a webhook for", async () => {
        const failure = await failing(provider.registerWebhook(access(), { ...hook, path: "acme/nothing" }));
        expect(failure.code).toBe("forge_not_found");
        expect(failure.message).toContain("acme/nothing");
      });

      for (const status of [500, 502, 503])
        test(`that the forge has trouble of its own (${status})`, async () => {
          forge.faults.status = status;
          const failure = await failing(list());
          expect([failure.kind, failure.code]).toEqual(["unavailable", "forge_unavailable"]);
        });

      test("that the forge is silent, within the time it has", async () => {
        forge.faults.silent = true;
        expect((await failing(list())).code).toBe("forge_unavailable");
      });

      test("that something else than a forge answers", async () => {
        forge.faults.status = 200;
        expect((await failing(list())).message).toContain("respond with JSON");
      });
    });

    describe("leaves the forge alone", () => {
      test("once a limit is reached, until it is over", async () => {
        forge.faults.limited = { kind: "primary", until: time + 600_000 };
        const failure = await failing(list());
        expect([failure.kind, failure.code]).toEqual(["tooMany", "forge_rate_limited"]);
        expect(reportedLimits.at(-1)).toMatchObject({ remaining: 0 });
        const requestsBefore = forge.requests.length;
        forge.faults.limited = null;
        expect((await failing(list())).retryAfterSeconds).toBeGreaterThan(0);
        expect(forge.requests).toHaveLength(requestsBefore);
        time = (reportedLimits.at(-1)?.resetsAt ?? 0) + 1;
        expect((await list()).items).toHaveLength(2);
      });

      test("as soon as nothing remains, before it has to say so", async () => {
        if (name === "bitbucket") forge.rate = null;
        else forge.rate = { limit: 5000, remaining: 1, resetsAt: time + 60_000 };
        await list();
        if (name === "bitbucket") return void expect(reportedLimits).toEqual([]);
        expect(reportedLimits.at(-1)).toEqual({ limit: 5000, remaining: 0, resetsAt: time + 60_000 });
        const requestsBefore = forge.requests.length;
        expect((await failing(list())).code).toBe("forge_rate_limited");
        expect(forge.requests).toHaveLength(requestsBefore);
      });

      test("for a minute when it says no more than that it is too much", async () => {
        forge.faults.limited = { kind: "secondary", until: time + 60_000 };
        const failure = await failing(list());
        expect(failure.code).toBe("forge_rate_limited");
        expect(failure.retryAfterSeconds).toBeLessThanOrEqual(60 + 3600 * 6);
      });

      test("for six hours at most, whatever it says", async () => {
        forge.faults.limited = { kind: "primary", until: time + 365 * 86_400_000 };
        expect((await failing(list())).retryAfterSeconds).toBeLessThanOrEqual(6 * 3600);
        expect(reportedLimits.at(-1)?.resetsAt).toBeLessThanOrEqual(time + 6 * 3_600_000);
      });
    });

    test("is not believed whatever it sends", async () => {
      const shapes = [
        null,
        [],
        {},
        "x",
        7,
        [null, 1, "x", { full_name: 5, path_with_namespace: [] }],
        [{ full_name: "<script>", path_with_namespace: "../..", login: {} }],
        { values: [{ full_name: "acme" }], next: "http://elsewhere.test/?page=2", id: {}, login: [] },
        { full_name: 'acme/"x', path_with_namespace: "/etc/passwd", username: 1 },
      ];
      for (const shape of shapes) {
        forge.faults.json = shape;
        expect((await list()).items).toEqual([]);
        expect((await list()).next).toBeNull();
        const requestsBefore = [
          provider.findAccount(access()),
          provider.listOwners(access()),
          provider.findRepository(access(), "acme/blog"),
          provider.registerWebhook(access(), hook),
          provider.findWebhook(access(), { path: "acme/blog", id: "1" }),
          provider.removeWebhook(access(), { path: "acme/blog", id: "1" }),
        ];
        for (const { reason } of (await Promise.allSettled(requestsBefore)).filter(
          ({ status }) => status === "rejected",
        ) as {
          reason: unknown;
        }[])
          expect(reason).toBeInstanceOf(Failure);
      }
    });

    test("links to its pages, whatever a ref is called", () => {
      const links = [
        provider.links.repository("acme/blog"),
        provider.links.commit("acme/blog", "abc123"),
        provider.links.tag("acme/blog", "v1.0#2"),
        provider.links.branch("acme/blog", "feature/a b"),
      ];
      for (const link of links) {
        expect(link).toStartWith(`${forge.origin}/acme/blog`);
        expect(new URL(link).href).toBe(link);
        expect(new URL(link).hash).toBe("");
      }
    });

    test("is asked only where the operator allows it", async () => {
      const closed = createForges({
        policy: { allow: [] },
        origins: {
          github: { origin: null },
          gitlab: { origin: null },
          bitbucket: { origin: null },
          gitea: { origin: null },
        },
        now: Date.now,
      }).at(name, forge.origin);
      const failure = await failureOf(closed.findAccount(access()));
      expect(failure).toBeInstanceOf(Failure);
      expect(failure.code).toBe("url_not_allowed");
      expect(failure.advice).toContain("OUTBOUND_ALLOW");
      expect(forge.requests).toEqual([]);
    });
  });
