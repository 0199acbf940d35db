// A forge that takes each refresh token once and voids the access before, and several processes of the binary whose syncs
// all need that access at the same moment.
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { createApp, type App } from "../../src/app.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import type { OAuthForge } from "../../src/forges/oauth.ts";
import { connectByGrant } from "../../src/registry/credentials/connect-by-grant.ts";
import { createOrganization } from "../../src/registry/organizations/organizations.ts";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { requestSync } from "../../src/registry/sync-requests.ts";
import { findGranted, updateCredential } from "../../src/store/repositories/credentials.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { listRepositories, type Repository } from "../../src/store/repositories/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import type { FakeForge } from "../tools/forges/fake-forge.ts";
import { startForge } from "../tools/forges/forge.ts";
import { startOAuthForge, type OAuthServer } from "../tools/forges/oauth-server.ts";
import { makeRepository } from "../tools/repositories.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

const count = 8;
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

test("an access that ends is renewed once by all workers, and every sync ends well, again and again", async () => {
  const { app, organization, gitlab, operator } = await open();
  for (let at = 0; at < 3; at++) await operator.serve({ args: ["worker", "--concurrency", "3"] });
  for (const round of [1, 2, 3]) {
    await endAccess(app, organization, gitlab);
    for (const each of await listRepositories(app.db, organization.id))
      await requestSync(app, each, { reason: "asked" });
    const rows = await untilSynced(app, organization);
    expect(rows.map(({ name, state, error }) => [name, state, error])).toEqual(
      rows.map(({ name }) => [name, "fresh", null]),
    );
    expect([round, gitlab.refreshes.length]).toEqual([round, round]);
  }
  expect(new Set(gitlab.refreshes).size).toBe(3);
}, 120_000);

/** GitLab with repositories, an organization that somebody let use it, and a data directory for the binary. */
async function open() {
  const forge = startForge("gitlab");
  const gitlab = startOAuthForge("gitlab", { behind: forge });
  gitlab.person = { id: 7, login: "ann", emails: [] };
  const operator = await openWorld({ in: "shell", env: gitlab.environment });
  const parsed = parseConfig({ ...gitlab.environment, DATA_DIR: operator.dataDir, SYNC_INTERVAL: "off" });
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  const log = createLog({ level: "error", format: "json", write() {} });
  const app = await createApp(parsed.config, { log });
  closing.push(
    () => gitlab.stop(),
    () => forge.stop(),
    () => operator.close(),
    () => app.close(),
  );
  const organization = await createOrganization(app, {
    slug: "acme",
    name: "Acme",
    owner: null,
    actor: "cli",
  });
  await connect(app, organization, gitlab);
  await addRepositories(app, organization, { forge, operator });
  return { app, organization, gitlab, operator };
}

async function connect(app: App, organization: Organization, gitlab: OAuthServer): Promise<void> {
  const forge = app.oauth.forges.find(({ name }) => name === "gitlab") as OAuthForge;
  const trip = {
    redirectUri: `${app.config.appUrl}/auth/gitlab/callback`,
    state: "state",
    verifier: "a verifier that is long enough for everybody",
    nonce: "",
    startedAt: app.now(),
  };
  const path = await gitlab.agree(await forge.connectionAddress(trip));
  const grant = await forge.connect(trip, new URL(path, app.config.appUrl).searchParams);
  await connectByGrant(app, organization, { forge, grant, actor: "cli" });
}

async function addRepositories(
  app: App,
  organization: Organization,
  { forge, operator }: { forge: FakeForge; operator: Operator },
): Promise<void> {
  forge.root = join(operator.folder, "git");
  const { id } = await credentialOf(app, organization);
  for (let number = 1; number <= count; number++) {
    const path = `acme/part-${number}`;
    await makeRepository(forge.root, path, [{ manifest: { name: path }, tags: ["1.0.0"] }]);
    forge.add(path);
    const request = { url: `${forge.origin}/${path}.git`, name: null, provider: null, allowLocal: false };
    await addRepository(app, organization, { ...request, credential: { kind: "stored", id }, actor: "cli" });
  }
}

async function credentialOf(app: App, organization: Organization) {
  const { origin } = app.config.forges.gitlab;
  const found = await findGranted(app.db, organization.id, { provider: "gitlab", origin, account: "ann" });
  if (!found) throw new Error("nothing was granted");
  return found;
}

/** There and here. */
async function endAccess(app: App, organization: Organization, gitlab: OAuthServer): Promise<void> {
  gitlab.voidAccess();
  const { id } = await credentialOf(app, organization);
  await updateCredential(app.db, organization.id, { id, expires_at: 1 });
}

async function untilSynced(app: App, organization: Organization) {
  const rows = () => listRepositories(app.db, organization.id);
  const isSynced = ({ sync_deadline, state }: Repository) =>
    sync_deadline === null && state !== "syncing" && state !== "waiting";
  await until(async () => (await rows()).every(isSynced), { what: "the syncs end", withinMs: 60_000 });
  return rows();
}
