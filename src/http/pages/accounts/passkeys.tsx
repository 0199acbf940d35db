// The person's passkeys. The browser makes them, with public/js/passkeys.js.
import { NewPasskeyPage, RemoveFactorPage } from "../../../../templates/accounts/second-factors.tsx";
import { Failure } from "../../../errors.ts";
import {
  addNewPasskey,
  askForNewPasskey,
  getOwnPasskey,
  removeOwnPasskey,
} from "../../../registry/accounts/passkeys.ts";
import { factorsOf } from "../../../registry/accounts/second-factor.ts";
import { routesOf } from "../../access.ts";
import { json, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { page, type PageSetup } from "../../page.ts";
import { changedAnswer } from "./security.tsx";

const base = "/account/security/passkeys";

export function passkeyPages(setup: PageSetup) {
  const { app } = setup;
  const confirmed = { person: "confirmed" } as const;
  return routesOf(app, "passkeys")
    .get(
      `${base}/new`,
      ({ context }) =>
        page(setup, context, { render: (shell) => NewPasskeyPage({ shell, name: "", problem: null }) }),
      confirmed,
    )
    .post(`${base}/challenge`, async ({ viewer }) => json(await askForNewPasskey(app, viewer)), confirmed)
    .post(
      base,
      async ({ body, context }) => {
        const form = fields(body, ["name", "answer"]);
        const changed = await orFailure(() => addNewPasskey(app, context.viewer, form));
        if (!(changed instanceof Failure))
          return changedAnswer(setup, context.viewer, changed, "The passkey was added.");
        const props = { name: form.name, problem: problemOf(changed) };
        return page(setup, context, {
          status: statusOf[changed.kind],
          render: (shell) => NewPasskeyPage({ shell, ...props }),
        });
      },
      confirmed,
    )
    .get(
      `${base}/:id/remove`,
      async ({ params, context }) => {
        const { id, name } = await getOwnPasskey(app, context.viewer, params.id);
        const { hasApp, passkeys } = await factorsOf(app.db, context.viewer.user);
        const props = { title: `Remove the passkey "${name}"?`, action: `${base}/${id}/remove` };
        const isLast = !hasApp && passkeys === 1;
        return page(setup, context, {
          render: (shell) => RemoveFactorPage({ shell, ...props, verb: "Remove passkey", isLast }),
        });
      },
      confirmed,
    )
    .post(
      `${base}/:id/remove`,
      async ({ viewer, params }) => {
        const session = await removeOwnPasskey(app, viewer, params.id);
        return changedAnswer(setup, viewer, { session, codes: null }, "The passkey was removed.");
      },
      confirmed,
    );
}
