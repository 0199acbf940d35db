// Settings → Credentials and SSH keys. Ids of another organization answer as ids that nobody has.
import { Elysia } from "elysia";
import {
  CredentialFormPage,
  RemoveCredentialPage,
  type CredentialForm,
} from "../../../../templates/credentials/form.tsx";
import { CredentialsPage, type CredentialPlace } from "../../../../templates/credentials/credentials.tsx";
import type { App } from "../../../app.ts";
import { Failure, notFound } from "../../../errors.ts";
import {
  createCredential,
  nameOfCredential,
  removeCredential,
} from "../../../registry/repositories/credentials.ts";
import { replaceCredential } from "../../../registry/repositories/change.ts";
import {
  countCredentialUses,
  findCredential,
  type Credential,
} from "../../../store/repositories/credentials.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { accessFor } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type PageContext, type PageSetup } from "../../page.ts";
import { linesOf } from "./lines.ts";
import { replaceForm, replaceFromForm } from "./forge.tsx";
import { problemFor } from "../repositories/access-form.ts";

type Setting = CredentialPlace["setting"];
type SeenHere = PageContext & { membership: Membership };

export function credentialPages(site: PageSetup) {
  return new Elysia({ name: "credentials" })
    .use(accessFor(site.app))
    .use(pagesOf(site, "credentials"))
    .use(pagesOf(site, "ssh-keys"))
    .use(replacement(site));
}

/** Another token in the place of one; an SSH key is not replaced, but another one made and given to repositories. */
function replacement(site: PageSetup) {
  const { app } = site;
  const path = "/organizations/:slug/settings/credentials" as const;
  const confirmed = { member: "admin", confirmed: true } as const;
  const show = credentialViews(site, "credentials");
  return new Elysia({ name: "credentials-replacement" })
    .use(accessFor(app))
    .get(
      `${path}/:id/edit`,
      async ({ request, viewer, membership, params }) => {
        const credential = await found(app, membership, { setting: "credentials", id: params.id });
        if (credential.provider !== null)
          return replaceForm(site, { request, viewer, membership }, { credential });
        return show.form({ request, viewer, membership }, { replaces: credential });
      },
      confirmed,
    )
    .post(
      `${path}/:id/edit`,
      async ({ request, viewer, membership, params, body }) => {
        const seen = { request, viewer, membership };
        const credential = await found(app, membership, { setting: "credentials", id: params.id });
        if (credential.provider !== null) return replaceFromForm(site, seen, { credential, body });
        const form = fields(body, ["name", "username", "password"]);
        const actor = `user:${viewer.user.id}`;
        const replaced = await orFailure(() =>
          replaceCredential(app, membership.organization, { credential, ...form, actor }),
        );
        if (replaced instanceof Failure)
          return show.form(seen, { form: { host: "", ...form }, failure: replaced, replaces: credential });
        return doneAt(app, seen, {
          setting: "credentials",
          words: `${form.name.trim()} was replaced. Repositories that failed try it now.`,
        });
      },
      confirmed,
    );
}

