// A forge that somebody let the organization use: connected by agreeing there, renewed before its end, once for all.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createApp } from "../../../src/app.ts";
import { oauthForge } from "../../../src/forges/oauth-forges.ts";
import { forgeNames } from "../../../src/forges/forge.ts";
import type { ForgeName } from "../../../src/forges/forge.ts";
import { accessOf } from "../../../src/registry/forges/access.ts";
import { runSync } from "../../../src/registry/syncs/sync.ts";
import { listActivity } from "../../../src/store/organizations/activity.ts";
import { findGranted, type Credential } from "../../../src/store/repositories/credentials.ts";
import { changeMemberRole } from "../../../src/store/organizations/members.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { claimRenewal } from "../../../src/store/repositories/renewals.ts";
import { findRepository, type Repository } from "../../../src/store/repositories/repositories.ts";
import type { TestApp } from "../../worlds/process.ts";
import type { FakeForge } from "../../tools/forges/fake-forge.ts";
import { startForge } from "../../tools/forges/forge.ts";
import { startOAuthForge, type OAuthServer } from "../../tools/forges/oauth-server.ts";
import { mailsTo } from "../../tools/mails.ts";
import { makeRepository } from "../../tools/repositories.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const settings = "/organizations/acme/settings/credentials";
const minute = 60_000;
const hours = 3_600_000;

let world: TestApp;
let acme: Organization;
let ann: Visitor & { user: { id: string } };
const oauth = {} as Record<ForgeName, OAuthServer>;
const behind: FakeForge[] = [];
let time = () => Date.now();

beforeAll(async () => {
  const environment: Record<string, string> = {};
  for (const name of forgeNames) {
    const forge = startForge(name);
    behind.push(forge);
    // GitHub's as those of a GitHub App, which end too.
    oauth[name] = startOAuthForge(name, { behind: forge, seconds: 7200, now: () => time() });
    oauth[name].person = { id: 7, login: "ann", emails: [] };
    Object.assign(environment, oauth[name].environment);
  }
  world = await openWorld({ in: "process", environment });
  time = () => world.app.now();
  // There is one Bitbucket, and no variable that says where it is.
  const { id: clientId, secret: clientSecret } = oauth.bitbucket.client;
  const { outboundAllow: allow } = world.app.config;
  const known = world.app.oauth.forges.findIndex(({ name }) => name === "bitbucket");
  const origin = oauth.bitbucket.origin;
  const own = { origin, clientId, clientSecret, policy: { allow }, now: world.app.now };
  world.app.oauth.forges[known] = oauthForge("bitbucket", own);
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  await signedIn(world, "olga", { roles: { acme: "owner" } });
  await signedIn(world, "mia", { roles: { acme: "member" } });
}, 60_000);
afterAll(async () => {
  for (const forge of behind) await forge.stop();
  for (const server of Object.values(oauth)) await server.stop();
  await world?.close();
});

async function setOut(person: Visitor, name: ForgeName): Promise<string> {
  const shown = await person.post(`${settings}/connect/${name}`);
  expect([name, shown.status]).toEqual([name, 200]);
  const [, href = ""] = /content="0; url=([^"]+)"/.exec(await shown.text()) ?? [];
  return href.replaceAll("&amp;", "&");
}

async function connect(name: ForgeName, person: Visitor = ann): Promise<Response> {
  return person.get(await oauth[name].agree(await setOut(person, name)));
}

async function granted(name: ForgeName): Promise<Credential> {
  const of = { provider: name, origin: oauth[name].origin, account: "ann" };
  const found = await findGranted(world.app.db, acme.id, of);
  if (!found) throw new Error(`nothing was granted at ${name}`);
  return found;
}

async function rowOf(name: ForgeName): Promise<Repository> {
  const row = await findRepository(world.app.db, acme.id, `${name}-blog`);
  if (!row) throw new Error(`there is no ${name}-blog`);
  return row;
}

async function sync(name: ForgeName): Promise<Repository> {
  const { id } = await rowOf(name);
  await runSync(world.app, { repositoryId: id, reason: "asked" }, new AbortController().signal);
  return rowOf(name);
}

async function signedInAgain(): Promise<void> {
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
}

const scopes = {
  github: "repo read:org",
  gitlab: "api",
  bitbucket: "account repository webhook",
  gitea: "read:user read:organization write:repository",
};

