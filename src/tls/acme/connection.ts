// Signed requests to an authority: nonces, limits, and refusals in its own words (RFC 8555, 6).
import { Failure, unavailable } from "../../errors.ts";
import { outbound, type OutboundPolicy } from "../../outbound/outbound.ts";
import { retryAfterSeconds } from "../../outbound/retry-after.ts";
import type { AccountKey } from "./account-key.ts";

type Directory = {
  newNonce: string;
  newAccount: string;
  newOrder: string;
  /** Where the authority says when a certificate should be renewed. */
  renewalInfo?: string;
  meta?: { externalAccountRequired?: boolean; profiles?: Record<string, string> };
};

export type Authority = { directory: string; ca: string | null; policy: OutboundPolicy };

export type Answer = { body: string; headers: Headers };

/** Null is without a body. */
type Sending = { method: string; headers: Record<string, string>; body: string | null };

const maxNonceTurns = 8;
const limits = { connectMs: 10_000, firstByteMs: 30_000, totalMs: 30_000, bodyBytes: 256 * 1024 };

/** What an authority, or a part of it, says against an order. `type` is the end of its URN. */
export class AcmeRefusal extends Failure {
  constructor(
    readonly type: string,
    detail: string,
    retryAfter?: number,
  ) {
    const after = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
    super("unavailable", `${detail} (${type})`, { code: "acme_refused", ...after });
  }
}

export async function readDirectory(authority: Authority): Promise<Directory> {
  const get = { method: "GET", headers: {}, body: null };
  const { status, body } = await send(authority, authority.directory, get);
  const directory = status === 200 ? (parse(body) as Partial<Directory>) : {};
  if (!directory.newNonce || !directory.newAccount || !directory.newOrder)
    throw unavailable(`${authority.directory} is not the directory of an ACME authority.`, {
      code: "acme_directory",
      advice: "Check ACME_DIRECTORY.",
    });
  return directory as Directory;
}

export async function getUnsigned(authority: Authority, url: string): Promise<Answer & { status: number }> {
  return send(authority, url, { method: "GET", headers: {}, body: null });
}

export type Connection = {
  /** Fails as `AcmeRefusal`, or as `unavailable` when the authority cannot be reached. */
  post(url: string, payload: unknown): Promise<Answer>;
  /** From then on requests are signed for this account. */
  identify(accountUrl: string): void;
};

export function openConnection(authority: Authority, { newNonce }: Directory, key: AccountKey): Connection {
  let nonce = "";
  let account: string | null = null;
  const nextNonce = async () => {
    if (nonce !== "") return nonce;
    const head = { method: "HEAD", headers: {}, body: null };
    return (await send(authority, newNonce, head)).headers.get("replay-nonce") ?? "";
  };
  return {
    identify: (url) => void (account = url),
    async post(url, payload) {
      for (let turn = 1; ; turn++) {
        const identity = account === null ? { jwk: key.jwk } : { kid: account };
        const body = await key.sign({ nonce: await nextNonce(), url, ...identity }, payload);
        const headers = { "Content-Type": "application/jose+json" };
        const answer = await send(authority, url, { method: "POST", headers, body });
        nonce = answer.headers.get("replay-nonce") ?? "";
        if (answer.status < 300) return answer;
        const refusal = refusalIn(answer);
        if (refusal.type !== "badNonce" || turn >= maxNonceTurns) throw refusal;
      }
    },
  };
}

export function parse(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** A problem document (RFC 7807) of the authority. */
export function problemIn(problem: unknown, fallback: string, retryAfter?: number): AcmeRefusal {
  const { type, detail } = (problem ?? {}) as { type?: unknown; detail?: unknown };
  const kind = typeof type === "string" ? type.replace(/^.*:/, "") : "unknown";
  return new AcmeRefusal(
    kind.slice(0, 60),
    typeof detail === "string" ? detail.slice(0, 1000) : fallback,
    retryAfter,
  );
}

function refusalIn({ status, headers, body }: Answer & { status: number }): AcmeRefusal {
  return problemIn(parse(body), `The authority answered with status ${status}.`, retryAfterSeconds(headers));
}

async function send(
  { directory, ca, policy }: Authority,
  url: string,
  { method, headers, body }: Sending,
): Promise<Answer & { status: number }> {
  refusePlain(url);
  const own = new URL(directory);
  const port = Number(own.port) || (own.protocol === "https:" ? 443 : 80);
  // The operator named this host, so it may be private.
  const allow = [...policy.allow, { host: own.hostname.replace(/^\[|\]$/g, ""), port }];
  const request = { method, headers, limits, ca, redirects: 0, ...(body === null ? {} : { body }) };
  try {
    const answer = await outbound({ allow }, url, request);
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "outbound_tls") throw error;
    const advice = "If it is your own authority, name the file with its certificate in ACME_CA_FILE.";
    throw unavailable(error.message, { code: error.code, advice });
  }
}

/** Only loopback, where nobody listens in between. */
function refusePlain(url: string): void {
  const { protocol, hostname } = URL.parse(url) ?? {};
  if (protocol === "https:" || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname ?? "")) return;
  throw unavailable("The authority named an address without https.", { code: "acme_directory" });
}