function pagesOf(site: PageSetup, setting: Setting) {
  const { app } = site;
  const path = `/organizations/:slug/settings/${setting}` as const;
  const admin = { member: "admin" } as const;
  const confirmed = { ...admin, confirmed: true } as const;
  const show = credentialViews(site, setting);
  const done = (seen: SeenHere, words: string) => doneAt(app, seen, { setting, words });
  return new Elysia({ name: setting })
    .use(accessFor(app))
    .get(path, (seen) => show.list(seen), admin)
    .get(`${path}/new`, (seen) => show.form(seen, {}), confirmed)
    .post(
      path,
      async ({ request, viewer, membership, body }) => {
        const seen = { request, viewer, membership };
        const form: Partial<CredentialForm & { password: string }> =
          setting === "ssh-keys"
            ? fields(body, ["name"])
            : fields(body, ["name", "host", "username", "password"]);
        const asked = { name: "", host: "", username: "", password: "", ...form };
        const given =
          setting === "ssh-keys"
            ? { kind: "new-ssh-key" as const, name: asked.name }
            : { kind: "basic" as const, ...asked };
        const actor = `user:${viewer.user.id}`;
        const made = await orFailure(() => createCredential(app, membership.organization, { given, actor }));
        if (made instanceof Failure) return show.form(seen, { form: asked, failure: made });
        return done(seen, `${asked.name.trim()} is ready to be used by repositories.`);
      },
      confirmed,
    )
    .get(
      `${path}/:id/remove`,
      async ({ request, viewer, membership, params }) => {
        const credential = await found(app, membership, { setting, id: params.id });
        return show.removal({ request, viewer, membership }, credential);
      },
      confirmed,
    )
    .post(
      `${path}/:id/remove`,
      async ({ request, viewer, membership, params }) => {
        const seen = { request, viewer, membership };
        const credential = await found(app, membership, { setting, id: params.id });
        const actor = `user:${viewer.user.id}`;
        const removed = await orFailure(() =>
          removeCredential(app, membership.organization, { credential, actor }),
        );
        if (removed instanceof Failure) return show.removal(seen, credential, removed);
        return done(seen, `${nameOfCredential(credential)} was removed.`);
      },
      confirmed,
    );
}

function credentialViews(site: PageSetup, setting: Setting) {
  const { app } = site;
  return {
    async list({ request, viewer, membership }: SeenHere) {
      const lines = await linesOf(app, membership, setting === "ssh-keys" ? "ssh-key" : "basic");
      const base = baseOf(membership, setting);
      const repositories = `/organizations/${membership.organization.slug}/repositories`;
      const now = app.now();
      return page(
        site,
        { request, viewer, membership },
        { render: (shell) => CredentialsPage({ shell, setting, base, lines, repositories, now }) },
      );
    },
    async form(
      { request, viewer, membership }: SeenHere,
      of: { form?: CredentialForm; failure?: Failure; replaces?: Credential },
    ) {
      const { failure, replaces } = of;
      const uses = replaces ? await usesOf(app, replaces) : 0;
      const form = of.form ?? {
        name: replaces ? nameOfCredential(replaces) : "",
        username: replaces?.username ?? "",
        host: "",
      };
      return page(
        site,
        { request, viewer, membership },
        {
          status: failure ? statusOf[failure.kind] : 200,
          render: (shell) =>
            CredentialFormPage({
              shell,
              setting,
              base: baseOf(membership, setting),
              form,
              replaces: replaces ? { id: replaces.id, uses } : null,
              problem: failure ? problemFor(failure) : null,
            }),
        },
      );
    },
    async removal({ request, viewer, membership }: SeenHere, credential: Credential, failure?: Failure) {
      const uses = await usesOf(app, credential);
      const name = nameOfCredential(credential);
      const base = baseOf(membership, setting);
      const problem = failure ? problemFor(failure) : null;
      return page(
        site,
        { request, viewer, membership },
        {
          status: failure ? statusOf[failure.kind] : 200,
          render: (shell) =>
            RemoveCredentialPage({ shell, setting, base, id: credential.id, name, uses, problem }),
        },
      );
    },
  };
}

function doneAt(
  app: App,
  { membership }: SeenHere,
  { setting, words }: { setting: Setting; words: string },
): Response {
  return seeOther(baseOf(membership, setting), [toastCookie(app, words)]);
}

async function found(
  app: App,
  { organization }: Membership,
  { setting, id }: { setting: Setting; id: string },
): Promise<Credential> {
  const credential = await findCredential(app.db, organization.id, id);
  const kind = setting === "ssh-keys" ? "ssh-key" : "basic";
  if (credential?.kind !== kind) throw notFound("There is nothing at this address.");
  return credential;
}

function usesOf(app: App, { organization_id: organizationId, id }: Credential): Promise<number> {
  return countCredentialUses(app.db, organizationId, id);
}

function baseOf({ organization }: Membership, setting: Setting): string {
  return `/organizations/${organization.slug}/settings/${setting}`;
}
