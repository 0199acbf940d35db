// POST /webhooks/{forge}/{repository}: what forges call. No session and no token: the signature is the proof, and it
// is over the bytes as they came. A fault of ours is 503, never a refusal: forges turn off what refuses them.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { networkOf } from "../../net.ts";
import { receiveDelivery, type Receipt } from "../../registry/webhooks/receive.ts";
import { webhookBytes, type RequestGuard } from "../request/guard.ts";
import { json } from "../answers.ts";
import { addressOf } from "../request/client.ts";
import { createRateLimit } from "./rate-limit.ts";

const retrySeconds = 60;
/** Beyond these they are told to wait and leave no trace; those that are proven are always taken. */
const refusedPerMinute = { ofRepository: 60, ofNetwork: 300 };

export function createWebhooks(
  app: App,
  admission: RequestGuard,
): (request: Bun.BunRequest) => Promise<Response> {
  const gateOf = (limit: number) => createRateLimit({ limit, windowMs: 60_000, now: app.now });
  const ofRepository = gateOf(refusedPerMinute.ofRepository);
  // A stranger can make up repositories without end.
  const ofNetwork = gateOf(refusedPerMinute.ofNetwork);

  const receive = async (request: Bun.BunRequest, body: Uint8Array): Promise<Response> => {
    const { provider = "", repository = "" } = request.params as Record<string, string>;
    const repositoryId = repository.slice(0, 36);
    const address = addressOf(request);
    let isFlood = false;
    // Asked once for a delivery that is refused, which counts against both limits.
    const isLogged = () => {
      const isWithin = [ofRepository.admits(repositoryId), ofNetwork.admits(networkOf(address))];
      isFlood = isWithin.includes(false);
      return !isFlood;
    };
    const received = { headers: request.headers, body };
    const arrived = { provider, repositoryId, received, address };
    const receipt = await receiveDelivery(app, arrived, { isLogged });
    return isFlood ? floodAnswer() : answers[receipt]();
  };

  return async (request) => {
    try {
      return await admission.withBody(request, webhookBytes, (body) => receive(request, body));
    } catch (error) {
      app.log.error("webhook.failed", { reason: messageOf(error) });
      return awayAnswer();
    }
  };
}

const say = (status: number, message: string) => () => json({ message }, { status });

const answers: Record<Receipt, () => Response> = {
  queued: say(202, "Sync queued."),
  joined: say(202, "The sync that waits will see it."),
  duplicate: say(202, "duplicate"),
  ping: say(200, "pong"),
  ignored: say(200, "Event ignored."),
  refused: say(
    401,
    "This delivery is not proven. Check the secret of the webhook, and that the address is the one that Pricore shows.",
  ),
};

function floodAnswer(): Response {
  const message = "Too many deliveries here were not proven. Those that are proven are still taken.";
  return json({ message }, { status: 429, headers: { "Retry-After": String(retrySeconds) } });
}

function awayAnswer(): Response {
  const message = "Pricore cannot take this now. Send it again in a minute.";
  return json({ message }, { status: 503, headers: { "Retry-After": String(retrySeconds) } });
}
