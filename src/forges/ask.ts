// One request to a forge's API: through src/outbound, within its time limit and the forge's rate limit. It answers
// JSON or fails with a code of the contract.
import type { OutboundLimits } from "../outbound/http.ts";
import { outbound, type OutboundPolicy } from "../outbound/outbound.ts";
import type { ForgeCredential, RateLimit } from "./forge.ts";
import {
  credentialRefused,
  inTrouble,
  limitIn,
  notThere,
  onTheWay,
  pauseOf,
  rateLimited,
  scopeMissing,
  type Purpose,
} from "./failures.ts";

/** Settings of every client. */
export type ForgeSetup = {
  origin: string;
  policy: OutboundPolicy;
  now: () => number;
  /** Overrides of the limits for requests that a user waits for. */
  limits: Partial<OutboundLimits>;
};

/** The differences between the four APIs. */
export type ForgeApi = ForgeSetup & {
  /** Base URL of the API: `https://api.github.com`. */
  api: string;
  headers(access: ForgeCredential): Record<string, string>;
  /** The missing scope as the answer or the documentation names it, in the forge's spelling. */
  needs(purpose: Purpose, answer: { headers: Headers; body: string }): string;
};

type Question = {
  /** A path below `api`, or a whole URL that came from the forge. */
  path: string;
  purpose: Purpose;
  method?: "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** The name of what a 404 misses, for the error; without it a 404 answers null. */
  what?: string;
};

type Answer = { json: unknown; headers: Headers; url: string };

/** A user waits for the answer. */
const limits = {
  connectMs: 5000,
  firstByteMs: 10_000,
  silenceMs: 5000,
  totalMs: 15_000,
  bodyBytes: 16 * 1024 * 1024,
};

/** Later reset times are ignored. */
const longestPauseMs = 6 * 3_600_000;

/** Answers null for 404 when the request does not name what it asks for. */
export async function ask(
  forge: ForgeApi,
  access: ForgeCredential,
  question: Question,
): Promise<Answer | null> {
  const host = new URL(forge.origin).host;
  const now = forge.now();
  refuseEarly(host, access, now);
  const { status, headers, url, body } = await send(forge, access, question);
  const limit = limitIn(headers);
  const pause = status < 400 ? null : pauseOf({ status, headers }, { body, now });
  await tell(access, { limit, pause, now });
  if (pause !== null) throw rateLimited(host, { resetsAt: Math.min(pause, now + longestPauseMs), now });
  if (status === 404 && question.what === undefined) return null;
  if (status === 404 || status === 410) throw notThere(host, question.what ?? "such thing");
  if (status === 401) throw credentialRefused(host);
  if (status === 403) {
    const needs = forge.needs(question.purpose, { headers, body });
    throw scopeMissing(host, { purpose: question.purpose, needs });
  }
  if (status >= 500) throw inTrouble(host, `has a problem (HTTP ${status})`);
  if (status >= 400) throw inTrouble(host, `rejected the request (HTTP ${status})`);
  return { json: parsed(host, body), headers, url };
}

/** Like `ask`, and a 404 fails. */
export async function askFor(
  forge: ForgeApi,
  access: ForgeCredential,
  question: Question & { what: string },
): Promise<Answer> {
  const answer = await ask(forge, access, question);
  if (!answer) throw notThere(new URL(forge.origin).host, question.what);
  return answer;
}

function refuseEarly(host: string, { limits }: ForgeCredential, now: number): void {
  const known = limits?.known() ?? null;
  if (known === null || known.remaining > 0 || known.resetsAt <= now) return;
  throw rateLimited(host, { resetsAt: known.resetsAt, now });
}

async function tell(
  { limits }: ForgeCredential,
  { limit, pause, now }: { limit: RateLimit | null; pause: number | null; now: number },
): Promise<void> {
  const latest = now + longestPauseMs;
  if (pause !== null)
    await limits?.tell({ limit: limit?.limit ?? 0, remaining: 0, resetsAt: Math.min(pause, latest) });
  else if (limit !== null) await limits?.tell({ ...limit, resetsAt: Math.min(limit.resetsAt, latest) });
}

async function send(forge: ForgeApi, access: ForgeCredential, { path, method, body }: Question) {
  const address = path.startsWith("/") ? forge.api + path : path;
  // The token is only sent to the API's own origin, whatever URL an answer contains.
  if (URL.parse(address)?.origin !== new URL(forge.api).origin)
    throw inTrouble(address.slice(0, 100), "is not part of the Git host");
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const headers = { accept: "application/json", ...forge.headers(access), ...type };
  try {
    const answer = await outbound(forge.policy, address, {
      ...(method ? { method } : {}),
      ...sent,
      headers,
      limits: { ...limits, ...forge.limits },
    });
    if (new URL(answer.url).origin !== new URL(forge.api).origin) {
      await answer.body?.cancel();
      throw inTrouble(new URL(forge.origin).host, "points to another host, and the token is not sent there");
    }
    return {
      status: answer.status,
      headers: answer.headers,
      url: answer.url,
      body: await answer.text(),
    };
  } catch (error) {
    throw onTheWay(error);
  }
}

function parsed(host: string, body: string): unknown {
  if (body === "") return null;
  try {
    return JSON.parse(body);
  } catch {
    throw inTrouble(host, "did not respond with JSON; check that this is the address of a Git host");
  }
}
