// docs.gitlab.com/user/project/integrations/webhooks: the secret token in a header, or the newer signing token.
import { createHash } from "node:crypto";
import { eventOf, idOf, payloadOf, refsIn } from "./payload.ts";
import type { ReadDelivery, ReceivedDelivery } from "./forge.ts";
import { hmac, isSecret } from "./signature.ts";

export const readGitlab: ReadDelivery = (received, secrets) => {
  const { headers } = received;
  if (!isSecret(headers.get("x-gitlab-token"), secrets) && !isSignedByToken(received, secrets)) return null;
  const event = eventOf(headers.get("x-gitlab-event"));
  const effect = changing.has(event) ? "sync" : "ignored";
  const refs = effect === "sync" ? refsIn([payloadOf(received)["ref"]]) : [];
  return { id: deliveryId(received), event, effect, refs };
};

const changing = new Set(["Push Hook", "Tag Push Hook"]);

/** Standard Webhooks: `v1,` and the base64 HMAC of id, time and body, with what follows `whsec_` as the key. */
function isSignedByToken({ headers, body }: ReceivedDelivery, secrets: string[]): boolean {
  const signatures = (headers.get("webhook-signature") ?? "").split(" ");
  const head = `${headers.get("webhook-id") ?? ""}.${headers.get("webhook-timestamp") ?? ""}.`;
  const expected = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    return `v1,${hmac(key, [head, body]).toString("base64")}`;
  });
  return signatures.filter((signature) => isSecret(signature, expected)).length > 0;
}

/** Before idempotency keys, GitLab sent one UUID for all deliveries of an event: the body tells them apart. */
function deliveryId({ headers, body }: ReceivedDelivery): string | null {
  const own = idOf(headers.get("webhook-id"), headers.get("idempotency-key"));
  const shared = idOf(headers.get("x-gitlab-event-uuid"));
  if (own !== null || shared === null) return own;
  return `${shared}.${createHash("sha256").update(body).digest("hex").slice(0, 32)}`;
}
