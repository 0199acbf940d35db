// The webhook of a repository: its page, and what is done with it.
import { Elysia } from "elysia";
import { WebhookPage, WebhookPart } from "../../../../templates/repositories/webhook.tsx";
import { forgeOfRepository } from "../../../registry/forges/of-repository.ts";
import type { Viewer } from "../../../registry/accounts/sessions.ts";
import {
  requestWebhook,
  checkWebhook,
  removeWebhook,
  webhookUrl,
} from "../../../registry/webhooks/webhooks.ts";
import type { WebhookAct } from "../../../registry/webhooks/webhooks.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";
import { findWebhook } from "../../../store/webhooks/webhooks.ts";
import { accessFor } from "../../access.ts";
import { html, seeOther, wantsPart } from "../../answers.ts";
import { toastCookie } from "../../cookies/session.ts";
import { onceCookie, onceIn, shownOnceCookie } from "../../cookies/once.ts";
import { page, frameDataOf, type PageSetup } from "../../page.ts";
import { pageIn } from "./list.tsx";
import { foundIn } from "./show.tsx";
import { webhookViewOf } from "./webhook-view.ts";

const pageSize = 50;
const here = "/organizations/:slug/repositories/:name/webhook";

export function webhookPages(site: PageSetup) {
  const { app } = site;
  const ask = async (of: { repository: Repository; base: string; viewer: Viewer }, act: WebhookAct) => {
    const { repository, base, viewer } = of;
    const actor = `user:${viewer.user.id}`;
    const secret = await requestWebhook(app, { repository, act, actor });
    const cookie =
      secret === null
        ? toastCookie(app, "The forge is being told.")
        : onceCookie(app, viewer, { id: onceId(repository), secret });
    return seeOther(`${base}/webhook`, [cookie]);
  };
  return new Elysia({ name: "webhook" })
    .use(accessFor(app))
    .get(
      here,
      async ({ request, viewer, membership, params, query }) => {
        const found = await foundIn(app, membership, params);
        return show(site, { request, viewer, membership }, { ...found, query });
      },
      { member: "member" },
    )
    .post(
      here,
      async ({ viewer, membership, params }) => {
        const found = await foundIn(app, membership, params);
        const isThere = (await findWebhook(app.db, found.repository.id)) !== null;
        return ask({ ...found, viewer }, isThere ? "repaired" : "set_up");
      },
      { member: "admin", confirmed: true },
    )
    .post(
      `${here}/secret`,
      async ({ viewer, membership, params }) => {
        const found = await foundIn(app, membership, params);
        return ask({ ...found, viewer }, "rotated");
      },
      { member: "admin", confirmed: true },
    )
    .post(
      `${here}/check`,
      async ({ membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        await checkWebhook(app, repository);
        return seeOther(`${base}/webhook`, [toastCookie(app, "The forge is being asked.")]);
      },
      { member: "admin" },
    )
    .post(
      `${here}/remove`,
      async ({ viewer, membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        await removeWebhook(app, { repository, actor: `user:${viewer.user.id}` });
        return seeOther(base, [toastCookie(app, `The webhook of ${repository.name} was removed.`)]);
      },
      { member: "admin", confirmed: true },
    );
}

type Here = { request: Request; viewer: Viewer; membership: Membership };
type Shown = { repository: Repository; base: string; query: Record<string, string | undefined> };

async function show(site: PageSetup, seen: Here, { repository, base, query }: Shown): Promise<Response> {
  const { app } = site;
  const at = pageIn(query, Number.MAX_SAFE_INTEGER);
  const range = { limit: pageSize, offset: (at - 1) * pageSize };
  const { view, webhook } = await webhookViewOf(app, repository, { base, ...range });
  const forge = await forgeOfRepository(app, app.db, repository);
  const canEdit = seen.membership.member.role !== "member";
  const once = { viewer: seen.viewer, id: onceId(repository) };
  const secret = canEdit && !wantsPart(seen.request) ? onceIn(app, seen.request, once) : null;
  const until = Number(webhook?.previous_until ?? 0);
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
  if (wantsPart(seen.request))
    return html(WebhookPart({ ...props, shell: await frameDataOf(site, seen, null) }).html);
  return page(site, seen, {
    cookies: secret === null ? [] : [shownOnceCookie(app)],
    hasSecret: secret !== null,
    render: (shell) => WebhookPage({ ...props, shell }),
  });
}

function onceId({ id }: Repository): string {
  return `webhook ${id}`;
}
