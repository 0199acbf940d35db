// What stands for each parameter of an address: something of acme, something of another organization, and nothing.
import { invite } from "../../../src/registry/organizations/invitations.ts";
import { createCredential } from "../../../src/registry/credentials/credentials.ts";
import { startSession } from "../../../src/registry/accounts/sessions.ts";
import { requestWebhook } from "../../../src/registry/webhooks/webhooks.ts";
import { createToken } from "../../../src/registry/tokens.ts";
import { getOrganization } from "../../../src/store/organizations/organizations.ts";
import { setMember } from "../../../src/store/organizations/members.ts";
import { listMails } from "../../../src/store/mails.ts";
import type { Role } from "../../../src/store/schema.ts";
import { addIdentity, findIdentity } from "../../../src/store/accounts/identities.ts";
import { addPasskey } from "../../../src/store/accounts/passkeys.ts";
import { addDelivery } from "../../../src/store/webhooks/deliveries.ts";
import type { Repository } from "../../../src/store/repositories/repositories.ts";
import { listSyncs } from "../../../src/store/syncs/syncs.ts";
import { findUserById, listUsers } from "../../../src/store/accounts/users.ts";
import { makePerson } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { addJobRow } from "../../tools/jobs.ts";

export type Sample = { ours: string; theirs: string; nobodys: string };
/** By the parameter's name, or by a part of the path and the name: `/tokens/ id`. */
export type Samples = Record<string, Sample>;

const nobodysId = "01900000-0000-7000-8000-000000000000";

/** acme with people of every role, acme/blog and a token; and other with ben, other/ledger and a token. */
export async function makeSamples(world: TestApp): Promise<{ samples: Samples; token: string }> {
  const acme = await makeOrganization(world, "acme", "acme/blog", {
    ann: "owner",
    ada: "admin",
    mia: "member",
  });
  const other = await makeOrganization(world, "other", "other/ledger", { ben: "owner" });
  await makePerson(world, "ida", { isAdmin: true });
  const pair = (name: keyof typeof acme, nobodys = nobodysId): Sample => ({
    ours: acme[name],
    theirs: other[name],
    nobodys,
  });
  const [mail] = await listMails(world.app.db, { limit: 1, before: null });
  const samples: Samples = {
    slug: { ours: "acme", theirs: "other", nobodys: "nowhere" },
    secret: { ours: "guessed", theirs: "guessed", nobodys: "guessed" },
    vendor: { ours: "acme", theirs: "other", nobodys: "other" },
    "/packages/ name": { ours: "blog", theirs: "ledger", nobodys: "absent" },
    "/repositories/ name": pair("repository", "absent"),
    version: { ours: "1.0.0", theirs: "1.0.0", nobodys: "1.0.0" },
    "/syncs/ id": pair("sync"),
    "/tokens/ id": pair("tokenId"),
    "/credentials/ id": pair("credential"),
    "/ssh-keys/ id": pair("sshKey"),
    "/members/ user": pair("owner"),
    "/members/invitations/ id": pair("invitation"),
    "/sessions/ id": pair("session"),
    "/passkeys/ id": pair("passkey"),
    "/jobs/ id": { ours: await addJobRow(world.app), theirs: nobodysId, nobodys: nobodysId },
    file: { ours: "overview.webp", theirs: "absent.webp", nobodys: "absent.webp" },
    provider: { ours: "github", theirs: "nowhere", nobodys: "nobodys" },
    "/connections/ id": pair("identity"),
    "/outbox/ id": { ours: mail?.id ?? "", theirs: nobodysId, nobodys: nobodysId },
  };
  return { samples, token: acme.token };
}

/** The one that stands for a parameter in this path. */
export function sampleOf(samples: Samples, path: string, name: string): Sample | null {
  const key = Object.keys(samples).find((each) => {
    const [part = "", own] = each.split(" ");
    return own === undefined ? part === name : own === name && path.includes(part);
  });
  return key === undefined ? null : (samples[key] ?? null);
}

async function makeOrganization(world: TestApp, slug: string, pkg: string, people: Record<string, Role>) {
  const { app } = world;
  await world.organization(slug);
  const organization = await getOrganization(app.db, slug);
  const ids: string[] = [];
  for (const [name, role] of Object.entries(people)) {
    const { id } = await makePerson(world, name);
    await setMember(app.db, organization.id, { userId: id, role, now: app.now() });
    ids.push(id);
  }
  const mirrored = await world.mirror(organization, pkg, [
    { manifest: { name: pkg }, files: { "logo.svg": "<svg/>" }, tags: ["1.0.0"] },
  ]);
  await mirrored.sync();
  const { id, name } = await mirrored.row();
  await makeWebhook(world, await mirrored.row());
  const { token, text } = await createToken(app, {
    owner: { organizationId: organization.id },
    name: "ci",
    expiresAt: null,
    packages: [],
    actor: "cli",
  });
  const [sync] = await listSyncs(app.db, id);
  const [by] = await listUsers(app.db);
  if (!by) throw new Error("nobody can invite");
  const guest = { email: `guest@${slug}.test`, role: "member" };
  const invitation = (await invite(app, { organization, by, client: slug }, guest)).id;
  const secret = { host: "git.acme.test", username: "robot", password: "a token" };
  const basic = { kind: "basic", name: "robot", ...secret } as const;
  const credential = await createCredential(app, organization, { input: basic, actor: "cli" });
  const key = { kind: "new-ssh-key", name: "key" } as const;
  const sshKey = await createCredential(app, organization, { input: key, actor: "cli" });
  const [ownerId = ""] = ids;
  const passkey = `passkey-of-${ownerId}`;
  await addPasskey(app.db, {
    id: passkey,
    user_id: ownerId,
    name: "Laptop",
    public_key: "",
    counter: 0,
    transports: "[]",
    created_at: app.now(),
  });
  const user = await findUserById(app.db, ownerId);
  if (!user) throw new Error("the owner is gone");
  const browser = { address: "", userAgent: "" };
  const { session } = await startSession(app, { user, browser, isRemembered: false });
  await addIdentity(app.db, {
    user_id: ownerId,
    provider: "github",
    issuer: "https://github.com",
    subject: ownerId,
    login: "owner",
    created_at: app.now(),
    last_used_at: null,
  });
  const identity = await findIdentity(app.db, "https://github.com", ownerId);
  return {
    passkey,
    identity: identity?.id ?? "",
    session: session.id,
    invitation,
    repository: name,
    sync: sync?.id ?? "",
    tokenId: token.id,
    token: text,
    owner: ownerId,
    credential: credential?.id ?? "",
    sshKey: sshKey?.id ?? "",
  };
}

/** One that is entered by hand, and something of each kind that came. */
async function makeWebhook({ app }: TestApp, repository: Repository): Promise<void> {
  await requestWebhook(app, { repository, action: "webhook.set_up", actor: "cli" });
  for (const verdict of ["accepted", "ping", "ignored", "refused"] as const)
    await addDelivery(app.db, {
      organization_id: repository.organization_id,
      repository_id: repository.id,
      forge_id: verdict === "refused" ? null : verdict,
      event: verdict === "refused" ? null : "push",
      verdict,
      reason: verdict === "refused" ? "Signature did not match" : null,
      refs: verdict === "accepted" ? ["refs/heads/main"] : [],
      size_bytes: 10,
      now: app.now(),
    });
}
