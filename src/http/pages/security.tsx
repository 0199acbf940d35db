// What is known of advisories: nothing yet, and the page says so.
import { Elysia } from "elysia";
import { SecurityPage } from "../../../templates/security.tsx";
import { accessFor } from "../access.ts";
import { page, type Site } from "../site.ts";

export function securityPages(site: Site) {
  return new Elysia({ name: "security" })
    .use(accessFor(site.app))
    .get(
      "/organizations/:slug/security",
      (seen) => page(site, seen, { render: (shell) => SecurityPage({ shell }) }),
      { member: "member" },
    );
}
