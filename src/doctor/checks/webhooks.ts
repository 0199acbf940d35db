// Webhooks of repositories: whether the Git hosts have them, and whether what they send is accepted.
import { listWebhookTroubles } from "../../store/webhooks/troubles.ts";
import { ok, warn, withApp, type Check } from "../check.ts";

const dayMs = 86_400_000;

export const webhooks: Check = {
  id: "webhooks",
  title: "Webhooks",
  run: withApp(async ({ db }, { now }) => {
    const { total, troubles } = await listWebhookTroubles(db, now() - dayMs);
    const [first] = troubles;
    if (!first) return ok(total === 0 ? "No repository has a webhook." : `${total} webhooks work.`);
    const { slug: organization, name: repository } = first;
    const what = {
      missing: "is missing at its Git host",
      failed: `is refused by its Git host${first.error === null ? "" : ` (${first.error})`}`,
      refused: "sends only deliveries that are refused",
    }[first.trouble];
    const others =
      troubles.length > 1 ? ` ${troubles.length - 1} more of ${total} webhooks do not work.` : "";
    return warn(`The webhook of ${organization}/${repository} ${what}.${others}`, {
      advice: "The repository is polled meanwhile.",
      remedy: { do: "check-webhook", organization, repository },
    });
  }),
};
