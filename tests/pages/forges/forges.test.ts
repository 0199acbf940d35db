import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { findCredential, listCredentials } from "../../../src/store/repositories/credentials.ts";
import { listActivity } from "../../../src/store/organizations/activity.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { findRepository, type Repository } from "../../../src/store/repositories/repositories.ts";
import { forgeNames } from "../../../src/forges/forge.ts";
import { runSync } from "../../../src/registry/syncs/sync.ts";
import type { TestApp } from "../../worlds/process.ts";
import type { FakeForge } from "../../tools/forges/fake-forge.ts";
import { startForge } from "../../tools/forges/forge.ts";
import { makeRepository } from "../../tools/repositories.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const settings = "/organizations/acme/settings/credentials";
const repositories = "/organizations/acme/repositories";

let world: TestApp;
let acme: Organization;
let ann: Visitor & { user: { id: string } };
const forges: Record<string, FakeForge> = {};

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  await signedIn(world, "ben", { roles: { acme: "owner" } });
  for (const name of forgeNames) {
    const forge = startForge(name, { root: world.folder });
    forge.add(`acme/${name}-blog`);
    forges[name] = forge;
    await makeRepository(world.folder, `acme/${name}-blog`, [
      { manifest: { name: `acme/${name}-blog` }, tags: ["1.0.0"] },
    ]);
  }
});
afterAll(async () => {
  for (const forge of Object.values(forges)) await forge.stop();
  await world?.close();
});

const forgeOf = (name: string) => forges[name] ?? startForge("github");
const formOf = (forge: FakeForge, more: Record<string, string> = {}) => ({
  provider: forge.name,
  address: forge.origin,
  email: forge.name === "bitbucket" ? forge.account.email : "",
  token: forge.token,
  name: "",
  ...more,
});
const credentialOf = async (forge: FakeForge) => {
  const found = (await listCredentials(world.app.db, acme.id)).find(({ origin }) => origin === forge.origin);
  return findCredential(world.app.db, acme.id, found?.id ?? "");
};
const rowOf = async (name: string): Promise<Repository> => {
  const row = await findRepository(world.app.db, acme.id, name);
  if (!row) throw new Error(`there is no ${name}`);
  return row;
};
const sync = async (name: string) => {
  const { id } = await rowOf(name);
  await runSync(world.app, { repositoryId: id, reason: "asked" }, new AbortController().signal);
  return rowOf(name);
};
const actions = async () => (await listActivity(world.app.db, acme.id, 50)).map(({ action }) => action);

