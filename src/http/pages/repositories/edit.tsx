// Editing a repository: its name, its address and how it is read.
import { paths } from "../../../../templates/paths.ts";
import { EditRepositoryPage } from "../../../../templates/repositories/edit.tsx";
import type { AccessForm } from "../../../../templates/repositories/new.tsx";
import type { App } from "../../../app.ts";
import { Failure } from "../../../errors.ts";
import { nameOfCredential } from "../../../registry/names.ts";
import { namedBy, userOfAddress } from "../../../registry/repositories/addresses.ts";
import { followMove, moveRepository } from "../../../registry/repositories/change-url.ts";
import { changeRepository } from "../../../registry/repositories/change.ts";
import type { Organization } from "../../../store/organizations/organizations.ts";
import { findCredential } from "../../../store/repositories/credentials.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { toastCookie } from "../../cookies/session.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";
import { accessFields, credentialIn, storedChoices } from "./access-form.ts";
import { foundIn, repositoryRoute } from "./find.ts";

export function editRepositoryPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "repository-edit", repositoryRoute)
    .get(
      "/edit",
      async ({ context, membership, params }) => {
        const { repository } = await foundIn(app, membership, params);
        const { name, url } = repository;
        const credential = repository.credential_id === null ? "none" : "keep";
        const form = { name, url, credential, stored: "", username: "" };
        return editPage(setup, context, { repository, form });
      },
      { member: "admin", confirmed: true },
    )
    .post(
      "/edit",
      async ({ context, membership, params, body, actor }) => {
        const { repository } = await foundIn(app, membership, params);
        const { organization } = membership;
        const sent = fields(body, ["name", "url", ...accessFields]);
        const form = { ...sent, url: sent.url.trim() || repository.url };
        const name = await orFailure(() => saveEdit(app, { organization, repository, form, actor }));
        if (name instanceof Failure) return editPage(setup, context, { repository, form, failure: name });
        const message = form.credential === "keep" ? "Changes saved." : "Saved. Trying the new credential…";
        return seeOther(paths.repository(organization.slug, name), [toastCookie(app, message)]);
      },
      { member: "admin", confirmed: true },
    )
    .post(
      "/follow",
      async ({ membership, params, actor }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const { organization } = membership;
        await followMove(app, { organization, repository, actor });
        return seeOther(base, [toastCookie(app, `The URL of ${repository.name} was updated.`)]);
      },
      { member: "admin", confirmed: true },
    );
}

type EditForm = AccessForm & { name: string; url: string };

type Edit = {
  organization: Organization;
  repository: Repository;
  form: EditForm & { password: string };
  actor: string;
};

/** The name that the repository has afterwards. A credential goes with a new address where there is one. */
async function saveEdit(app: App, { organization, repository, form, actor }: Edit): Promise<string> {
  const { url } = form;
  const credential = namedBy(userOfAddress(url), credentialIn(form));
  const target = { organization, repository };
  const hasMoved = url !== repository.url && (await moveRepository(app, target, { url, credential, actor }));
  const change = { name: form.name, credential: hasMoved ? ("keep" as const) : credential };
  return changeRepository(app, target, { change, actor });
}

async function editPage(
  setup: PageSetup,
  context: OrganizationPage,
  { repository, form, failure }: { repository: Repository; form: EditForm; failure?: Failure },
): Promise<Response> {
  const { app } = setup;
  const { organization } = context.membership;
  const stored = await storedChoices(app, organization.id);
  const id = repository.credential_id;
  const credential = id === null ? null : await findCredential(app.db, organization.id, id);
  return page(setup, context, {
    status: failure ? statusOf[failure.kind] : 200,
    render: (shell) =>
      EditRepositoryPage({
        shell,
        base: paths.repository(organization.slug, repository.name),
        name: repository.name,
        url: repository.url,
        form,
        stored,
        ...(credential ? { keeps: nameOfCredential(credential) } : {}),
        problem: failure ? problemOf(failure) : null,
      }),
  });
}