for (const name of forgeNames)
  describe(`what somebody grants at ${name}`, () => {
    test("is the organization's, asked for no more than is needed, and never shown", async () => {
      await signedInAgain();
      expect(await ann.read(`${settings}/connect?forge=${name}`)).toContain(`/connect/${name}"`);
      const href = new URL(await setOut(ann, name));
      expect(href.searchParams.get("scope")).toBe(scopes[name]);
      expect(href.searchParams.has("code_challenge")).toBe(name !== "bitbucket");
      const answer = await connect(name);
      expect([answer.status, answer.headers.get("location")]).toEqual([303, settings]);
      const credential = await granted(name);
      expect(credential).toMatchObject({ created_by: ann.user.id, kind: "basic", refused_at: null });
      expect(Number(credential.expires_at)).toBe(world.app.now() + 2 * hours);
      const page = await ann.read(settings);
      expect(page).toContain(`ann at ${new URL(oauth[name].origin).host}`);
      expect(page).toContain("Connect again");
      const everywhere = page + world.log.join("\n") + JSON.stringify(credential);
      for (const token of oauth[name].validTokens()) expect(everywhere).not.toContain(token);
      const [latest] = await listActivity(world.app.db, acme.id, 1);
      expect(latest?.action).toBe("credential.connected");
    });

    test("is replaced in its place when the same account grants it again", async () => {
      const before = await granted(name);
      await connect(name);
      const after = await granted(name);
      expect([after.id, after.secret === before.secret]).toEqual([before.id, false]);
    });

    test("opens repositories for git, and goes on after its end", async () => {
      const forge = behind.find((each) => each.name === name) as FakeForge;
      const path = `acme/${name}-blog`;
      await makeRepository(world.folder, path, [{ manifest: { name: path }, tags: ["1.0.0"] }]);
      forge.add(path);
      forge.root = world.folder;
      const form = {
        url: `${forge.origin}/${path}.git`,
        credential: "stored",
        stored: (await granted(name)).id,
      };
      expect((await ann.post("/organizations/acme/repositories", form)).status).toBe(303);
      expect(await sync(name)).toMatchObject({ state: "fresh", error: null });
      const before = oauth[name].refreshes.length;
      for (const round of [1, 2, 3]) {
        world.tick(3 * hours);
        expect(await sync(name)).toMatchObject({ state: "fresh", error: null });
        expect(oauth[name].refreshes.length - before).toBe(round);
      }
      // A while before its end too, and not before that.
      world.tick(2 * hours - 6 * minute);
      await sync(name);
      expect(oauth[name].refreshes.length - before).toBe(3);
      world.tick(2 * minute);
      await sync(name);
      expect(oauth[name].refreshes.length - before).toBe(4);
      expect(new Set(oauth[name].refreshes).size).toBe(oauth[name].refreshes.length);
    });

    test("is renewed once, however many processes and jobs want it at the same time", async () => {
      const other = await createApp(world.app.config, { now: world.app.now, log: world.app.log });
      other.oauth = world.app.oauth;
      try {
        world.tick(3 * hours);
        const before = oauth[name].refreshes.length;
        const row = await granted(name);
        const wanting = Array.from({ length: 12 }, (_, at) => accessOf(at % 2 ? other : world.app, row));
        const tokens = (await Promise.all(wanting)).map(({ token }) => token);
        expect(oauth[name].refreshes.length - before).toBe(1);
        expect([...new Set(tokens)]).toEqual(oauth[name].validTokens().slice(-1));
        expect(await sync(name)).toMatchObject({ state: "fresh" });
      } finally {
        await other.close();
      }
    });

    test("is tried again with a new token when the forge voids the old one early", async () => {
      const before = oauth[name].refreshes.length;
      oauth[name].voidAccess();
      expect(await sync(name)).toMatchObject({ state: "fresh", error: null });
      expect(oauth[name].refreshes.length - before).toBe(1);
      oauth[name].voidAccess();
      expect((await ann.get(`/organizations/acme/repositories/from-forge`)).status).not.toBe(500);
      expect(await granted(name)).toMatchObject({ refused_at: null });
    });

    test("holds while the forge is away, and is renewed when it is back", async () => {
      const row = await granted(name);
      world.tick(Number(row.expires_at) - world.app.now() - minute);
      oauth[name].fault = "down";
      expect((await accessOf(world.app, row)).token).toBeTruthy();
      world.tick(2 * minute);
      const failed = await sync(name);
      expect(failed).toMatchObject({ state: "failed" });
      expect(failed.error).toContain("could not be reached");
      expect(await granted(name)).toMatchObject({ refused_at: null });
      oauth[name].fault = null;
      expect(await sync(name)).toMatchObject({ state: "fresh" });
    });

    test("is followed by another process when the one that renews dies", async () => {
      world.tick(3 * hours);
      const row = await granted(name);
      const now = world.app.now();
      const lease = { id: row.id, refreshSecret: row.refresh_secret ?? "", now, until: now + minute };
      expect(await claimRenewal(world.app.db, acme.id, lease)).toBe(true);
      const waiting = accessOf(world.app, row);
      await Bun.sleep(300);
      world.tick(minute);
      const { token } = await waiting;
      expect(oauth[name].validTokens()).toContain(token);
    });

    test("and ends there is reported to owner and admins, once, and heals when it is granted again", async () => {
      await signedInAgain();
      oauth[name].revokeAll();
      world.tick(3 * hours);
      const failed = await Promise.all([sync(name), sync(name)]);
      expect(failed[1]?.state).toBe("failed");
      expect((await sync(name)).error).toContain("has revoked the access");
      const refused = await granted(name);
      expect(refused.refused_at).not.toBeNull();
      const host = new URL(oauth[name].origin).host;
      for (const [person, count] of Object.entries({ ann: 1, olga: 1, mia: 0 })) {
        const mails = await mailsTo(world.app, `${person}@acme.test`);
        expect([person, mails.filter(({ subject }) => subject.includes(`${host} refuses`)).length]).toEqual([
          person,
          count,
        ]);
      }
      await signedInAgain();
      expect(await ann.read(settings)).toContain("Connect it again");
      const acts = (await listActivity(world.app.db, acme.id, 20)).map(({ action }) => action);
      expect(acts).toContain("credential.refused");
      await connect(name);
      expect(await granted(name)).toMatchObject({ id: refused.id, refused_at: null, error: null });
      expect(await sync(name)).toMatchObject({ state: "fresh" });
    });
  });

