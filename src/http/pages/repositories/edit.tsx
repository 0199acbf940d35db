// What is done to one repository: edit it, agree to removals, forget its host key, remove it.
import { Elysia } from "elysia";
import {
  EditRepositoryPage,
  HostKeyPage,
  RemovalsPage,
  RemoveRepositoryPage,
} from "../../../../templates/repositories/edit.tsx";
import type { AccessForm } from "../../../../templates/repositories/new.tsx";
import { vendorOf } from "../../../composer/name.ts";
import { Failure, invalid, notFound } from "../../../errors.ts";
import { askForSync, changeRepository } from "../../../registry/repositories/change.ts";
import { fingerprintOf, nameOfCredential } from "../../../registry/repositories/credentials.ts";
import { followMove, moveRepository } from "../../../registry/repositories/change-url.ts";
import { sshHostOf } from "../../../registry/repositories/remotes.ts";
import { namedBy, userOfAddress } from "../../../registry/repositories/addresses.ts";
import { forgetHostKey, removeRepository } from "../../../registry/repositories/repositories.ts";
import { findCredential } from "../../../store/repositories/credentials.ts";
import { findHostKey } from "../../../store/repositories/host-keys.ts";
import { countLoss } from "../../../store/repositories/lists.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";
import { listLatestSyncs } from "../../../store/syncs/syncs.ts";
import { accessFor } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type PageContext, type PageSetup } from "../../page.ts";
import { accessFields, credentialIn, problemFor, storedChoices } from "./access-form.ts";
import { foundIn, syncRefsOf } from "./show.tsx";
import { repositoryBase, withoutCommands } from "./view.ts";

type SeenHere = PageContext & { membership: NonNullable<PageContext["membership"]> };

