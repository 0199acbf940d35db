// Composer's requests, published to the page where somebody waits for the first `composer require`.
//
// `GET /live?organization=SLUG&requests=1` gives such a page named events beside the usual ones: `request` with JSON of
// `{at, method, path, status, tokenName}` for each request of a client (`tokenName` is null and `status` 401 when the
// token was refused), and `install` when a client has reported what it installed. Without such a page nothing of this
// is looked up; the routes read one field.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { findOrganization } from "../../store/organizations/organizations.ts";
import { findTokenName } from "../../store/tokens.ts";
import type { TokenAccess, Refused } from "./token-auth.ts";
import { thenMaybe } from "./maybe-async.ts";

type ObservedRequest = { request: Request; slug: string; token: TokenAccess | Refused };

/** Returns the answer, and publishes the request beside it. */
export function publishRequest(
  app: App,
  observed: ObservedRequest,
  answer: Response | Promise<Response>,
): Response | Promise<Response> {
  if (!app.events.watchesRequests) return answer;
  return thenMaybe(answer, (response) => {
    void publish(app, observed, response.status).catch((error: unknown) =>
      app.log.warn("events.not_told", { reason: messageOf(error) }),
    );
    return response;
  });
}

async function publish(app: App, { request, slug, token }: ObservedRequest, status: number): Promise<void> {
  const { method, url } = request;
  const at = app.now();
  const organizationId =
    "refused" in token ? (await findOrganization(app.db, slug))?.id : token.organizationId;
  if (organizationId === undefined || !app.events.watchesRequestsOf(organizationId)) return;
  const tokenName = "refused" in token ? null : await findTokenName(app.db, token.tokenId);
  const path = (URL.parse(url)?.pathname ?? "").slice(0, 300);
  const id = Bun.randomUUIDv7();
  app.events.publish({
    organizationId,
    kind: "request",
    id,
    request: { at, method, path, status, tokenName },
  });
}
