// POST /webhooks/{forge}/{repository}: forges call it. No session and no token: the signature is the proof, and it
// covers the bytes as they came. A fault of ours is 503, never a refusal: forges turn off webhooks that refuse.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { networkOf } from "../../net.ts";
import { receiveDelivery, type Receipt, type RefusalLimits } from "../../registry/webhooks/receive.ts";
import type { RequestGuard } from "../request/guard.ts";
import { directRoutes } from "../routes.ts";
import { json } from "../answers.ts";
import type { RequestContext } from "../request/context.ts";
import { createRateLimit } from "./rate-limit.ts";

const retrySeconds = 60;
const route = directRoutes["/webhooks/:provider/:repository"];
/** Refused deliveries beyond these limits leave no trace; deliveries with a valid signature are always accepted. */
const refusedPerMinute = { ofRepository: 60, ofNetwork: 300 };

export type WebhookParams = { provider: string; repository: string };

export function createWebhooks(
  app: App,
  guard: RequestGuard,
): (context: RequestContext, params: WebhookParams) => Promise<Response> {
  const refusals = createRefusalLimits(app);

  async function receive(
    { request, address }: RequestContext,
    { provider, repository }: WebhookParams,
    body: Uint8Array,
  ): Promise<Response> {
    const received = { headers: request.headers, body };
    const arrived = { provider, repositoryId: repository.slice(0, 36), received, address };
    return answers[await receiveDelivery(app, arrived, refusals)]();
  }

  return async (context, params) => {
    try {
      return await guard.withBody(context, route, (body) => receive(context, params, body));
    } catch (error) {
      app.log.error("webhook.failed", { reason: messageOf(error) });
      return awayAnswer();
    }
  };
}

/** Limits by network too, because a stranger can make up any number of repository ids. */
function createRefusalLimits({ now }: Pick<App, "now">): RefusalLimits {
  const limitOf = (limit: number) => createRateLimit({ limit, windowMs: 60_000, now });
  const ofRepository = limitOf(refusedPerMinute.ofRepository);
  const ofNetwork = limitOf(refusedPerMinute.ofNetwork);
  return {
    admits({ repositoryId, address }) {
      const isWithin = [ofRepository.admits(repositoryId), ofNetwork.admits(networkOf(address))];
      return !isWithin.includes(false);
    },
  };
}

const say = (status: number, message: string) => () => json({ message }, { status });

const answers: Record<Receipt, () => Response> = {
  queued: say(202, "Sync queued."),
  joined: say(202, "The waiting sync will include it."),
  duplicate: say(202, "duplicate"),
  ping: say(200, "pong"),
  ignored: say(200, "Event ignored."),
  flooded: floodAnswer,
  refused: say(
    401,
    "The signature could not be verified. Check the secret of the webhook, and that its URL is the one shown in Pricore.",
  ),
};

function floodAnswer(): Response {
  const message = "Too many deliveries could not be verified. Verified ones are still accepted.";
  return json({ message }, { status: 429, headers: { "Retry-After": String(retrySeconds) } });
}

function awayAnswer(): Response {
  const message = "Pricore cannot accept this right now. Send it again in a minute.";
  return json({ message }, { status: 503, headers: { "Retry-After": String(retrySeconds) } });
}
