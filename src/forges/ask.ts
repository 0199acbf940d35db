// One question to a forge's interface: through the gate, within its time, no earlier than the forge allows, and with an
// answer or a Failure of the contract.
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

/** What every client is made with. */
export type ForgeSetup = {
  origin: string;
  policy: OutboundPolicy;
  now: () => number;
  /** Other than those for a person who waits. */
  limits: Partial<OutboundLimits>;
};

/** What the four have in common, and where they differ. */
export type ForgeApi = ForgeSetup & {
  /** Where its interface begins: `https://api.github.com`. */
  api: string;
  headers(access: ForgeCredential): Record<string, string>;
  /** The scope that an answer or the documentation names, in the forge's spelling. */
  needs(purpose: Purpose, answer: { headers: Headers; body: string }): string;
};

export type Question = {
  /** Below `api`, or a whole address that the forge itself has named. */
  path: string;
  purpose: Purpose;
  method?: "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** What is not there when the answer is 404; without it such an answer is null. */
  what?: string;
};

export type Answer = { json: unknown; headers: Headers; url: string };

/** People wait for it. */
const limits = {
  connectMs: 5000,
  firstByteMs: 10_000,
  silenceMs: 5000,
  totalMs: 15_000,
  bodyBytes: 16 * 1024 * 1024,
};

/** A reset in the far future is not believed. */
const longestPauseMs = 6 * 3_600_000;

/** Null for 404 when the question names nothing. */
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
  if (status >= 500) throw inTrouble(host, `has trouble of its own (HTTP ${status})`);
  if (status >= 400) throw inTrouble(host, `did not take the request (HTTP ${status})`);
  return { json: parsed(host, body), headers, url };
}

/** As `ask`, where there must be an answer. */
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
  // The token goes nowhere else, whatever an answer has named.
  if (URL.parse(address)?.origin !== new URL(forge.api).origin)
    throw inTrouble(address.slice(0, 100), "is no part of the forge");
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
      throw inTrouble(new URL(forge.origin).host, "leads to another host, to which the token is not sent");
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
    throw inTrouble(host, "answers with something that is not JSON; is it the address of a forge");
  }
}
