// What a request must pass before a route sees it: the host is ours, the route takes what comes with it, and on
// Composer's routes no credential is in the address.
// Each refusal is a line in the log, without the query, where the credential would be.
import type { App } from "../../app.ts";
import { json, wrongMethod } from "../answers.ts";
import { createBodyRoom, hasBody, type BodyRefusal } from "./body.ts";
import { addressOf } from "./client.ts";

const loggedCharacters = 200;
/** A push of very many commits, as forges send it. */
export const webhookBytes = 25 * 1024 * 1024;
/** Where Bun itself ends a body. */
export const bodyCapBytes = 32 * 1024 * 1024;
/** Some clients send a few bytes where nobody reads them. */
const unreadBytes = 1024;

/** What a route takes: a body of so many bytes, or none. */
export type RouteLimits = { methods: string[]; bodyBytes: number };

export type RequestGuard = {
  /** The answer to a request for another host than ours; null lets it in. */
  refuseHost(request: Request): Response | null;
  /** The answer to what the route does not take, before anything of a body is read; null lets it in. */
  refuseBody(request: Request, takes: RouteLimits): Response | null;
  /** What `work` makes of the body; it has the body only until it is done. */
  withBody(
    request: Request,
    limitBytes: number,
    work: (body: Uint8Array<ArrayBuffer>) => Promise<Response>,
  ): Promise<Response>;
  /** Addresses are kept in logs and histories: a token in one is refused, right or wrong. */
  refuseCredentialInAddress(request: Request, remedy?: string): Response | null;
  /** The same answer; an address that led nowhere and was made to climb out of its folder is told to the log. */
  watch(request: Request, answer: Response): Response;
};

export function createRequestGuard({ config, log }: Pick<App, "config" | "log">): RequestGuard {
  const { host: own, hostname, protocol } = new URL(config.appUrl.toLowerCase());
  const withPort = `${hostname}:${protocol === "https:" ? 443 : 80}`;
  const room = createBodyRoom(webhookBytes);
  const refused = (event: string, request: Request, answer: Response): Response => {
    const path = URL.parse(request.url)?.pathname.slice(0, loggedCharacters) ?? "";
    const host = hostOf(request).slice(0, loggedCharacters);
    log.warn(event, { method: request.method, path, host, address: addressOf(request) });
    return answer;
  };
  const tooLarge = (request: Request, limit: number): Response =>
    refused(limit === webhookBytes ? "webhook.too_large" : "http.too_large", request, tooLargeAnswer(limit));
  return {
    refuseHost(request) {
      const host = hostOf(request);
      if (host === own || (own === hostname && host === withPort)) return null;
      return refused("host.rejected", request, unread(wrongHost(host, own)));
    },
    refuseBody(request, { methods, bodyBytes }) {
      const { method, headers } = request;
      if (!methods.includes(method === "HEAD" ? "GET" : method))
        return hasBody(request) ? unread(wrongMethod(methods)) : wrongMethod(methods);
      const length = headers.get("content-length");
      const isRead = method === "GET" || method === "HEAD";
      const limit = isRead ? 0 : bodyBytes;
      if (length !== null && !/^\d{1,15}$/.test(length)) return unread(twoLengths());
      if (Number(length) > Math.max(limit, unreadBytes)) return tooLarge(request, limit);
      return limit === 0 && headers.has("transfer-encoding") ? tooLarge(request, limit) : null;
    },
    async withBody(request, limitBytes, work) {
      const result = await room.withBody(request, limitBytes, work);
      if (typeof result !== "string") return result;
      if (result === "too large") return tooLarge(request, limitBytes);
      if (result === "no room") return refused("http.no_room", request, admissionAnswers[result]());
      return admissionAnswers[result]();
    },
    refuseCredentialInAddress(request, remedy = inAuthJson) {
      const { url } = request;
      if (!url.includes("?") || !credential.test(url)) return null;
      const message = `A token does not belong in an address. ${remedy}`;
      return refused("token.in_url", request, unread(json({ message, warning: message }, { status: 400 })));
    },
    watch(request, answer) {
      const isAttempt = answer.status === 404 && climbing.test(request.url);
      return isAttempt ? refused("path.traversal", request, answer) : answer;
    },
  };
}

/** An answer to a request whose body is not read: the connection ends with it. */
export function unread(answer: Response): Response {
  answer.headers.set("Connection", "close");
  return answer;
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

function twoLengths(): Response {
  return json({ message: "One Content-Length, not several." }, { status: 400 });
}

function tooLargeAnswer(limit: number): Response {
  const message =
    limit === 0
      ? "This address takes no request body. Send the request without one."
      : `The body of this request may have ${limit / 1024} KB at most.`;
  return unread(json({ message, warning: message }, { status: 413 }));
}

export const admissionAnswers: Record<Exclude<BodyRefusal, "too large">, () => Response> = {
  "no room": () => {
    const message = "The server is busy reading other requests. Try again in a moment.";
    return unread(json({ message, warning: message }, { status: 503, headers: { "Retry-After": "1" } }));
  },
  "cut off": () => unread(json({ message: "The body ended early." }, { status: 400 })),
};