test("what was granted still works when the user who granted it leaves", async () => {
  await signedInAgain();
  await connect("gitlab");
  expect((await ann.post("/account/organizations/acme/leave")).status).toBe(303);
  expect((await ann.post("/account/delete", { password: "a long password of ann" })).status).toBe(303);
  world.tick(3 * hours);
  expect(await sync("gitlab")).toMatchObject({ state: "fresh" });
  expect((await (await signedIn(world, "olga")).get(settings)).status).toBe(200);
});

test("a user who is no longer an admin when they come back has connected nothing", async () => {
  await signedInAgain();
  const path = await oauth.github.agree(await setOut(ann, "github"));
  const before = (await granted("github")).secret;
  await changeMemberRole(world.app.db, acme.id, { userId: ann.user.id, from: "admin", to: "member" });
  expect((await ann.get(path)).status).toBe(404);
  expect((await granted("github")).secret).toBe(before);
  expect((await ann.post(`${settings}/connect/github`)).status).toBe(403);
});

test("what is granted is connected in the session and for the organization that it was asked for", async () => {
  await signedInAgain();
  await world.organization("other");
  const path = await oauth.github.agree(await setOut(ann, "github"));
  const olga = await signedIn(world, "olga", { roles: { other: "owner" } });
  for (const [name, value] of ann.cookies) if (name !== "pricore") olga.cookies.set(name, value);
  expect((await olga.get(path)).status).toBe(400);
  const declined = await ann.get(await oauth.github.decline(await setOut(ann, "github")));
  expect([declined.status, await declined.text()]).toEqual([
    422,
    expect.stringContaining("access was denied"),
  ]);
});

test("an account that may not read repositories is not connected", async () => {
  await signedInAgain();
  const forge = behind.find(({ name }) => name === "github") as FakeForge;
  forge.scopes = ["read:user"];
  const refused = await connect("github");
  forge.scopes = ["repo", "read:org"];
  expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining("repo")]);
});