for (const name of forgeNames)
  describe(`an account at ${name}`, () => {
    test("is connected by a token that the forge has confirmed, and never shown", async () => {
      const forge = forgeOf(name);
      const answer = await ann.post(`${settings}/connect`, formOf(forge));
      expect(answer.status).toBe(303);
      const page = await ann.read(settings);
      expect(page).toContain(`ann at ${new URL(forge.origin).host}`);
      expect(page).toContain("can read repositories");
      for (const scope of forge.scopes ?? []) expect(page).toContain(scope);
      expect(page + world.log.join("\n")).not.toContain(forge.token);
      const credential = await credentialOf(forge);
      expect(credential).toMatchObject({ provider: name, created_by: ann.user.id, refused_at: null });
      expect(credential?.secret).not.toContain(forge.token);
      expect(await actions()).toContain("credential.connected");
    });

    test("opens the repository for git, too", async () => {
      const forge = forgeOf(name);
      const stored = (await credentialOf(forge))?.id ?? "";
      const form = { url: `${forge.origin}/acme/${name}-blog.git`, credential: "stored", stored };
      expect((await ann.post(repositories, form)).status).toBe(303);
      const row = await sync(`${name}-blog`);
      expect(row).toMatchObject({ state: "fresh", provider: name, error: null, moved_to: null });
      const page = await ann.read(`${repositories}/${name}-blog`);
      const links = world.app.forges.at(name, forge.origin).links;
      expect(page).toContain(`href="${links.repository(`acme/${name}-blog`)}"`);
      expect(page).toContain(`href="${links.tag(`acme/${name}-blog`, "1.0.0")}"`);
      const version = await ann.read(`/organizations/acme/packages/acme/${name}-blog/versions/1.0.0`);
      expect(version).toContain(`${forge.origin}/acme/${name}-blog/`);
      expect(version).toContain(`href="${links.tag(`acme/${name}-blog`, "1.0.0")}"`);
    });

    test("goes on working when the user who connected it is gone", async () => {
      const answer = await (
        await signedIn(world, "ben")
      ).post(`/organizations/acme/settings/members/${ann.user.id}/remove`);
      expect(answer.status).toBe(303);
      expect((await ann.get(settings)).status).toBe(404);
      const forge = forgeOf(name);
      const before = Number((await rowOf(`${name}-blog`)).last_proven_fresh_at);
      world.tick();
      expect(Number((await sync(`${name}-blog`)).last_proven_fresh_at)).toBeGreaterThan(before);
      expect(await credentialOf(forge)).toMatchObject({ created_by: ann.user.id });
      ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    });

    test("says that its forge refuses it, with what to do, until another token is there", async () => {
      const forge = forgeOf(name);
      forge.faults.expired = true;
      expect(await sync(`${name}-blog`)).toMatchObject({ state: "failed" });
      const refused = await ann.read(settings);
      expect(refused).toContain("rejected the token");
      const id = (await credentialOf(forge))?.id ?? "";
      expect(await ann.read(`${repositories}/${name}-blog`)).toContain(`href="${settings}/${id}/edit"`);
      expect(refused).toContain(`href="${settings}/${id}/edit"`);
      expect(refused).toContain("Published versions stay installable");
      expect(await actions()).toContain("credential.refused");

      const form = { name: "robot", email: formOf(forge).email, token: "another-token" };
      const wrong = await ann.post(`${settings}/${id}/edit`, form);
      expect(wrong.status).toBe(422);
      const text = await wrong.text();
      expect(text).toContain('aria-invalid="true"');
      expect(text).not.toContain("another-token");

      forge.faults.expired = false;
      forge.token = "another-token";
      expect((await ann.post(`${settings}/${id}/edit`, form)).status).toBe(303);
      expect(await ann.read(settings)).not.toContain("rejected the token");
      expect(await credentialOf(forge)).toMatchObject({ name: "robot", refused_at: null, error: null });
      expect(await rowOf(`${name}-blog`)).toMatchObject({ state: "waiting" });
      expect(await sync(`${name}-blog`)).toMatchObject({ state: "fresh", error: null });
    });

    test("tells where a repository is by now, and takes it there", async () => {
      const forge = forgeOf(name);
      forge.rename(`acme/${name}-blog`, `acme/${name}-journal`);
      const moved = await sync(`${name}-blog`);
      const now = `${forge.origin}/acme/${name}-journal.git`;
      expect(moved).toMatchObject({ state: "fresh", moved_to: now });
      const page = await ann.read(`${repositories}/${name}-blog`);
      expect(page).toContain(`Now at ${now}<`);
      expect((await ann.post(`${repositories}/${name}-blog/follow`)).status).toBe(303);
      expect(await rowOf(`${name}-blog`)).toMatchObject({
        url: now,
        moved_to: null,
        credential_id: moved.credential_id,
      });
      expect(await sync(`${name}-blog`)).toMatchObject({ state: "fresh", moved_to: null });
      expect(await actions()).toContain("repository.followed");
      expect((await ann.post(`${repositories}/${name}-blog/follow`)).status).toBe(409);
    });
  });

describe("the form that connects a forge", () => {
  const wrong: [string, Record<string, string>, string][] = [
    ["a token", { token: "" }, "Enter a token"],
    ["a token that can be one", { token: "two words" }, "not a token"],
    [
      "an address that is an origin",
      { address: "https://127.0.0.1/gitlab" },
      "only the address of the Git host",
    ],
    ["the kind of forge that is there", { provider: "gitlab" }, "does not respond like GitLab"],
    ["an address where there is one", { address: "http://127.0.0.1:1" }, "reached"],
    ["the kind of forge", { provider: "sourceforge" }, "the kind of Git host"],
    ["the address of a Gitea", { provider: "gitea", address: "" }, "Enter its address"],
    [
      "the e-mail for Bitbucket",
      { provider: "bitbucket", email: "" },
      "email address of the Atlassian account",
    ],
    ["a token that the forge takes", { token: "guessed" }, "rejected the token"],
  ];
  for (const [what, change, words] of wrong)
    test(`asks for ${what} beside its field`, async () => {
      const before = (await listCredentials(world.app.db, acme.id)).length;
      const answer = await ann.post(`${settings}/connect`, formOf(forgeOf("github"), change));
      expect(answer.status).toBe(422);
      const text = await answer.text();
      expect(text).toContain(words);
      expect(text).not.toContain("guessed");
      expect(await listCredentials(world.app.db, acme.id)).toHaveLength(before);
    });

  test("refuses a token that may not read repositories, naming the scope", async () => {
    const forge = forgeOf("github");
    forge.scopes = ["gist"];
    const answer = await ann.post(`${settings}/connect`, formOf(forge));
    forge.scopes = ["repo"];
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("the scope &quot;repo&quot;");
  });

  test("is for those who manage the organization, after their password", async () => {
    const cat = await signedIn(world, "cat", { roles: { acme: "member" } });
    expect((await cat.get(`${settings}/connect`)).status).toBe(403);
    expect((await cat.post(`${settings}/connect`, formOf(forgeOf("github")))).status).toBe(403);
    world.tick(11 * 60_000);
    expect((await ann.get(`${settings}/connect`)).headers.get("location")).toStartWith("/confirm");
    ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  });
});

