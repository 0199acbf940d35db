// What a request must pass before a route sees it: the host is ours, the body is not too large, and on Composer's
// routes no credential stands in the address.
// Each refusal is a line in the log, without the query, where the credential would be.
import type { App } from "../app.ts";
import { json } from "./answers.ts";
import { readBody } from "./body.ts";
import { addressOf } from "./browser.ts";

const loggedCharacters = 200;
const bodyBytes = 256 * 1024;
const reportBytes = 64 * 1024;
/** A push of very many commits, as forges send it. */
export const webhookBytes = 25 * 1024 * 1024;
/** Where Bun itself ends a body. */
export const bodyCapBytes = 32 * 1024 * 1024;

export type Admission = {
  /** The answer to a request that no route may see; null lets it in. */
  refuse(request: Request): Response | null;
  /** A body that comes without its size is read here. */
  withKnownBody(request: Request): Promise<Request | Response>;
  /** Addresses are kept in logs and histories: a token in one is refused, right or wrong. */
  refuseCredentialInAddress(request: Request, remedy?: string): Response | null;
  /** The same answer; an address that led nowhere and was made to climb out of its folder is told to the log. */
  watch(request: Request, answer: Response): Response;
};

export function createAdmission({ config, log }: Pick<App, "config" | "log">): Admission {
  const { host: own, hostname, protocol } = new URL(config.appUrl.toLowerCase());
  const withPort = `${hostname}:${protocol === "https:" ? 443 : 80}`;
  const refused = (event: string, request: Request, answer: Response): Response => {
    const path = URL.parse(request.url)?.pathname.slice(0, loggedCharacters) ?? "";
    const host = hostOf(request).slice(0, loggedCharacters);
    log.warn(event, { method: request.method, path, host, address: addressOf(request) });
    return answer;
  };
  return {
    refuse(request) {
      const host = hostOf(request);
      if (host !== own && (own !== hostname || host !== withPort))
        return refused("host.rejected", request, wrongHost(host, own));
      const length = request.headers.get("content-length");
      const limit = limitOf(request);
      if (length === null || Number(length) <= limit) return null;
      const event = limit === webhookBytes ? "webhook.too_large" : "http.too_large";
      return refused(event, request, tooLarge(limit));
    },
    async withKnownBody(request) {
      if (!request.headers.has("transfer-encoding")) return request;
      const { url, method, headers } = request;
      const limitBytes = limitOf(request);
      const body = await readBody(request, { limitBytes, largeBytes: limitBytes, admitLarge: () => false });
      if (typeof body === "string") return refused("http.too_large", request, tooLarge(limitBytes));
      return new Request(url, { method, headers, body });
    },
    refuseCredentialInAddress(request, remedy = inAuthJson) {
      const { url } = request;
      if (!url.includes("?") || !credential.test(url)) return null;
      const message = `A token does not belong in an address. ${remedy}`;
      return refused("token.in_url", request, json({ message, warning: message }, { status: 400 }));
    },
    watch(request, answer) {
      const isAttempt = answer.status === 404 && climbing.test(request.url);
      return isAttempt ? refused("path.traversal", request, answer) : answer;
    },
  };
}

const inAuthJson = "Put it into auth.json: composer config http-basic.HOST token TOKEN";

const climbing = /%(?:2e|2f|5c|00|0a|0d)|\.\.|\\|[^:]\/\//i;

const credential =
  /[?&](?:(?:(?:access|private|auth|api|job)[_-]?)?token|password|secret|api_?key|auth|authorization)=[^&]|prc_[0-9a-z]{20}/i;

function hostOf(request: Request): string {
  return request.headers.get("host")?.toLowerCase() ?? "";
}

/** No document and no mail is ever built for a host that somebody invented. */
function wrongHost(host: string, own: string): Response {
  if (host.includes(",")) return json({ message: "One Host header, not several." }, { status: 400 });
  const message = `This registry is at ${own}. Use the address it was set up with (APP_URL).`;
  return json({ message, warning: message }, { status: 421 });
}

function limitOf(request: Request): number {
  if (/^https?:\/\/[^/]*\/webhooks\//.test(request.url)) return webhookBytes;
  return /\/notify-batch(\?|$)/.test(request.url) ? reportBytes : bodyBytes;
}

function tooLarge(limit: number): Response {
  const message = `The body of this request may have ${limit / 1024} KB at most.`;
  return json({ message, warning: message }, { status: 413, headers: { Connection: "close" } });
}
