// The person's passkeys. The browser makes them, with public/passkeys.js.
import { Elysia } from "elysia";
import { NewPasskeyPage, RemoveFactorPage } from "../../../../templates/accounts/second-factors.tsx";
import { Failure } from "../../../errors.ts";
import {
  addNewPasskey,
  askForNewPasskey,
  getOwnPasskey,
  removeOwnPasskey,
} from "../../../registry/accounts/passkeys.ts";
import { factorsOf } from "../../../registry/accounts/second-factor.ts";
import { accessFor } from "../../access.ts";
import { json, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { page, type PageSetup } from "../../page.ts";
import { changedAnswer } from "./security.tsx";

const base = "/account/security/passkeys";

export function passkeyPages(site: PageSetup) {
  const { app } = site;
  const confirmed = { person: "confirmed" } as const;
  return new Elysia({ name: "passkeys" })
    .use(accessFor(app))
    .get(
      `${base}/new`,
      (seen) => page(site, seen, { render: (shell) => NewPasskeyPage({ shell, name: "", problem: null }) }),
      confirmed,
    )
    .post(`${base}/challenge`, async ({ viewer }) => json(await askForNewPasskey(app, viewer)), confirmed)
    .post(
      base,
      async ({ body, ...seen }) => {
        const form = fields(body, ["name", "answer"]);
        const changed = await orFailure(() => addNewPasskey(app, seen.viewer, form));
        if (!(changed instanceof Failure))
          return changedAnswer(site, seen.viewer, changed, "The passkey is added.");
        const shown = { name: form.name, problem: problemOf(changed) };
        return page(site, seen, {
          status: statusOf[changed.kind],
          render: (shell) => NewPasskeyPage({ shell, ...shown }),
        });
      },
      confirmed,
    )
    .get(
      `${base}/:id/remove`,
      async ({ params, ...seen }) => {
        const { id, name } = await getOwnPasskey(app, seen.viewer, params.id);
        const { hasApp, passkeys } = await factorsOf(app.db, seen.viewer.user);
        const asked = { title: `Remove the passkey "${name}"?`, action: `${base}/${id}/remove` };
        const isLast = !hasApp && passkeys === 1;
        return page(site, seen, {
          render: (shell) => RemoveFactorPage({ shell, ...asked, verb: "Remove passkey", isLast }),
        });
      },
      confirmed,
    )
    .post(
      `${base}/:id/remove`,
      async ({ viewer, params }) => {
        const session = await removeOwnPasskey(app, viewer, params.id);
        return changedAnswer(site, viewer, { session, codes: null }, "The passkey is removed.");
      },
      confirmed,
    );
}
