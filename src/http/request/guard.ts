// The checks before a route sees a request: the host is ours, the route accepts the method and the body, and on
// Composer's routes no credential is in the address.
// Each refusal is logged, without the query, where the credential would be.
import type { App } from "../../app.ts";
import { json, wrongMethod } from "../answers.ts";
import type { TokenAuth } from "../composer/token-auth.ts";
import { createBodyRoom, hasBody, type BodyRefusal } from "./body.ts";
import type { RequestContext } from "./context.ts";
import { webhookBytes, type Route } from "../routes.ts";

const loggedCharacters = 200;
/** Some clients send a few bytes with a request that needs none; they are ignored. */
const unreadBytes = 1024;

/** What stands before the routes: the checks of every request, and those of Composer tokens. */
export type Guards = { tokenAuth: TokenAuth; guard: RequestGuard };

/** What a route accepts. */
export type RouteLimits = Pick<Route, "kind" | "methods" | "bodyBytes">;

export type RequestGuard = {
  /** The answer to a request for a host other than ours; null when the host is ours. */
  refuseHost(context: RequestContext): Response | null;
  /** The answer to a method or a body that the route does not accept, before the body is read; otherwise null. */
  refuseBody(context: RequestContext, route: RouteLimits): Response | null;
  /** The result of `work`, which may use the body only until its promise settles. */
  withBody(
    context: RequestContext,
    route: RouteLimits,
    work: (body: Uint8Array<ArrayBuffer>) => Promise<Response>,
  ): Promise<Response>;
  /** Refuses a token in an address, valid or not: logs and browser histories keep addresses. */
  refuseCredentialInAddress(context: RequestContext, advice?: string): Response | null;
  /** Returns the answer, and logs a 404 whose address tried to climb out of its folder. */
  watch(context: RequestContext, answer: Response): Response;
};

export function createRequestGuard({ config, log }: Pick<App, "config" | "log">): RequestGuard {
  const { host: own, hostname, protocol } = new URL(config.appUrl.toLowerCase());
  const withPort = `${hostname}:${protocol === "https:" ? 443 : 80}`;
  const room = createBodyRoom(webhookBytes);
  const refuse = (event: string, { request, address }: RequestContext, answer: Response): Response => {
    const path = URL.parse(request.url)?.pathname.slice(0, loggedCharacters) ?? "";
    const host = hostOf(request).slice(0, loggedCharacters);
    log.warn(event, { method: request.method, path, host, address });
    return answer;
  };
  const tooLarge = (context: RequestContext, { kind, bodyBytes }: Omit<RouteLimits, "methods">): Response =>
    refuse(kind === "webhook" ? "webhook.too_large" : "http.too_large", context, tooLargeAnswer(bodyBytes));
  return {
    refuseHost(context) {
      const host = hostOf(context.request);
      if (host === own || (own === hostname && host === withPort)) return null;
      return refuse("host.rejected", context, unread(wrongHost(host, own)));
    },
    refuseBody(context, route) {
      const { request } = context;
      const { method, headers } = request;
      const { kind, methods } = route;
      if (!methods.includes(method === "HEAD" ? "GET" : method))
        return hasBody(request) ? unread(wrongMethod(methods)) : wrongMethod(methods);
      const length = headers.get("content-length");
      const isRead = method === "GET" || method === "HEAD";
      const bodyBytes = isRead ? 0 : route.bodyBytes;
      if (length !== null && !/^\d{1,15}$/.test(length)) return unread(twoLengths());
      if (Number(length) > Math.max(bodyBytes, unreadBytes)) return tooLarge(context, { kind, bodyBytes });
      return bodyBytes === 0 && headers.has("transfer-encoding")
        ? tooLarge(context, { kind, bodyBytes })
        : null;
    },
    async withBody(context, route, work) {
      const result = await room.withBody(context.request, route.bodyBytes, work);
      if (typeof result !== "string") return result;
      if (result === "too large") return tooLarge(context, route);
      if (result === "no room") return refuse("http.no_room", context, bodyRefusals[result]());
      return bodyRefusals[result]();
    },
    refuseCredentialInAddress(context, advice = inAuthJson) {
      const { url } = context.request;
      if (!url.includes("?") || !credential.test(url)) return null;
      const message = `A token does not belong in an address. ${advice}`;
      return refuse("token.in_url", context, unread(json({ message, warning: message }, { status: 400 })));
    },
    watch(context, answer) {
      const isAttempt = answer.status === 404 && climbing.test(context.request.url);
      return isAttempt ? refuse("path.traversal", context, answer) : answer;
    },
  };
}

/** Ends the connection with this answer, because the request's body is not read. */
export function unread(answer: Response): Response {
  answer.headers.set("Connection", "close");
  return answer;
}

const inAuthJson = "Store it in auth.json: composer config http-basic.HOST token TOKEN";

const climbing = /%(?:2e|2f|5c|00|0a|0d)|\.\.|\\|[^:]\/\//i;

const credential =
  /[?&](?:(?:(?:access|private|auth|api|job)[_-]?)?token|password|secret|api_?key|auth|authorization)=[^&]|prc_[0-9a-z]{20}/i;

function hostOf(request: Request): string {
  return request.headers.get("host")?.toLowerCase() ?? "";
}

/** Documents and mails contain our address, so a made-up host is refused. */
function wrongHost(host: string, own: string): Response {
  if (host.includes(",")) return json({ message: "Send only one Host header." }, { status: 400 });
  const message = `This registry is at ${own}. Use the address it was set up with (APP_URL).`;
  return json({ message, warning: message }, { status: 421 });
}

function twoLengths(): Response {
  return json({ message: "Send only one Content-Length." }, { status: 400 });
}

function tooLargeAnswer(limit: number): Response {
  const message =
    limit === 0
      ? "This address does not accept a request body."
      : `The request body can have up to ${limit / 1024} KB.`;
  return unread(json({ message, warning: message }, { status: 413 }));
}

export const bodyRefusals: Record<Exclude<BodyRefusal, "too large">, () => Response> = {
  "no room": () => {
    const message = "The server is busy reading other requests. Try again in a moment.";
    return unread(json({ message, warning: message }, { status: 503, headers: { "Retry-After": "1" } }));
  },
  "cut off": () => unread(json({ message: "The request body ended early." }, { status: 400 })),
};
