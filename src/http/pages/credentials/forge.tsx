// Settings → Credentials: accounts at forges, connected with a token that somebody made there.
import { paths } from "../../../../templates/paths.ts";
import { ConnectForgePage, type ForgeForm } from "../../../../templates/credentials/forge-form.tsx";
import { ReplaceForgeTokenPage } from "../../../../templates/credentials/forge-token.tsx";
import { Failure } from "../../../errors.ts";
import { forgeNames } from "../../../forges/forge.ts";
import {
  connectForge,
  forgeText,
  originOf,
  replaceForgeToken,
  type ForgeHolder,
} from "../../../registry/credentials/connect.ts";
import { nameOfCredential } from "../../../registry/names.ts";
import { countCredentialUses, type Credential } from "../../../store/repositories/credentials.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";

export function forgeCredentialPages(setup: PageSetup) {
  const { app } = setup;
  const path = "/organizations/:slug/settings/credentials/connect";
  const confirmed = { member: "admin", confirmed: true } as const;
  return routesOf(app, "forge-credentials")
    .get(
      path,
      ({ context, query }) => {
        const provider = forgeNames.find((each) => each === query["forge"]) ?? "";
        const form = { provider, address: (query["address"] ?? "").slice(0, 500), name: "", email: "" };
        return connectPage(setup, context, { form, asksAddress: query["own"] === "1" });
      },
      confirmed,
    )
    .post(
      path,
      async ({ context, membership, body, actor }) => {
        const form = fields(body, ["provider", "address", "email", "token", "name"]);
        const { organization } = membership;
        const holder = await orFailure(() => connectForge(app, organization, { input: form, actor }));
        if (holder instanceof Failure) return connectPage(setup, context, { form, failure: holder });
        return seeOther(paths.credentials(membership.organization.slug), [
          toastCookie(app, connectedText(holder)),
        ]);
      },
      confirmed,
    );
}

/** The form for another token of an account that is there. */
export async function replaceForm(
  setup: PageSetup,
  context: OrganizationPage,
  of: { credential: Credential; form?: { name: string; email: string }; failure?: Failure },
): Promise<Response> {
  const { app } = setup;
  const { credential, failure } = of;
  const provider = forgeNames.find((each) => each === credential.provider) ?? "github";
  const account = credential.account ?? "";
  const form = of.form ?? { name: nameOfCredential(credential), email: account };
  const uses = await countCredentialUses(app.db, credential.organization_id, credential.id);
  const origin = credential.origin ?? "https://bitbucket.org";
  const forge = { provider, text: forgeText[provider], host: credential.host ?? "", origin, account };
  return page(setup, context, {
    status: failure ? statusOf[failure.kind] : 200,
    render: (shell) =>
      ReplaceForgeTokenPage({
        shell,
        base: paths.credentials(context.membership.organization.slug),
        id: credential.id,
        form,
        forge,
        refusal: credential.error,
        uses,
        problem: failure ? problemOf(failure) : null,
      }),
  });
}

/** Takes what that form sends. */
export async function replaceFromForm(
  setup: PageSetup,
  context: OrganizationPage,
  of: { credential: Credential; body: unknown },
) {
  const { app } = setup;
  const { credential, body } = of;
  const form = fields(body, ["name", "email", "token"]);
  const actor = context.actor;
  const replaced = await orFailure(() =>
    replaceForgeToken(app, context.membership.organization, { credential, input: form, actor }),
  );
  if (replaced instanceof Failure)
    return replaceForm(setup, context, { credential, form, failure: replaced });
  return seeOther(paths.credentials(context.membership.organization.slug), [
    toastCookie(app, connectedText(replaced)),
  ]);
}

type Connecting = { form: ForgeForm; failure?: Failure; asksAddress?: boolean };

/** The page of the form's current step; an invalid address leads back to the step before. */
async function connectPage(
  setup: PageSetup,
  context: OrganizationPage,
  { form, failure, asksAddress = false }: Connecting,
): Promise<Response> {
  const { app } = setup;
  const provider = forgeNames.find((each) => each === form.provider);
  const origin =
    provider === undefined || asksAddress
      ? null
      : await orFailure(async () => originOf(app, provider, form.address));
  const wrong = failure ?? (origin instanceof Failure && form.address !== "" ? origin : undefined);
  return page(setup, context, {
    status: wrong ? statusOf[wrong.kind] : 200,
    render: (shell) =>
      ConnectForgePage({
        shell,
        base: paths.credentials(context.membership.organization.slug),
        form,
        origin: origin instanceof Failure ? null : origin,
        isOwn: form.address.trim() !== "",
        grants: app.oauth.forges.map(({ name, title }) => ({ name, title })),
        problem: wrong ? problemOf(wrong) : null,
      }),
  });
}

/** What the account may do, as far as the forge tells. */
export function connectedText({ account, origin }: ForgeHolder): string {
  const may = {
    true: "can read repositories and manage webhooks",
    false: "can read repositories, but not manage webhooks",
    null: "can read repositories",
  }[String(account.mayKeepWebhooks) as "true" | "false" | "null"];
  return `${account.login} at ${new URL(origin).host} is connected: it ${may}.`;
}
