// docs.github.com/en/webhooks: "Validating webhook deliveries", "Webhook events and payloads".
import { asJson, eventOf, idOf, payloadOf, refOf, refsIn } from "./payload.ts";
import type { ReadDelivery } from "./forge.ts";
import { isSigned } from "./signature.ts";

export const readGithub: ReadDelivery = (received, secrets) => {
  const { headers, body } = received;
  if (!isSigned(headers.get("x-hub-signature-256"), body, secrets)) return null;
  const event = eventOf(headers.get("x-github-event"));
  const effect = event === "ping" ? "ping" : changing.has(event) ? "sync" : "ignored";
  const refs = effect === "sync" ? pushedRefs(payloadOf(received)) : [];
  return { id: idOf(headers.get("x-github-delivery")), event, effect, refs };
};

const changing = new Set(["push", "create", "delete", "release"]);

/** A push has the full ref name, `create` and `delete` a name and its type, a release its tag. */
export function pushedRefs(payload: Record<string, unknown>): string[] {
  const { ref, ref_type: kind, release } = payload;
  return refsIn([ref, refOf(kind, ref), refOf("tag", asJson(release)["tag_name"])]);
}
