// What a forge's refusal means for the user. The forge's own message is never repeated: it may contain the token that
// was sent.
import { Failure, invalid, tooMany, unavailable } from "../errors.ts";
import { isRateLimit, retryAfterSeconds } from "../outbound/retry-after.ts";
import type { RateLimit } from "./forge.ts";

export type Purpose = "account" | "repositories" | "webhooks";

const replaceIt = "Create a new one there and replace the token under Settings → Credentials.";

export function credentialRefused(host: string): Failure {
  return invalid(`${host} rejected the token: it is wrong, has expired or was revoked.`, {
    code: "forge_credential_refused",
    field: "token",
    advice: replaceIt,
  });
}

/** `needs` names the scope as the forge writes it. */
export function scopeMissing(host: string, { purpose, needs }: { purpose: Purpose; needs: string }): Failure {
  const what = {
    account: "say whose it is",
    repositories: "read repositories",
    webhooks: "manage webhooks",
  }[purpose];
  return invalid(`At ${host}, this token is not allowed to ${what}. It needs ${needs}.`, {
    code: "forge_scope_missing",
    field: "token",
    advice: replaceIt,
  });
}

export function notThere(host: string, what: string): Failure {
  return invalid(`There is no ${what} at ${host} that this token can read.`, { code: "forge_not_found" });
}

export function rateLimited(host: string, { resetsAt, now }: { resetsAt: number; now: number }): Failure {
  const until = new Date(resetsAt).toISOString().slice(0, 16).replace("T", " ");
  return tooMany(`${host} is limiting requests until ${until} UTC.`, {
    code: "forge_rate_limited",
    retryAfterSeconds: Math.max(1, Math.ceil((resetsAt - now) / 1000)),
  });
}

export function inTrouble(host: string, what: string): Failure {
  return unavailable(`${host} ${what}.`, {
    code: "forge_unavailable",
    advice: "Try again in a few minutes.",
  });
}

/** Network errors keep their message; a URL that outbound requests may not reach keeps its failure. */
export function onTheWay(error: unknown): unknown {
  if (!(error instanceof Failure) || error.kind !== "unavailable") return error;
  return unavailable(error.message, { code: "forge_unavailable", advice: "Try again in a few minutes." });
}

/** Forges that say "slow down" without a time mean about a minute. */
const pauseSeconds = 60;

/** When the next request is allowed; null when the answer is not about rate limits. */
export function pauseOf(
  answer: Pick<Response, "status" | "headers">,
  { body, now }: { body: string; now: number },
): number | null {
  const isSlowDown = answer.status === 403 && /secondary rate limit|abuse detection/i.test(body);
  if (!isRateLimit(answer) && !isSlowDown) return null;
  return now + (retryAfterSeconds(answer.headers, now) ?? pauseSeconds) * 1000;
}

/** `X-RateLimit-*` of GitHub and Gitea, `RateLimit-*` of GitLab; null when absent or for a special resource. */
export function limitIn(headers: Headers): RateLimit | null {
  if ((headers.get("x-ratelimit-resource") ?? "core") !== "core") return null;
  const read = (name: string) => {
    const text = headers.get(`x-ratelimit-${name}`) ?? headers.get(`ratelimit-${name}`) ?? "";
    return /^\d{1,12}$/.test(text) ? Number(text) : null;
  };
  const [limit, remaining, reset] = [read("limit"), read("remaining"), read("reset")];
  if (limit === null || remaining === null || reset === null) return null;
  return { limit, remaining, resetsAt: reset * 1000 };
}
