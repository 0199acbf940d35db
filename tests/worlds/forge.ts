// A fake forge, acme with an account there, and acme/blog on it.
import { connectForge } from "../../src/registry/credentials/connect.ts";
import { ensureWebhook } from "../../src/registry/webhooks/ensure.ts";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { openWebhookSecret } from "../../src/registry/webhooks/secrets.ts";
import type { ForgeName } from "../../src/forges/forge.ts";
import { listActivity } from "../../src/store/organizations/activity.ts";
import { listCredentials } from "../../src/store/repositories/credentials.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import type { Repository } from "../../src/store/repositories/repositories.ts";
import { findWebhook, type Webhook } from "../../src/store/webhooks/webhooks.ts";
import type { TestApp } from "./process.ts";
import type { FakeForge, FakeHook } from "../tools/forges/fake-forge.ts";
import { startForge } from "../tools/forges/forge.ts";
import { makeRepository } from "../tools/repositories.ts";

export type WithForge = {
  acme: Organization;
  forge: FakeForge;
  blog: Repository;
  /** The forge's webhooks of acme/blog. */
  hooks(): FakeHook[];
  webhook(): Promise<Webhook>;
  secret(): Promise<string>;
  /** Runs the webhook's job. */
  keep(): Promise<void>;
  /** What was recorded of webhooks, oldest first. */
  actions(): Promise<string[]>;
};

export async function withForge(world: TestApp, name: ForgeName): Promise<WithForge> {
  const { app } = world;
  const acme = await world.organization("acme");
  const forge = startForge(name, { root: world.folder });
  forge.add("acme/blog");
  await makeRepository(world.folder, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  const email = name === "bitbucket" ? forge.account.email : "";
  const input = { provider: name, address: forge.origin, name: "", email, token: forge.token };
  await connectForge(app, acme, { input, actor: "cli" });
  const [credential] = await listCredentials(app.db, acme.id);
  const { repository: blog } = await addRepository(app, acme, {
    url: `${forge.origin}/acme/blog.git`,
    name: null,
    provider: null,
    credential: { kind: "stored", id: credential?.id ?? "" },
    allowLocal: false,
    actor: "cli",
  });
  const webhook = async () => {
    const found = await findWebhook(app.db, blog.id);
    if (!found) throw new Error("there is no webhook");
    return found;
  };
  return {
    acme,
    forge,
    blog,
    webhook,
    hooks: () => forge.repositories.get("acme/blog")?.hooks ?? [],
    secret: async () => openWebhookSecret(app, blog.id, (await webhook()).secret),
    keep: async () => void (await ensureWebhook(app, { repositoryId: blog.id })),
    actions: async () =>
      (await listActivity(app.db, acme.id, 50, { nouns: ["webhook"] }))
        .map(({ action }) => action)
        .toReversed(),
  };
}