export function repositoryActs(site: PageSetup) {
  const { app } = site;
  const lossOf = (repository: Repository) => {
    const fromDay = new Date(app.now() - 29 * 86_400_000).toISOString().slice(0, 10);
    const { organization_id: organizationId, id: repositoryId } = repository;
    return countLoss(app.db, { organizationId, repositoryId }, fromDay);
  };
  const editPage = async (
    seen: SeenHere,
    repository: Repository,
    { form, failure }: { form: AccessForm & { name: string; url: string }; failure?: Failure },
  ) => {
    const { organization } = seen.membership;
    const stored = await storedChoices(app, organization.id);
    const id = repository.credential_id;
    const credential = id === null ? null : await findCredential(app.db, organization.id, id);
    return page(site, seen, {
      status: failure ? statusOf[failure.kind] : 200,
      render: (shell) =>
        EditRepositoryPage({
          shell,
          base: repositoryBase(organization.slug, repository.name),
          name: repository.name,
          url: repository.url,
          form,
          stored,
          ...(credential ? { keeps: nameOfCredential(credential) } : {}),
          problem: failure ? problemFor(failure) : null,
        }),
    });
  };
  const removePage = async (seen: SeenHere, repository: Repository, failure?: Failure) => {
    const loss = await lossOf(repository);
    const vendors = [...new Set(loss.packages.map(vendorOf))];
    return page(site, seen, {
      status: failure ? statusOf[failure.kind] : 200,
      render: (shell) =>
        RemoveRepositoryPage({
          shell,
          base: repositoryBase(seen.membership.organization.slug, repository.name),
          name: repository.name,
          loss: { ...loss, vendors },
          problem: failure ? problemFor(failure) : null,
        }),
    });
  };
  return new Elysia({ name: "repository-acts" })
    .use(accessFor(app))
    .get(
      "/organizations/:slug/repositories/:name/edit",
      async ({ request, viewer, membership, params }) => {
        const { repository } = await foundIn(app, membership, params);
        const { name, url } = repository;
        const credential = repository.credential_id === null ? "none" : "keep";
        const form = { name, url, credential, stored: "", username: "" };
        return editPage({ request, viewer, membership }, repository, { form });
      },
      { member: "admin", confirmed: true },
    )
    .post(
      "/organizations/:slug/repositories/:name/edit",
      async ({ request, viewer, membership, params, body }) => {
        const { repository } = await foundIn(app, membership, params);
        const { organization } = membership;
        const sent = fields(body, ["name", "url", ...accessFields]);
        const form = { ...sent, url: sent.url.trim() || repository.url };
        const actor = `user:${viewer.user.id}`;
        const name = await orFailure(async () => {
          const { url } = form;
          const credential = namedBy(userOfAddress(url), credentialIn(form));
          const of = { organization, repository };
          const hasMoved =
            url !== repository.url && (await moveRepository(app, of, { url, credential, actor }));
          const change = { name: form.name, credential: hasMoved ? ("keep" as const) : credential };
          return changeRepository(app, of, { change, actor });
        });
        if (name instanceof Failure)
          return editPage({ request, viewer, membership }, repository, { form, failure: name });
        const words = form.credential === "keep" ? "Changes saved." : "Saved. Trying the new credential…";
        return seeOther(repositoryBase(organization.slug, name), [toastCookie(app, words)]);
      },
      { member: "admin", confirmed: true },
    )
    .get(
      "/organizations/:slug/repositories/:name/removals",
      async ({ request, viewer, membership, params, query }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const [last] = await listLatestSyncs(app.db, repository.id, { limit: 1 });
        if (last?.outcome !== "stopped")
          throw notFound("No sync of this repository waits for a decision any more.");
        const refs = await syncRefsOf(app, { repository, syncId: last.id, base: `${base}/removals` }, query);
        const { downloads } = await lossOf(repository);
        const message = withoutCommands(last.error ?? "");
        const { name } = repository;
        return page(
          site,
          { request, viewer, membership },
          {
            render: (shell) =>
              RemovalsPage({ shell, base, name, message, refs: { ...refs, wouldBe: true }, downloads }),
          },
        );
      },
      { member: "admin" },
    )
    .post(
      "/organizations/:slug/repositories/:name/removals",
      async ({ viewer, membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        await askForSync(app, repository, { actor: `user:${viewer.user.id}`, confirmRemovals: true });
        return seeOther(base, [toastCookie(app, "The next sync removes what is gone.")]);
      },
      { member: "admin", confirmed: true },
    )
    .get(
      "/organizations/:slug/repositories/:name/host-key",
      async ({ request, viewer, membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const host = sshHostOf(repository.url);
        if (host === null) throw notFound("This repository is not reached over SSH.");
        const key = await findHostKey(app.db, membership.organization.id, host);
        const fingerprint = key === null ? null : await fingerprintOf(key);
        const changed =
          /^The host key of .*? has changed: .*?\.(?=\s|$)/.exec(repository.error ?? "")?.[0] ?? null;
        const { name } = repository;
        return page(
          site,
          { request, viewer, membership },
          { render: (shell) => HostKeyPage({ shell, base, name, host, fingerprint, changed }) },
        );
      },
      { member: "admin" },
    )
    .post(
      "/organizations/:slug/repositories/:name/host-key",
      async ({ viewer, membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const { organization } = membership;
        const actor = `user:${viewer.user.id}`;
        const host = await forgetHostKey(app, { organization, repository, actor });
        await askForSync(app, repository, { actor });
        return seeOther(base, [toastCookie(app, `The host key of ${host} was forgotten.`)]);
      },
      { member: "admin", confirmed: true },
    )
    .post(
      "/organizations/:slug/repositories/:name/follow",
      async ({ viewer, membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const { organization } = membership;
        await followMove(app, { organization, repository, actor: `user:${viewer.user.id}` });
        return seeOther(base, [toastCookie(app, `${repository.name} follows its new address.`)]);
      },
      { member: "admin", confirmed: true },
    )
    .get(
      "/organizations/:slug/repositories/:name/remove",
      async ({ request, viewer, membership, params }) => {
        const { repository } = await foundIn(app, membership, params);
        return removePage({ request, viewer, membership }, repository);
      },
      { member: "admin", confirmed: true },
    )
    .post(
      "/organizations/:slug/repositories/:name/remove",
      async ({ request, viewer, membership, params, body }) => {
        const { repository } = await foundIn(app, membership, params);
        const { organization } = membership;
        const { name } = repository;
        const { confirm } = fields(body, ["confirm"]);
        if (confirm.trim() !== name) {
          const failure = invalid(`Type ${name} to remove it.`, { field: "confirm" });
          return removePage({ request, viewer, membership }, repository, failure);
        }
        await removeRepository(app, { organization, repository, actor: `user:${viewer.user.id}` });
        const path = `/organizations/${organization.slug}/repositories`;
        return seeOther(path, [toastCookie(app, `${name} was removed.`)]);
      },
      { member: "admin", confirmed: true },
    );
}
