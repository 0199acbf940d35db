// A world: acme with acme/blog, whose webhook is set up, and a server that forges can reach.
import { handlersOf } from "../../src/registry/handlers.ts";
import { newWebhookSecret, renewed, sealWebhookSecret } from "../../src/registry/webhooks/secrets.ts";
import type { GitHostName } from "../../src/forges/forge.ts";
import { listDeliveries, type ReceivedDelivery } from "../../src/store/webhooks/deliveries.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { updateRepository } from "../../src/store/repositories/repositories.ts";
import { putWebhook, updateWebhook, findWebhook } from "../../src/store/webhooks/webhooks.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { proofOf, type Recorded } from "./recorded.ts";
import { eventsIn } from "../tools/world.ts";
import { openWorld } from "../worlds/world.ts";

export type Listening = {
  world: TestApp;
  acme: Organization;
  blog: Mirrored;
  id: string;
  secret: string;
  /** Another repository of acme with a webhook. */
  shop: { id: string; secret: string };
  /** Sends a recorded delivery, signed with the secret; `to` replaces the repository's own URL. */
  send(recorded: Recorded, options?: SendOptions): Promise<Response>;
  post(path: string, headers: Record<string, string>, body: string): Promise<Response>;
  /** Moves the repository to that forge. */
  becomes(provider: GitHostName): Promise<void>;
  /** Answers the new secret. */
  rotate(): Promise<string>;
  deliveries(): Promise<ReceivedDelivery[]>;
  /** Starts the worker. */
  work(): Promise<void>;
  /** Events of the log, with their fields. */
  logged(event: string): Record<string, unknown>[];
};

export type SendOptions = { secret?: string; id?: string; to?: string };

export async function openListening(environment: Record<string, string> = {}): Promise<Listening> {
  const world = await openWorld({ in: "process", environment });
  const { app } = world;
  const acme = await world.organization("acme");
  const blog = await world.mirror(acme, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  const shop = await world.mirror(acme, "acme/shop", [{ manifest: { name: "acme/shop" }, tags: ["1.0.0"] }]);
  await blog.sync();
  await shop.sync();
  // The first request starts the server.
  await world.get("/health", null);
  const { id } = await blog.row();
  const shopId = (await shop.row()).id;
  const secret = await listen(world, acme, id);
  const post = (path: string, headers: Record<string, string>, body: string) =>
    fetch(app.config.appUrl + path, { method: "POST", headers, body });
  return {
    world,
    acme,
    blog,
    id,
    secret,
    shop: { id: shopId, secret: await listen(world, acme, shopId) },
    send: ({ forge, headers, body, expected }, { secret: other = secret, id: forgeId, to } = {}) => {
      const ids = Object.entries(headers).filter(([, value]) => value === expected.id);
      const again = forgeId === undefined ? [] : ids.map(([name]) => [name, forgeId]);
      const sent = { ...headers, ...Object.fromEntries(again), ...proofOf(forge, other, body) };
      return post(to ?? `/webhooks/${forge}/${id}`, sent, body);
    },
    post,
    becomes: (provider) => updateRepository(app.db, id, { provider }),
    async rotate() {
      const webhook = await findWebhook(app.db, id);
      const change = renewed(app, id, webhook);
      await updateWebhook(app.db, id, change);
      return app.secrets.open("webhooks", id, change.secret);
    },
    deliveries: () => listDeliveries(app.db, id, { limit: 1000 }),
    work: () => app.jobs.start(handlersOf(app), { concurrency: 2 }),
    logged: (event) => eventsIn(world.log.join("\n"), event),
  };
}

async function listen({ app }: TestApp, { id: organizationId }: Organization, id: string): Promise<string> {
  const secret = newWebhookSecret();
  await putWebhook(app.db, {
    repository_id: id,
    organization_id: organizationId,
    state: "manual",
    secret: sealWebhookSecret(app, id, secret),
    previous_secret: null,
    previous_until: null,
    hook_id: null,
    error: null,
    created_at: app.now(),
    checked_at: null,
    next_check_at: app.now(),
    repaired_at: null,
  });
  return secret;
}
