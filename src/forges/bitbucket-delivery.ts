// support.atlassian.com/bitbucket-cloud: "Event payloads", "Manage webhooks"; and those of Bitbucket Data Center.
import { asJson, asList, eventOf, idOf, payloadOf, refOf, refsIn } from "./payload.ts";
import type { ReadDelivery } from "./forge.ts";
import { isSigned } from "./signature.ts";

export const readBitbucket: ReadDelivery = (received, secrets) => {
  const { headers, body } = received;
  if (!isSigned(headers.get("x-hub-signature"), body, secrets)) return null;
  const event = eventOf(headers.get("x-event-key"));
  const effect = event === "diagnostics:ping" ? "ping" : changing.has(event) ? "sync" : "ignored";
  const refs = effect === "sync" ? changedRefs(payloadOf(received)) : [];
  return { id: idOf(headers.get("x-request-uuid"), headers.get("x-request-id")), event, effect, refs };
};

const changing = new Set(["repo:push", "repo:refs_changed"]);

/** Cloud sends the old and the new ref; Data Center sends its name. */
function changedRefs(payload: Record<string, unknown>): string[] {
  const changes = [...asList(asJson(payload["push"])["changes"]), ...asList(payload["changes"])];
  const names = changes.flatMap((change) => [
    ...[asJson(change["new"]), asJson(change["old"])].map(({ type, name }) => refOf(type, name)),
    asJson(change["ref"])["id"],
  ]);
  return refsIn(names);
}
