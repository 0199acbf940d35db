// Protects against cross-site request forgery: a browser says which site's page sent a request.
import type { App } from "../../app.ts";
import { forbidden } from "../../errors.ts";
import type { RequestContext } from "./context.ts";

/** Fails as `forbidden` for an unsafe request that was not sent by a page of ours. */
export function mustComeFromUs({ config, log }: App, { request, address }: RequestContext): void {
  if (["GET", "HEAD"].includes(request.method)) return;
  const fetchSite = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const isOurs =
    (fetchSite !== null || origin !== null) &&
    (fetchSite === null || fetchSite === "same-origin" || fetchSite === "none") &&
    (origin === null || origin === config.appUrl);
  if (isOurs) return;
  const path = URL.parse(request.url)?.pathname.slice(0, 200) ?? "";
  log.warn("csrf.denied", {
    method: request.method,
    path,
    site: fetchSite,
    origin: origin?.slice(0, 200),
    address,
  });
  throw forbidden(
    "This was not sent by a page of Pricore, so nothing was changed. Open the page and try again.",
    {
      code: "foreign_origin",
    },
  );
}
