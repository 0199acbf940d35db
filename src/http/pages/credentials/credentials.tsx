// Settings → Credentials and SSH keys. Ids of another organization get the same answer as unknown ids.
import { paths } from "../../../../templates/paths.ts";
import {
  CredentialFormPage,
  RemoveCredentialPage,
  type CredentialForm,
} from "../../../../templates/credentials/form.tsx";
import { CredentialsPage, type CredentialPlace } from "../../../../templates/credentials/credentials.tsx";
import type { App } from "../../../app.ts";
import { Failure, notFound } from "../../../errors.ts";
import { createCredential, removeCredential } from "../../../registry/credentials/credentials.ts";
import { nameOfCredential } from "../../../registry/names.ts";
import { replaceCredential } from "../../../registry/credentials/replace.ts";
import {
  countCredentialUses,
  findCredential,
  type Credential,
} from "../../../store/repositories/credentials.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";
import { linesOf } from "./lines.ts";
import { replaceForm, replaceFromForm } from "./forge.tsx";

type Setting = CredentialPlace["setting"];

export function credentialPages(setup: PageSetup) {
  return routesOf(setup.app, "credentials")
    .use(pagesOf(setup, "credentials"))
    .use(pagesOf(setup, "ssh-keys"))
    .use(replacement(setup));
}

/** Replaces a token. An SSH key is not replaced: repositories get a new one. */
function replacement(setup: PageSetup) {
  const { app } = setup;
  const path = "/organizations/:slug/settings/credentials" as const;
  const confirmed = { member: "admin", confirmed: true } as const;
  const show = credentialViews(setup, "credentials");
  return routesOf(app, "credentials-replacement")
    .get(
      `${path}/:id/edit`,
      async ({ context, membership, params }) => {
        const credential = await found(app, membership, { setting: "credentials", id: params.id });
        if (credential.provider !== null) return replaceForm(setup, context, { credential });
        return show.form(context, { replaces: credential });
      },
      confirmed,
    )
    .post(
      `${path}/:id/edit`,
      async ({ context, membership, params, body, actor }) => {
        const credential = await found(app, membership, { setting: "credentials", id: params.id });
        if (credential.provider !== null) return replaceFromForm(setup, context, { credential, body });
        const form = fields(body, ["name", "username", "password"]);
        const replaced = await orFailure(() =>
          replaceCredential(app, membership.organization, { credential, ...form, actor }),
        );
        if (replaced instanceof Failure)
          return show.form(context, { form: { host: "", ...form }, failure: replaced, replaces: credential });
        return doneAt(app, context, {
          setting: "credentials",
          text: `${form.name.trim()} was replaced. Failed repositories are synced again now.`,
        });
      },
      confirmed,
    );
}

function pagesOf(setup: PageSetup, setting: Setting) {
  const { app } = setup;
  const path = `/organizations/:slug/settings/${setting}` as const;
  const admin = { member: "admin" } as const;
  const confirmed = { ...admin, confirmed: true } as const;
  const show = credentialViews(setup, setting);
  const done = (context: OrganizationPage, message: string) =>
    doneAt(app, context, { setting, text: message });
  return routesOf(app, setting)
    .get(path, ({ context }) => show.list(context), admin)
    .get(`${path}/new`, ({ context }) => show.form(context, {}), confirmed)
    .post(
      path,
      async ({ context, membership, body, actor }) => {
        const form: Partial<CredentialForm & { password: string }> =
          setting === "ssh-keys"
            ? fields(body, ["name"])
            : fields(body, ["name", "host", "username", "password"]);
        const input = { name: "", host: "", username: "", password: "", ...form };
        const credential =
          setting === "ssh-keys"
            ? { kind: "new-ssh-key" as const, name: input.name }
            : { kind: "basic" as const, ...input };
        const made = await orFailure(() =>
          createCredential(app, membership.organization, { input: credential, actor }),
        );
        if (made instanceof Failure) return show.form(context, { form: input, failure: made });
        return done(context, `${input.name.trim()} can now be used by repositories.`);
      },
      confirmed,
    )
    .get(
      `${path}/:id/remove`,
      async ({ context, membership, params }) => {
        const credential = await found(app, membership, { setting, id: params.id });
        return show.removal(context, credential);
      },
      confirmed,
    )
    .post(
      `${path}/:id/remove`,
      async ({ context, membership, params, actor }) => {
        const credential = await found(app, membership, { setting, id: params.id });
        const removed = await orFailure(() =>
          removeCredential(app, membership.organization, { credential, actor }),
        );
        if (removed instanceof Failure) return show.removal(context, credential, removed);
        return done(context, `${nameOfCredential(credential)} was removed.`);
      },
      confirmed,
    );
}

function credentialViews(setup: PageSetup, setting: Setting) {
  const { app } = setup;
  return {
    async list(context: OrganizationPage) {
      const lines = await linesOf(app, context.membership, setting === "ssh-keys" ? "ssh-key" : "basic");
      const base = baseOf(context.membership, setting);
      const repositories = paths.repositories(context.membership.organization.slug);
      const now = app.now();
      return page(setup, context, {
        render: (shell) => CredentialsPage({ shell, setting, base, lines, repositories, now }),
      });
    },
    async form(
      context: OrganizationPage,
      of: { form?: CredentialForm; failure?: Failure; replaces?: Credential },
    ) {
      const { failure, replaces } = of;
      const uses = replaces ? await usesOf(app, replaces) : 0;
      const form = of.form ?? {
        name: replaces ? nameOfCredential(replaces) : "",
        username: replaces?.username ?? "",
        host: "",
      };
      return page(setup, context, {
        status: failure ? statusOf[failure.kind] : 200,
        render: (shell) =>
          CredentialFormPage({
            shell,
            setting,
            base: baseOf(context.membership, setting),
            form,
            replaces: replaces ? { id: replaces.id, uses } : null,
            problem: failure ? problemOf(failure) : null,
          }),
      });
    },
    async removal(context: OrganizationPage, credential: Credential, failure?: Failure) {
      const uses = await usesOf(app, credential);
      const name = nameOfCredential(credential);
      const base = baseOf(context.membership, setting);
      const problem = failure ? problemOf(failure) : null;
      return page(setup, context, {
        status: failure ? statusOf[failure.kind] : 200,
        render: (shell) =>
          RemoveCredentialPage({ shell, setting, base, id: credential.id, name, uses, problem }),
      });
    },
  };
}

function doneAt(
  app: App,
  { membership }: OrganizationPage,
  { setting, text: message }: { setting: Setting; text: string },
): Response {
  return seeOther(baseOf(membership, setting), [toastCookie(app, message)]);
}

async function found(
  app: App,
  { organization }: Membership,
  { setting, id }: { setting: Setting; id: string },
): Promise<Credential> {
  const credential = await findCredential(app.db, organization.id, id);
  const kind = setting === "ssh-keys" ? "ssh-key" : "basic";
  if (credential?.kind !== kind) throw notFound("There is no page at this address.");
  return credential;
}

function usesOf(app: App, { organization_id: organizationId, id }: Credential): Promise<number> {
  return countCredentialUses(app.db, organizationId, id);
}

function baseOf({ organization }: Membership, setting: Setting): string {
  return paths.setting(organization.slug, setting);
}
