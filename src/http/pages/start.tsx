// An organization's first repository and first `composer require`, followed as they happen.
import { Elysia } from "elysia";
import type { Attempt } from "../../../templates/first-repository.tsx";
import { StartProgress, type Progress } from "../../../templates/start-progress.tsx";
import { StartPage, type StartForm } from "../../../templates/start.tsx";
import type { App } from "../../app.ts";
import { Failure } from "../../errors.ts";
import {
  findFirstToken,
  forgetFirstToken,
  makeFirstToken,
  needsFirstToken,
} from "../../registry/organizations/first-install.ts";
import { listMissingPackages } from "../../registry/packages/missing.ts";
import { namedBy, plainAddress, userOfAddress } from "../../registry/repositories/addresses.ts";
import { changeRepository } from "../../registry/repositories/change.ts";
import type { GivenCredential } from "../../registry/repositories/credentials.ts";
import { moveRepository } from "../../registry/repositories/move.ts";
import { addRepository } from "../../registry/repositories/repositories.ts";
import { requestSync } from "../../registry/syncs/sync.ts";
import { hasInstalls } from "../../store/downloads.ts";
import type { Membership } from "../../store/members.ts";
import { listPackagesOfRepository } from "../../store/packages.ts";
import type { Organization } from "../../store/organizations.ts";
import { listRepositories, type Repository } from "../../store/repositories.ts";
import { findTellingSync } from "../../store/syncs.ts";
import type { User } from "../../store/users.ts";
import { isConfirmed } from "../../registry/people/sessions.ts";
import { accessFor, mustBeConfirmed } from "../access.ts";
import { html, seeOther, statusOf, wantsPart } from "../answers.ts";
import { fields, orFailure, problemOf, type Problem } from "../forms.ts";
import type { InstallWatch } from "../install-watch.ts";
import type { Site } from "../site.ts";

type Given = { url: string; credential: GivenCredential | null; actor: string };

/**
 * Adds a repository and asks for its sync. The first one gets another URL or credential while it has published nothing;
 * a later one of the same host is opened as the first is, unless it comes with a credential of its own.
 */
async function putRepository(app: App, organization: Organization, given: Given): Promise<void> {
  const url = given.url.trim();
  const [first] = await repositoriesOf(app, organization);
  const isRepair = first?.state === "failed" && first.last_proven_fresh_at === null;
  if (first && isRepair && plainAddress(url) === first.url) {
    const credential = namedBy(userOfAddress(url), given.credential) ?? ("keep" as const);
    const change = { name: first.name, credential };
    await changeRepository(app, { organization, repository: first }, { change, actor: given.actor });
    if (given.credential === null) await requestSync(app, first, { reason: given.actor });
    return;
  }
  if (first && isRepair) {
    await moveRepository(app, { organization, repository: first }, { ...given, url });
    return;
  }
  const isSameHost = first && URL.parse(plainAddress(url))?.host === URL.parse(first.url)?.host;
  const shared =
    isSameHost && first.credential_id ? { kind: "stored" as const, id: first.credential_id } : null;
  const { repository } = await addRepository(app, organization, {
    url,
    name: null,
    provider: null,
    credential: given.credential ?? shared,
    allowLocal: false,
    actor: given.actor,
  });
  await requestSync(app, repository, { reason: "added" });
}

/** Oldest first. */
async function repositoriesOf({ db }: App, { id }: Organization): Promise<Repository[]> {
  return (await listRepositories(db, id)).toSorted((a, b) => a.created_at - b.created_at);
}

type Looking = { membership: Membership; user: User };

const noForm: StartForm = { url: "", username: "" };

export function startPages({ app, asset }: Site, watch: InstallWatch) {
  const outside = { appName: app.config.appName, appUrl: app.config.appUrl, asset };
  const whole = async (looking: Looking, form = noForm, problem: Problem | null = null) => {
    const { organization } = looking.membership;
    const progress = await progressOf(looking, problem && { form, problem });
    return StartPage({ outside, organization, email: looking.user.email, progress, form, problem }).html;
  };
  const progressOf = async (
    { membership: { organization }, user }: Looking,
    attempt: Attempt | null = null,
  ): Promise<Progress> => {
    const requests = watch.of(organization.id);
    const [repository] = await repositoriesOf(app, organization);
    const isInstalled = await hasInstalls(app.db, organization.id);
    if (isInstalled) await forgetFirstToken(app, user);
    const { appUrl } = app.config;
    const base = { organization, appUrl, requests, isInstalled, attempt, now: app.now() };
    if (!repository) return { ...base, repository: null };
    const packages = (await listPackagesOfRepository(app.db, repository.id)).filter(
      (each) => each.latest !== null,
    );
    const requiredBy = packages[0]?.name;
    const missing =
      requiredBy === undefined ? [] : await listMissingPackages(app, organization.id, { requiredBy });
    return {
      ...base,
      missing: missing.map(({ name }) => name),
      repository: {
        name: repository.name,
        url: repository.url,
        state: repository.state,
        error: repository.error,
        sync: await findTellingSync(app.db, repository.id),
        packages: packages.map(({ name }) => name),
      },
      token: await findFirstToken(app, organization, user),
    };
  };
  return new Elysia({ name: "start" })
    .use(accessFor(app))
    .get(
      "/organizations/:slug/start",
      async ({ request, viewer: { user }, membership }) => {
        const looking = { membership, user };
        if (wantsPart(request)) return html(StartProgress(await progressOf(looking)).html);
        return html(await whole(looking));
      },
      { member: "admin" },
    )
    .post(
      "/organizations/:slug/start",
      async ({ viewer, membership, body }) => {
        const { user } = viewer;
        const { password, ...form } = fields(body, ["url", "username", "password"]);
        const { organization } = membership;
        if (password !== "") mustBeConfirmed(app, viewer);
        const credential =
          password === "" ? null : { kind: "basic" as const, username: form.username, password };
        const actor = `user:${user.id}`;
        const added = await orFailure(() =>
          putRepository(app, organization, { url: form.url, credential, actor }),
        );
        if (added instanceof Failure)
          return html(await whole({ membership, user }, form, problemOf(added)), statusOf[added.kind]);
        // The page has a button for another one, which asks for the password again.
        if (isConfirmed(app, viewer) && (await needsFirstToken(app, organization)))
          await makeFirstToken(app, organization, user);
        return seeOther(`/organizations/${organization.slug}/start`);
      },
      { member: "admin" },
    )
    .post(
      "/organizations/:slug/start/token",
      async ({ viewer: { user }, membership: { organization }, body }) => {
        fields(body, []);
        await makeFirstToken(app, organization, user);
        return seeOther(`/organizations/${organization.slug}/start`);
      },
      { member: "admin", confirmed: true },
    );
}
