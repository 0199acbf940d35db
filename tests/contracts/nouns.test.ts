// What the nouns must answer alike on every engine, where an engine could see it differently.
import {
  addOneTimeSecret,
  consumeOneTimeSecret,
  voidOneTimeSecrets,
} from "../../src/store/accounts/one-time-secrets.ts";
import { countAgainst, waitOf } from "../../src/store/accounts/throttles.ts";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { migrate, openDatabase, type Database } from "../../src/store/engine/database.ts";
import type { Engine } from "../../src/store/engine/engine.ts";
import {
  addInstalls,
  countInstalls,
  listDownloads,
  listOrganizationDownloads,
} from "../../src/store/packages/downloads.ts";
import { findDocument, findLastModified, putDocument } from "../../src/store/packages/documents.ts";
import {
  addIdentity,
  findIdentity,
  listIdentities,
  removeIdentity,
} from "../../src/store/accounts/identities.ts";
import {
  addCredential,
  findCredential,
  findCredentialByName,
  listCredentials,
  listForgeCredentials,
  markRefused,
} from "../../src/store/repositories/credentials.ts";
import {
  addRepository,
  findRepositoryByUrl,
  listRepositoriesAt,
  updateRepository,
} from "../../src/store/repositories/repositories.ts";
import { saveRenewed, claimRenewal, voidRefreshToken } from "../../src/store/repositories/renewals.ts";
import { setMember } from "../../src/store/organizations/members.ts";
import { addOrganization, type Organization } from "../../src/store/organizations/organizations.ts";
import {
  addPackage,
  listProviders,
  searchPackages,
  setProvided,
  updatePackage,
} from "../../src/store/packages/packages.ts";
import { addToken, findAccess, markTokensUsed, revokeToken } from "../../src/store/tokens.ts";
import { addUser } from "../../src/store/accounts/users.ts";
import { countDependents, listDependents, setDependencies } from "../../src/store/packages/dependencies.ts";
import { addDist, deleteUnusedDists, findDist } from "../../src/store/packages/dists.ts";
import { recountRecentDownloads } from "../../src/store/packages/downloads.ts";
import { countPackages, listPackagePage } from "../../src/store/packages/list.ts";
import { findFullVersion, listDeletedVersions } from "../../src/store/packages/pages.ts";
import { findRepositoryNaming, forgetDeletedRefs, listHeldRefs } from "../../src/store/syncs/refs.ts";
import { countDeletedVersions, deleteVersions, putVersion } from "../../src/store/packages/versions.ts";
import { makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";

const now = Date.parse("2026-03-01T09:00:00Z");
const engines: Engine[] = ["sqlite", "pgsql", "mysql"];

for (const engine of engines)
  describe(`on ${engine}`, () => {
    let made: TestDatabase;
    let db: Database;
    let acme: Organization;

    beforeAll(async () => {
      made = await makeDatabase(engine);
      db = await openDatabase(made.address);
      await migrate(db);
      acme = await addOrganization(db, { slug: "acme", name: "Acme", now });
    }, 120_000);

    afterAll(async () => {
      await db.close();
      await made.remove();
    });

    async function pkg(name: string, description: string): Promise<string> {
      const owner = { organization_id: acme.id, name, repository_id: null, type: "library", created_at: now };
      const { id } = await addPackage(db, owner);
      await updatePackage(db, id, { description });
      return id;
    }

    test("a search finds words in any case, and takes % and _ for what they are", async () => {
      await pkg("acme/foo_bar", "100% Useful");
      await pkg("acme/fooxbar", "of no use!");
      const names = async (...words: string[]) =>
        (await searchPackages(db, acme.id, { terms: words, type: null, limit: 10 })).map((each) => each.name);
      expect(await names("FOO")).toEqual(["acme/foo_bar", "acme/fooxbar"]);
      expect(await names("foo_bar")).toEqual(["acme/foo_bar"]);
      expect(await names("0% use")).toEqual(["acme/foo_bar"]);
      expect(await names("use!")).toEqual(["acme/fooxbar"]);
      expect(await names("foo", "no")).toEqual(["acme/fooxbar"]);
      expect(await names("\\")).toEqual([]);
      expect((await searchPackages(db, acme.id, { terms: [], type: "plugin", limit: 10 })).length).toBe(0);
    });

    test("repositories are found by where they are or have moved to, hundreds of addresses at once", async () => {
      const add = (name: string, url: string) =>
        addRepository(db, {
          organization_id: acme.id,
          name,
          url,
          provider: "github",
          credential_id: null,
          created_at: now,
          next_poll_at: now,
        });
      const at = (path: string) => `https://github.com/acme/${path}.git`;
      const moved = await add("moved", at("old"));
      await updateRepository(db, moved.id, { moved_to: at("Moved") });
      await add("there", at("there"));
      await add("elsewhere", "git@github.com:acme/there.git");
      const queried = Array.from({ length: 600 }, (_, number) => at(`package-${number}`));
      const found = await listRepositoriesAt(db, acme.id, [
        ...queried,
        at("Moved"),
        at("there"),
        at("There"),
      ]);
      expect(found.map(({ name }) => name).toSorted()).toEqual(["moved", "there"]);
      expect(await listRepositoriesAt(db, acme.id, [])).toEqual([]);
      expect((await findRepositoryByUrl(db, acme.id, at("there")))?.name).toBe("there");
      expect(await findRepositoryByUrl(db, acme.id, at("There"))).toBeNull();
    });

    test("accounts at forges are distinguished from credentials for git alone, and found by their name as it is written", async () => {
      const row = { organization_id: acme.id, username: "x", secret: "s", public_key: null, created_at: now };
      const add = (id: string, name: string, more = {}) =>
        addCredential(db, { ...row, id, name, kind: "basic", host: "h", created_by: null, ...more });
      await add("01900000-0000-7000-8000-0000000000b1", "plain");
      await add("01900000-0000-7000-8000-0000000000b2", "Robot", {
        provider: "gitlab",
        origin: "https://gitlab.com",
        account: "robot",
        rate_limit: 5000,
        rate_remaining: 0,
        rate_resets_at: now,
      });
      const listed = (await listForgeCredentials(db, acme.id)).map(({ name }) => name);
      expect(listed).toContain("Robot");
      expect(listed).not.toContain("plain");
      expect(await findCredentialByName(db, acme.id, "Robot")).toMatchObject({ account: "robot" });
      expect(await findCredentialByName(db, acme.id, "robot")).toBeNull();
      const found = (await listCredentials(db, acme.id)).find(({ name }) => name === "Robot");
      expect([found?.rate_limit, found?.rate_resets_at].map(Number)).toEqual([5000, now]);
    });

    test("a refresh token is used by one of many, until it is over or was replaced", async () => {
      const id = "01900000-0000-7000-8000-00000000000a";
      await addCredential(db, {
        id,
        organization_id: acme.id,
        kind: "basic",
        username: "oauth2",
        secret: "first",
        public_key: null,
        created_at: now,
        name: "ann at gitlab.com",
        host: "gitlab.com",
        created_by: null,
        granted_at: now,
        refresh_secret: "refresh",
        expires_at: now,
      });
      const lease = { id, refreshSecret: "refresh", now, until: now + 60_000 };
      const take = (more = {}) => claimRenewal(db, acme.id, { ...lease, ...more });
      const taken = await Promise.all(Array.from({ length: 8 }, () => take()));
      expect(taken.filter(Boolean).length).toBe(1);
      expect(await take({ now: now + 59_999, until: now + 120_000 })).toBe(false);
      expect(await take({ now: now + 60_000, until: now + 120_000 })).toBe(true);
      const next = { secret: "second", refresh_secret: "next", expires_at: now + 7200 };
      expect(await saveRenewed(db, acme.id, { id, was: "another", ...next })).toBe(false);
      expect(await saveRenewed(db, acme.id, { id, was: "refresh", ...next })).toBe(true);
      expect(await findCredential(db, acme.id, id)).toMatchObject({ secret: "second", renewal_until: null });
      expect(await voidRefreshToken(db, acme.id, { id, was: "refresh" })).toBe(false);
      expect(await take()).toBe(false);
      const refusals = await Promise.all(
        [1, 2, 3].map((at) => markRefused(db, acme.id, { id, now: now + at, error: `no ${at}` })),
      );
      expect(refusals.filter(Boolean).length).toBe(1);
    });

    test("an identity opens one account, and an account has one identity of an issuer", async () => {
      const person = (email: string) =>
        addUser(db, { email, name: email, passwordHash: null, isAdmin: false, now });
      const [ida, ivo] = [await person("ida@acme.test"), await person("ivo@acme.test")];
      const issuer = "https://id.acme.test";
      const add = (userId: string, of: { issuer: string; subject: string }) =>
        addIdentity(db, {
          user_id: userId,
          provider: "oidc",
          ...of,
          login: "ida",
          created_at: now,
          last_used_at: null,
        });
      expect(await add(ida.id, { issuer, subject: "Ab" })).toBe(true);
      expect(await add(ivo.id, { issuer, subject: "Ab" })).toBe(false);
      expect(await add(ida.id, { issuer, subject: "other" })).toBe(false);
      // Who differs in the case of a letter is somebody else, and so is everybody of another issuer.
      expect(await add(ivo.id, { issuer, subject: "ab" })).toBe(true);
      expect(await add(ida.id, { issuer: `${issuer}/`, subject: "Ab" })).toBe(true);
      expect((await findIdentity(db, issuer, "Ab"))?.user_id).toBe(ida.id);
      const [first] = await listIdentities(db, ida.id);
      expect(await removeIdentity(db, ivo.id, first?.id ?? "")).toBe(false);
      expect(await removeIdentity(db, ida.id, first?.id ?? "")).toBe(true);
      expect(await findIdentity(db, issuer, "Ab")).toBeNull();
    });

    test("who requires a package is found by what its newest version says", async () => {
      const packageId = await pkg("acme/shop", "");
      const owner = { organizationId: acme.id, packageId, name: "acme/shop" };
      const links = [
        { requires: "acme/text", is_dev: 0 as const, version_constraint: "^1.0" },
        { requires: "acme/text", is_dev: 1 as const, version_constraint: "^2.0" },
      ];
      await setDependencies(db, owner, links);
      expect(await countDependents(db, acme.id, "acme/text")).toEqual({ run: 1, dev: 1 });
      const found = await listDependents(db, acme.id, { requires: "acme/text", limit: 5 });
      expect(found.map((each) => each.constraint)).toEqual(["^1.0", "^2.0"]);
      await setDependencies(db, owner, []);
      expect(await countDependents(db, acme.id, "acme/text")).toEqual({ run: 0, dev: 0 });
    });

    test("packages are ordered by their downloads of late", async () => {
      for (const [name, count] of [
        ["acme/few", 1],
        ["acme/many", 7],
      ] as const) {
        await pkg(name, "ordered");
        const row = { organization_id: acme.id, package_name: name, day: "2026-02-20", count };
        await db.write.insertInto("package_downloads").values(row).execute();
      }
      const filter = { terms: ["ordered"], type: null, repository: null, state: null };
      const names = async (order: "name" | "updated" | "downloads") =>
        (await listPackagePage(db, acme.id, { filter, order, limit: 5, offset: 0 })).map((row) => row.name);
      await recountRecentDownloads(db, "2026-02-01");
      expect(await names("downloads")).toEqual(["acme/many", "acme/few"]);
      expect(await names("name")).toEqual(["acme/few", "acme/many"]);
      expect(await countPackages(db, acme.id, { ...filter, state: "deleted" })).toBe(0);
      await recountRecentDownloads(db, "2026-03-01");
      expect(await names("downloads")).toEqual(["acme/few", "acme/many"]);
      await db.write.deleteFrom("package_downloads").where("day", "=", "2026-02-20").execute();
    });

    test("a deleted version keeps its row and gives its archive up", async () => {
      const packageId = await pkg("acme/gone", "");
      const dist = await addDist(db, {
        ...{ id: Bun.randomUUIDv7(), organization_id: acme.id, package_name: "acme/gone", reference: "a1" },
        ...{
          sha1: "1",
          sha256: "2",
          size_bytes: 3,
          archive_format: 2,
          created_at: now,
          notes: null,
          deleted_at: null,
        },
      });
      const id = Bun.randomUUIDv7();
      await putVersion(db, {
        ...{ id, package_id: packageId, version: "1.0", version_normalized: "1.0.0.0", stability: "stable" },
        ...{ is_default_branch: 0, ref_kind: "tag", reference: "a1", dist_id: dist.id, manifest: "{}" },
        ...{
          notes: null,
          readme_hash: null,
          released_at: now,
          created_at: now,
          published_at: now,
          updated_at: now,
        },
        ...{ removed_at: null, deleted_at: null, deleted_by: null },
      });
      const of = { packageName: "acme/gone", reference: "a1" };
      await deleteUnusedDists(db, [dist.id], now);
      expect(await findDist(db, acme.id, of)).not.toBe(null);
      await deleteVersions(db, [id], { by: null, now });
      await deleteUnusedDists(db, [dist.id], now);
      expect(await findDist(db, acme.id, of)).toBe(null);
      expect((await findFullVersion(db, packageId, { version: "1.0", versionNormalized: null }))?.id).toBe(
        id,
      );
      expect(await listDeletedVersions(db, packageId)).toHaveLength(1);
      expect(await countDeletedVersions(db, packageId)).toBe(1);
      expect(await forgetDeletedRefs(db, acme.id)).toEqual(new Set());
      expect(await findRepositoryNaming(db, acme.id, "acme/gone")).toBe(null);
      expect(await listHeldRefs(db, acme.id, "acme/gone")).toEqual([]);
      expect((await addDist(db, { ...dist, id: Bun.randomUUIDv7() })).id).toBe(dist.id);
      expect(await findDist(db, acme.id, of)).not.toBe(null);
    });

    test("a name that a package provides is found until it is taken back", async () => {
      const packageId = await pkg("acme/log", "");
      await setProvided(db, { organizationId: acme.id, packageId }, ["psr/log-implementation"]);
      const providers = async () =>
        (await listProviders(db, acme.id, "psr/log-implementation")).map(({ name }) => name);
      expect(await providers()).toEqual(["acme/log"]);
      await setProvided(db, { organizationId: acme.id, packageId }, []);
      expect(await providers()).toEqual([]);
    });

    test("a document comes back byte for byte with the time it changed", async () => {
      const body = crypto.getRandomValues(new Uint8Array(300_000).subarray(0, 60_000));
      const row = {
        organization_id: acme.id,
        name: "acme/blog~dev",
        last_modified: 1_772_000_000,
        hash: "a",
      };
      await putDocument(db, { ...row, body });
      await putDocument(db, { ...row, last_modified: 1_772_000_001, body });
      const found = await findDocument(db, acme.id, "acme/blog~dev");
      expect(found?.lastModified).toBe(1_772_000_001);
      expect(Buffer.from(found?.body ?? []).equals(Buffer.from(body))).toBe(true);
      expect(await findLastModified(db, acme.id, "acme/blog~dev")).toBe(1_772_000_001);
      expect(await findDocument(db, acme.id, "acme/Blog~dev")).toBeNull();
    });

    test("a one-time secret is taken once, for its purpose and in its time", async () => {
      const add = (hash: string) =>
        addOneTimeSecret(db, {
          hash,
          purpose: "password-reset",
          user_id: null,
          data: "{}",
          created_at: now,
          expires_at: now + 1000,
        });
      const take = (hash: string, change = {}) =>
        consumeOneTimeSecret(db, { hash, purpose: "password-reset", now, ...change });
      await add("one");
      expect(await take("one", { purpose: "setup" })).toBe(false);
      expect(await take("one", { now: now + 1000 })).toBe(false);
      expect((await Promise.all([take("one"), take("one")])).toSorted()).toEqual([false, true]);
      await add("two");
      await voidOneTimeSecrets(db, { userId: null, purpose: "password-reset" });
      expect(await take("two")).toBe(false);
    });

    test("a limit holds until its window ends, however often more is asked", async () => {
      const ask = (at: number) => countAgainst(db, "sign-in ann", { limit: 2, windowMs: 1000, now: at });
      expect([await ask(now), await ask(now + 400)]).toEqual([0, 0]);
      expect([await ask(now + 500), await ask(now + 900)]).toEqual([500, 100]);
      expect(await waitOf(db, "sign-in ann", { limit: 2, now: now + 900 })).toBe(100);
      expect(await ask(now + 1000)).toBe(0);
    });

    test("a token opens its organization until it is revoked, a personal one the organizations of its member", async () => {
      const other = await addOrganization(db, { slug: "other", name: "Other", now });
      const ann = await addUser(db, {
        email: "ann@acme.test",
        name: "Ann",
        passwordHash: null,
        isAdmin: false,
        now,
      });
      await setMember(db, other.id, { userId: ann.id, role: "member", now });
      const base = { name: "t", packages: null, created_at: now, expires_at: now + 5, created_by: null };
      const own = await addToken(db, { ...base, hash: "h1", organization_id: acme.id, user_id: null });
      await addToken(db, { ...base, hash: "h2", organization_id: null, user_id: ann.id });
      const sees = async (slug: string, hash: string) =>
        (await findAccess(db, slug, hash))?.organizationId ?? null;
      expect([await sees("acme", "h1"), await sees("other", "h1")]).toEqual([acme.id, null]);
      expect([await sees("acme", "h2"), await sees("other", "h2")]).toEqual([null, other.id]);
      expect([await sees("nobody", "h1"), await sees("acme", "H1"), await sees("Acme", "h1")]).toEqual([
        null,
        null,
        null,
      ]);
      expect(await findAccess(db, "acme", "h1")).toMatchObject({
        expiresAt: now + 5,
        organizationCreatedAt: now,
      });
      await markTokensUsed(db, [own.id], now + 10);
      await markTokensUsed(db, [own.id], now + 1);
      expect((await findAccess(db, "acme", "h1"))?.lastUsedAt).toBe(now + 10);
      await revokeToken(db, own.id, now);
      expect(await sees("acme", "h1")).toBeNull();
    });

    test("FC19: every install counts, also of one token, version and minute, and a day has its sum", async () => {
      const install = (tokenId: string, at: number) => ({
        organization_id: acme.id,
        package_name: "acme/blog",
        version_normalized: "1.0.0.0",
        token_id: tokenId,
        minute: Math.floor(at / 60_000),
      });
      const count = () => db.transaction((tx) => countInstalls(tx, { now: now + 120_000, keepMs: 300_000 }));
      await addInstalls(db, [install("a", now), install("b", now)]);
      await addInstalls(db, [install("a", now + 1000)]);
      expect(await count()).toBe(3);
      expect(await count()).toBe(0);
      await addInstalls(db, [install("a", now), install("a", now), install("a", now + 60_000)]);
      expect(await count()).toBe(3);
      expect((await listDownloads(db, acme.id, "acme/blog")).get("1.0.0.0")).toBe(6);
      // A flood of them is a row of the token and the minute.
      const rows = await db.read.selectFrom("installs").select("uncounted").execute();
      expect(rows.map(({ uncounted }) => Number(uncounted))).toEqual([0, 0, 0]);
    });

    test("the sums of packages and of the organization agree with those of the versions", async () => {
      const report = (package_name: string, version: string, at: number) => ({
        organization_id: acme.id,
        package_name,
        version_normalized: version,
        token_id: "c",
        minute: Math.floor(at / 60_000),
      });
      const hour = 3_600_000;
      for (const at of [now, now + hour, now + 24 * hour]) {
        await addInstalls(db, [
          report("acme/blog", "1.0.0.0", at),
          report("acme/blog", "1.1.0.0", at),
          report("acme/shop", "1.0.0.0", at),
        ]);
        await db.transaction((tx) => countInstalls(tx, { now: at, keepMs: 300_000 }));
      }
      type Sums = "downloads" | "package_downloads" | "organization_downloads";
      const sums = async (table: Sums) => {
        const rows = await db.read.selectFrom(table).select(["day", "count"]).execute();
        const days = Map.groupBy(rows, ({ day }) => day);
        return [...days]
          .map(([day, group]) => [day, group.reduce((total, { count }) => total + Number(count), 0)])
          .toSorted();
      };
      const versions = await sums("downloads");
      expect(versions).toEqual([
        ["2026-03-01", 12],
        ["2026-03-02", 3],
      ]);
      expect(await sums("package_downloads")).toEqual(versions);
      expect(await sums("organization_downloads")).toEqual(versions);
      expect([...(await listOrganizationDownloads(db, acme.id, "2026-03-02"))]).toEqual([["2026-03-02", 3]]);
    });

    test("FC19: reports that come together lose none, nor do those that come while others are counted", async () => {
      const install = {
        ...{ organization_id: acme.id, package_name: "acme/farm", token_id: "farm" },
        minute: Math.floor(now / 60_000),
      };
      const report = ["1.0.0.0", "1.1.0.0"].map((version) => ({ ...install, version_normalized: version }));
      const count = () => db.transaction((tx) => countInstalls(tx, { now, keepMs: 300_000 }));
      const reports = Array.from({ length: 30 }, (_, at) =>
        db.transaction((tx) => addInstalls(tx, at % 2 === 0 ? report : report.toReversed())),
      );
      await Promise.all([...reports, count(), count(), count()]);
      await count();
      const sums = await listDownloads(db, acme.id, "acme/farm");
      expect([sums.get("1.0.0.0"), sums.get("1.1.0.0")]).toEqual([30, 30]);
    });
  });
