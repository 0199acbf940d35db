// Answers Composer's reads: with the answer that was given before, or through the guard, the token and the read in
// turn. Nothing that is known already is awaited: on SQLite a whole answer is made without a promise.
import type { App } from "../../app.ts";
import { dataVersion, type DataVersion } from "../../store/engine/data-version.ts";
import { composerFailure, refusedAnswer } from "../answers.ts";
import type { Answer } from "../listen.ts";
import type { Guards } from "../request/guard.ts";
import { createContext, type RequestContext } from "../request/context.ts";
import { directRoutes, type DirectPath, type Route } from "../routes.ts";
import { createDocumentCache, documentAnswer, type CacheFigures } from "./document-cache.ts";
import { createKnownAnswers } from "./known-answers.ts";
import { documentLoader } from "./load-document.ts";
import { thenMaybe } from "./maybe-async.ts";
import type { Read } from "./reads.ts";
import { publishRequest } from "./request-events.ts";
import type { Refused, TokenAccess } from "./token-auth.ts";

const documentCacheBytes = 64 * 1024 * 1024;

type ReadFunction = (read: Read) => Response | Promise<Response>;

type ReadAnswers = {
  answer(path: DirectPath, read: ReadFunction): Answer;
  /** The figures of the documents in memory. */
  figures(): CacheFigures;
};

export function createReadAnswers(app: App, { tokenAuth, guard }: Guards): ReadAnswers {
  const known = createKnownAnswers();
  const documents = createDocumentCache(app.db, {
    load: documentLoader(app.db, app.bodies),
    maxBytes: documentCacheBytes,
    onForget: known.forget,
  });

  function refusal(context: RequestContext, route: Route): Response | null {
    return (
      guard.refuseHost(context) ??
      guard.refuseCredentialInAddress(context) ??
      guard.refuseBody(context, route)
    );
  }

  /** Answers a request whose token was checked, and publishes the answer where a page watches requests. */
  function answerTo(
    { request, slug, version, read }: Pending,
    token: TokenAccess | Refused,
  ): Response | Promise<Response> {
    const answer = "refused" in token ? refusedAnswer(app, token) : read(readOf(request, token, version));
    if (!app.events.watchesRequests) return answer;
    return publishRequest(app, { request, slug, token }, answer);
  }

  function readOf(request: Bun.BunRequest, token: TokenAccess, version: DataVersion): Read {
    return {
      app,
      documents,
      request,
      token,
      params: request.params,
      version,
      answer(document) {
        known.remember(request, { token, document, version });
        return documentAnswer(document, request);
      },
    };
  }

  return {
    answer(path, read) {
      const route = directRoutes[path];
      return (request, server) => {
        const fail = (error: unknown) => composerFailure(app, request, error);
        try {
          const version = dataVersion(app.db);
          const again = app.events.watchesRequests ? null : known.find(request, version);
          if (again) return again;
          const context = createContext(app, request, server);
          const refused = refusal(context, route);
          if (refused) return refused;
          const slug = (request.params as Record<string, string>)["organization"] ?? "";
          const pending = { request, slug, version, read };
          const token = tokenAuth.read(slug, context, version);
          const answer = thenMaybe(token, (found) => answerTo(pending, found));
          const observed = thenMaybe(answer, (response) => guard.watch(context, response));
          return observed instanceof Promise ? observed.catch(fail) : observed;
        } catch (error) {
          return fail(error);
        }
      };
    },
    figures() {
      const figures = documents.figures();
      return { ...figures, hits: figures.hits + known.hits() };
    },
  };
}

type Pending = { request: Bun.BunRequest; slug: string; version: DataVersion; read: ReadFunction };
