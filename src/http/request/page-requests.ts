// Requests to everything but Bun's own routes. A body is read only after the route is known, and handed on whole.
import { admissionAnswers, unread, type RequestGuard, type RouteLimits } from "./guard.ts";
import { notFoundAnswer } from "../answers.ts";
import type { App } from "../../app.ts";
import { createTurns } from "../../turns.ts";
import { hasBody } from "./body.ts";
import { addressOf, rememberAddress, keepPatience } from "./client.ts";

/** What answers, once it is loaded. */
export type Pages = {
  answer: (request: Request) => Response | Promise<Response>;
  /** What a path takes; no methods when there is no such path. */
  takes: (path: string) => RouteLimits;
  /** Ends what is still being told live. */
  close(): void;
};

export type PageRequests = {
  /** `giveTime` lets the answer be silent for as long as it likes. */
  answer(request: Request, giveTime: () => void): Promise<Response>;
};

/** So many are made at once; more wait for their turn, which costs next to nothing. */
const pagesAtOnce = 64;
/** While the pages are loaded, the start of each body is in memory already. */
const bodiesBeforePages = 32;

export function createPageRequests(
  { config }: Pick<App, "config">,
  { admission, pages }: { admission: RequestGuard; pages: () => Promise<Pages> },
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

  async function answerWithBody(request: Request, giveTime: () => void): Promise<Response> {
    const { url, method, headers } = request;
    const loaded = await pagesForBody();
    if (loaded === null) return admissionAnswers["no room"]();
    const takes = loaded.takes(URL.parse(url)?.pathname ?? "");
    if (takes.methods.length === 0) return unread(notFoundAnswer("There is nothing at this address."));
    const refused = admission.refuseBody(request, takes);
    if (refused) return refused;
    if (method === "GET" || method === "HEAD") return inTurn(async () => loaded.answer(request));
    return admission.withBody(request, takes.bodyBytes, async (body) => {
      const whole = new Request(url, { method, headers, body });
      rememberAddress(whole, addressOf(request));
      keepPatience(whole, giveTime);
      return inTurn(async () => loaded.answer(whole));
    });
  }

  return {
    async answer(request, giveTime) {
      keepPatience(request, giveTime);
      const refused = admission.refuseHost(request);
      if (refused) return refused;
      const given = hasBody(request)
        ? answerWithBody(request, giveTime)
        : inTurn(async () => (await pages()).answer(request));
      const answer = admission.watch(request, await given);
      if (hstsSeconds > 0) answer.headers.set("Strict-Transport-Security", `max-age=${hstsSeconds}`);
      return answer;
    },
  };
}