test("a repository that is reached over SSH has the links of its forge, one at an unknown host none", async () => {
  const added = [
    ["git@github.com:acme/ssh-blog.git", "https://github.com/acme/ssh-blog"],
    ["git@git.acme.test:acme/unknown.git", null],
  ] as const;
  for (const [url, href] of added) {
    expect((await ann.post(repositories, { url, credential: "new-ssh-key" })).status).toBe(303);
    const page = await ann.read(`${repositories}/${url.replace(/.*\/|\.git$/g, "")}`);
    if (href) expect(page).toContain(`href="${href}"`);
    else expect(page).not.toContain("https://git.acme.test");
  }
});

describe("connecting a Git host", () => {
  const connect = `${settings}/connect`;
  const linksOf = (page: string) =>
    [...page.matchAll(/<a class="button" href="([^"]+)"/g)].map(([, href = ""]) =>
      href.replaceAll("&amp;", "&"),
    );

  test("FU42: begins with the choice of the host, and shows then its fields alone", async () => {
    const choice = await ann.read(connect);
    for (const name of forgeNames) expect(choice).toContain(`href="${connect}?forge=${name}"`);
    expect(choice).not.toContain('name="token"');
    const github = await ann.read(`${connect}?forge=github`);
    expect(github).toContain('name="token"');
    expect(github).not.toContain('name="email"');
    expect(github).not.toContain('name="address"');
    expect(github).not.toContain("write:webhook");
    const bitbucket = await ann.read(`${connect}?forge=bitbucket`);
    expect(bitbucket).toContain('name="email"');
    expect(bitbucket).not.toContain("read:org");
  });

  test("FU42: leads to the form for a new token there, with the scopes ticked where that is possible", async () => {
    const linkOf = async (query: string) => linksOf(await ann.read(`${connect}?${query}`))[0];
    expect(await linkOf("forge=github")).toBe(
      "https://github.com/settings/tokens/new?scopes=repo,read:org&description=Pricore",
    );
    expect(await linkOf("forge=gitlab")).toBe(
      "https://gitlab.com/-/user_settings/personal_access_tokens?name=Pricore&scopes=api,read_api,read_repository",
    );
    expect(await linkOf("forge=bitbucket")).toBe(
      "https://id.atlassian.com/manage-profile/security/api-tokens",
    );
    const own = encodeURIComponent("https://git.acme.test");
    expect(await linkOf(`forge=gitea&address=${own}`)).toBe(
      "https://git.acme.test/user/settings/applications",
    );
    expect(await linkOf(`forge=gitlab&address=${own}`)).toStartWith(
      "https://git.acme.test/-/user_settings/personal_access_tokens?",
    );
  });

  test("asks first where a host is that can be anywhere, and again when the address is none", async () => {
    for (const query of ["forge=gitea", "forge=github&own=1"]) {
      const page = await ann.read(`${connect}?${query}`);
      expect(page).toContain('name="address"');
      expect(page).not.toContain('name="token"');
    }
    for (const address of ["javascript:alert(1)", "https://git.acme.test/a/path", "https://a b"]) {
      const answer = await ann.get(`${connect}?forge=gitea&address=${encodeURIComponent(address)}`);
      expect([address, answer.status]).toEqual([address, 422]);
      const page = await answer.text();
      expect(page).toContain('aria-invalid="true"');
      expect(page).not.toContain('href="javascript');
    }
  });

  test("keeps what was typed, with what was wrong beside its field", async () => {
    const forge = forgeOf("gitlab");
    const answer = await ann.post(connect, formOf(forge, { token: "not it", name: "robot" }));
    expect(answer.status).toBe(422);
    const page = await answer.text();
    expect(page).toContain(`value="${forge.origin}"`);
    expect(page).toContain('value="robot"');
    expect(page).not.toContain("not it");
  });
});
