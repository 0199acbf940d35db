// Requests that Bun's own routes do not answer. The body is read only after the route is known, and passed on whole.
import { bodyRefusals, unread, type RequestGuard, type RouteLimits } from "./guard.ts";
import { notFoundAnswer } from "../answers.ts";
import type { App } from "../../app.ts";
import { createTurns } from "../../turns.ts";
import { hasBody } from "./body.ts";
import type { RequestContext } from "./context.ts";

/** The pages, once they are loaded. */
export type Pages = {
  answer: (context: RequestContext) => Response | Promise<Response>;
  /** What a path accepts; no methods when there is no such path. */
  limitsOf: (path: string) => RouteLimits;
  /** Ends the live streams. */
  close(): void;
};

export type PageRequests = {
  answer(context: RequestContext): Promise<Response>;
};

/** So many requests are answered at once; further ones wait, which costs next to nothing. */
const pagesAtOnce = 64;
/** Limits the bodies that wait for the pages to load: the start of each is in memory already. */
const bodiesBeforePages = 32;

export function createPageRequests(
  { config }: Pick<App, "config">,
  { guard, pages }: { guard: RequestGuard; pages: () => Promise<Pages> },
): PageRequests {
  const { hstsSeconds } = config;
  let waiting = 0;
  const inTurn = createTurns(pagesAtOnce, { stalledMs: 1000 });

  async function pagesForBody(): Promise<Pages | null> {
    if (waiting >= bodiesBeforePages) return null;
    waiting++;
    try {
      return await pages();
    } finally {
      waiting--;
    }
  }

  async function answerWithBody(context: RequestContext): Promise<Response> {
    const { url, method, headers } = context.request;
    const loaded = await pagesForBody();
    if (loaded === null) return bodyRefusals["no room"]();
    const limits = loaded.limitsOf(URL.parse(url)?.pathname ?? "");
    if (limits.methods.length === 0) return unread(notFoundAnswer("There is no page at this address."));
    const refusal = guard.refuseBody(context, limits);
    if (refusal) return refusal;
    if (method === "GET" || method === "HEAD") return inTurn(async () => loaded.answer(context));
    return guard.withBody(context, limits, async (body) => {
      const whole = { ...context, request: new Request(url, { method, headers, body }) };
      return inTurn(async () => loaded.answer(whole));
    });
  }

  return {
    async answer(context) {
      const refusal = guard.refuseHost(context);
      if (refusal) return refusal;
      const answering = hasBody(context.request)
        ? answerWithBody(context)
        : inTurn(async () => (await pages()).answer(context));
      const answer = guard.watch(context, await answering);
      if (hstsSeconds > 0) answer.headers.set("Strict-Transport-Security", `max-age=${hstsSeconds}`);
      return answer;
    },
  };
}
