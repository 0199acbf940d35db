// The webhook of a repository: its page, and what is done with it.
import { WebhookPage, WebhookPart } from "../../../../templates/repositories/webhook.tsx";
import { forgeOfRepository } from "../../../registry/forges/of-repository.ts";
import {
  requestWebhook,
  checkWebhook,
  removeWebhook,
  webhookUrl,
} from "../../../registry/webhooks/webhooks.ts";
import type { WebhookAction } from "../../../registry/webhooks/webhooks.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";
import { findWebhook } from "../../../store/webhooks/webhooks.ts";
import { routesOf } from "../../access.ts";
import { html, seeOther, wantsPart } from "../../answers.ts";
import { toastCookie } from "../../cookies/session.ts";
import { onceCookie, onceIn, shownOnceCookie } from "../../cookies/once.ts";
import { page, frameDataOf, type OrganizationPage, type PageSetup } from "../../page.ts";
import { pageIn, type Query } from "../list-query.ts";
import { foundIn, repositoryRoute } from "./find.ts";
import { webhookViewOf } from "./webhook-view.ts";

const pageSize = 50;

export function webhookPages(setup: PageSetup) {
  const { app } = setup;
  const request = async (
    { viewer, actor }: OrganizationPage,
    { repository, base }: { repository: Repository; base: string },
    action: WebhookAction,
  ) => {
    const secret = await requestWebhook(app, { repository, action, actor });
    const cookie =
      secret === null
        ? toastCookie(app, "Setting up the webhook.")
        : onceCookie(app, viewer, { id: onceId(repository), secret });
    return seeOther(`${base}/webhook`, [cookie]);
  };
  return routesOf(app, "webhook", `${repositoryRoute}/webhook`)
    .get(
      "",
      async ({ context, membership, params, query }) => {
        const found = await foundIn(app, membership, params);
        return show(setup, context, { ...found, query });
      },
      { member: "member" },
    )
    .post(
      "",
      async ({ context, membership, params }) => {
        const found = await foundIn(app, membership, params);
        const isThere = (await findWebhook(app.db, found.repository.id)) !== null;
        return request(context, found, isThere ? "webhook.repaired" : "webhook.set_up");
      },
      { member: "admin", confirmed: true },
    )
    .post(
      "/secret",
      async ({ context, membership, params }) => {
        const found = await foundIn(app, membership, params);
        return request(context, found, "webhook.rotated");
      },
      { member: "admin", confirmed: true },
    )
    .post(
      "/check",
      async ({ membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        await checkWebhook(app, repository);
        return seeOther(`${base}/webhook`, [toastCookie(app, "Checking the webhook.")]);
      },
      { member: "admin" },
    )
    .post(
      "/remove",
      async ({ membership, params, actor }) => {
        const { repository, base } = await foundIn(app, membership, params);
        await removeWebhook(app, { repository, actor });
        return seeOther(base, [toastCookie(app, `The webhook of ${repository.name} was removed.`)]);
      },
      { member: "admin", confirmed: true },
    );
}

type ShownWebhook = { repository: Repository; base: string; query: Query };

async function show(
  setup: PageSetup,
  context: OrganizationPage,
  { repository, base, query }: ShownWebhook,
): Promise<Response> {
  const { app } = setup;
  const at = pageIn(query);
  const range = { limit: pageSize, offset: (at - 1) * pageSize };
  const { view, webhook } = await webhookViewOf(app, repository, { base, ...range });
  const forge = await forgeOfRepository(app, app.db, repository);
  const canEdit = context.membership.member.role !== "member";
  const once = { viewer: context.viewer, id: onceId(repository) };
  const secret = canEdit && !wantsPart(context.request) ? onceIn(app, context.request, once) : null;
  const until = webhook?.previous_until ?? 0;
  const props = {
    base,
    id: repository.id,
    name: repository.name,
    webhook: view,
    address: webhookUrl(app, repository),
    provider: repository.provider,
    forge: forge && new URL(forge.credential.origin ?? "").host,
    formerUntil: until > app.now() ? until : null,
    secret,
    canEdit,
    isPolled: app.config.syncIntervalMs !== null,
    now: app.now(),
    page: at,
    pageSize,
  };
  if (wantsPart(context.request))
    return html(WebhookPart({ ...props, shell: await frameDataOf(setup, context, null) }).html);
  return page(setup, context, {
    cookies: secret === null ? [] : [shownOnceCookie(app)],
    hasSecret: secret !== null,
    render: (shell) => WebhookPage({ ...props, shell }),
  });
}

function onceId({ id }: Repository): string {
  return `webhook ${id}`;
}
