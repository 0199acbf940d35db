// Settings → Credentials: accounts at forges, connected with a token that somebody made there.
import { Elysia } from "elysia";
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
} from "../../../registry/forges/connect.ts";
import { nameOfCredential } from "../../../registry/repositories/credentials.ts";
import { countCredentialUses, type Credential } from "../../../store/repositories/credentials.ts";
import { accessFor } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";
import { problemFor } from "../repositories/access-form.ts";

export function forgeCredentialPages(site: PageSetup) {
  const { app } = site;
  const path = "/organizations/:slug/settings/credentials/connect";
  const confirmed = { member: "admin", confirmed: true } as const;
  return new Elysia({ name: "forge-credentials" })
    .use(accessFor(app))
    .get(
      path,
      ({ request, viewer, membership, query }) => {
        const provider = forgeNames.find((each) => each === query["forge"]) ?? "";
        const form = { provider, address: (query["address"] ?? "").slice(0, 500), name: "", email: "" };
        return connectPage(
          site,
          { request, viewer, membership },
          { form, asksAddress: query["own"] === "1" },
        );
      },
      confirmed,
    )
    .post(
      path,
      async ({ request, viewer, membership, body }) => {
        const given = fields(body, ["provider", "address", "email", "token", "name"]);
        const actor = `user:${viewer.user.id}`;
        const { organization } = membership;
        const holder = await orFailure(() => connectForge(app, organization, { given, actor }));
        if (holder instanceof Failure)
          return connectPage(site, { request, viewer, membership }, { form: given, failure: holder });
        return seeOther(baseOf(membership), [toastCookie(app, connectedText(holder))]);
      },
      confirmed,
    );
}

/** The form for another token of an account that is there. */
export async function replaceForm(
  { app, asset, docs }: PageSetup,
  seen: OrganizationPage,
  of: { credential: Credential; form?: { name: string; email: string }; failure?: Failure },
): Promise<Response> {
  const { credential, failure } = of;
  const provider = forgeNames.find((each) => each === credential.provider) ?? "github";
  const account = credential.account ?? "";
  const form = of.form ?? { name: nameOfCredential(credential), email: account };
  const uses = await countCredentialUses(app.db, credential.organization_id, credential.id);
  const origin = credential.origin ?? "https://bitbucket.org";
  const forge = { provider, words: forgeText[provider], host: credential.host ?? "", origin, account };
  return page({ app, asset, docs }, seen, {
    status: failure ? statusOf[failure.kind] : 200,
    render: (shell) =>
      ReplaceForgeTokenPage({
        shell,
        base: baseOf(seen.membership),
        id: credential.id,
        form,
        forge,
        refusal: credential.error,
        uses,
        problem: failure ? problemFor(failure) : null,
      }),
  });
}

/** Takes what that form sends. */
export async function replaceFromForm(
  site: PageSetup,
  seen: OrganizationPage,
  of: { credential: Credential; body: unknown },
) {
  const { app } = site;
  const { credential, body } = of;
  const given = fields(body, ["name", "email", "token"]);
  const actor = `user:${seen.viewer.user.id}`;
  const replaced = await orFailure(() =>
    replaceForgeToken(app, seen.membership.organization, { credential, given, actor }),
  );
  if (replaced instanceof Failure)
    return replaceForm(site, seen, { credential, form: given, failure: replaced });
  return seeOther(baseOf(seen.membership), [toastCookie(app, connectedText(replaced))]);
}

type Connecting = { form: ForgeForm; failure?: Failure; asksAddress?: boolean };

/** The page of the step that the form has come to; an address that is none is asked for again. */
async function connectPage(
  { app, asset, docs }: PageSetup,
  seen: OrganizationPage,
  { form, failure, asksAddress = false }: Connecting,
): Promise<Response> {
  const provider = forgeNames.find((each) => each === form.provider);
  const origin =
    provider === undefined || asksAddress
      ? null
      : await orFailure(async () => originOf(app, provider, form.address));
  const wrong = failure ?? (origin instanceof Failure && form.address !== "" ? origin : undefined);
  return page({ app, asset, docs }, seen, {
    status: wrong ? statusOf[wrong.kind] : 200,
    render: (shell) =>
      ConnectForgePage({
        shell,
        base: baseOf(seen.membership),
        form,
        origin: origin instanceof Failure ? null : origin,
        isOwn: form.address.trim() !== "",
        grants: app.oauth.forges.map(({ name, title }) => ({ name, title })),
        problem: wrong ? problemFor(wrong) : null,
      }),
  });
}

/** What the account may do, as far as the forge tells. */
export function connectedText({ account, origin }: ForgeHolder): string {
  const may = {
    true: "may read repositories and keep webhooks",
    false: "may read repositories, but not keep webhooks",
    null: "may read repositories",
  }[String(account.mayKeepWebhooks) as "true" | "false" | "null"];
  return `${account.login} at ${new URL(origin).host} is connected: it ${may}.`;
}

function baseOf({ organization }: OrganizationPage["membership"]): string {
  return `/organizations/${organization.slug}/settings/credentials`;
}
