// Any other host, or a custom hook script. Verified by a signature over the body, or by the secret itself in a header;
// never by the URL, which logs keep. Every delivery requests a sync.
import { idOf, payloadOf, refsIn } from "./payload.ts";
import type { ReadDelivery } from "./forge.ts";
import { isSecret, isSigned } from "./signature.ts";

export const readGit: ReadDelivery = (received, secrets) => {
  const { headers, body } = received;
  const bearer = /^bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
  const isProven =
    isSigned(headers.get("x-pricore-signature-256"), body, secrets) ||
    isSecret(bearer, secrets) ||
    isSecret(headers.get("x-webhook-token"), secrets);
  if (!isProven) return null;
  const isPing = headers.get("x-pricore-event") === "ping";
  const { ref, refs } = payloadOf(received);
  return {
    id: idOf(headers.get("x-pricore-delivery"), headers.get("idempotency-key")),
    event: isPing ? "ping" : "push",
    effect: isPing ? "ping" : "sync",
    refs: refsIn([ref, ...(Array.isArray(refs) ? refs : [])]),
  };
};
