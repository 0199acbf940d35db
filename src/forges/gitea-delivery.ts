// docs.gitea.com/usage/webhooks and forgejo.org/docs: a bare hex signature, and GitHub's header as well.
import { eventOf, idOf, payloadOf } from "./payload.ts";
import { pushedRefs } from "./github-delivery.ts";
import type { ReadDelivery } from "./forge.ts";
import { isSigned, isSignedHex } from "./signature.ts";

export const readGitea: ReadDelivery = (received, secrets) => {
  const { headers, body } = received;
  const own = [headers.get("x-forgejo-signature"), headers.get("x-gitea-signature")];
  const isProven =
    own.some((signature) => isSignedHex(signature, body, secrets)) ||
    isSigned(headers.get("x-hub-signature-256"), body, secrets);
  if (!isProven) return null;
  const either = (name: string) => headers.get(`x-forgejo-${name}`) ?? headers.get(`x-gitea-${name}`);
  const event = eventOf(either("event"));
  const effect = changing.has(event) ? "sync" : "ignored";
  return {
    id: idOf(either("delivery")),
    event,
    effect,
    refs: effect === "sync" ? pushedRefs(payloadOf(received)) : [],
  };
};

const changing = new Set(["push", "create", "delete", "release"]);
