// An organization's first repository and first `composer require`, followed as they happen.
import type { App } from "../../../app.ts";
import { paths } from "../../../../templates/paths.ts";
import type { Attempt } from "../../../../templates/organizations/first-repository.tsx";
import {
  StartProgress,
  type FirstSync,
  type Progress,
} from "../../../../templates/organizations/start-progress.tsx";
import { StartPage, type StartForm } from "../../../../templates/organizations/start.tsx";
import { Failure } from "../../../errors.ts";
import {
  findFirstToken,
  forgetFirstToken,
  makeFirstToken,
  needsFirstToken,
} from "../../../registry/organizations/first-install.ts";
import { listMissingPackages } from "../../../registry/packages/missing.ts";
import { findFirstRepository, putRepository } from "../../../registry/repositories/first.ts";
import { hasInstalls } from "../../../store/packages/downloads.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { listPackagesOfRepository } from "../../../store/packages/packages.ts";
import { countRefsByOutcome } from "../../../store/syncs/ref-lists.ts";
import { findTellingSync } from "../../../store/syncs/syncs.ts";
import type { User } from "../../../store/accounts/users.ts";
import { isConfirmed } from "../../../registry/accounts/sessions.ts";
import { routesOf, mustBeConfirmed } from "../../access.ts";
import { html, seeOther, statusOf, wantsPart } from "../../answers.ts";
import { fields, orFailure, problemOf, type Problem } from "../../forms.ts";
import type { RecentRequests } from "../../live/recent-requests.ts";
import type { PageSetup } from "../../page.ts";

type Looking = { membership: Membership; user: User };

const noForm: StartForm = { url: "", username: "" };

export function startPages({ app, asset }: PageSetup, watch: RecentRequests) {
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
    const repository = await findFirstRepository(app, organization);
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
        sync: await firstSyncOf(app, repository.id),
        packages: packages.map(({ name }) => name),
      },
      token: await findFirstToken(app, organization, user),
    };
  };
  return routesOf(app, "start")
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
      async ({ viewer, membership, actor, body }) => {
        const { user } = viewer;
        const { password, ...form } = fields(body, ["url", "username", "password"]);
        const { organization } = membership;
        if (password !== "") mustBeConfirmed(app, viewer);
        const credential =
          password === "" ? null : { kind: "basic" as const, username: form.username, password };
        const added = await orFailure(() =>
          putRepository(app, organization, { url: form.url, credential, actor }),
        );
        if (added instanceof Failure)
          return html(await whole({ membership, user }, form, problemOf(added)), statusOf[added.kind]);
        // The page has a button for another one, which asks for the password again.
        if (isConfirmed(app, viewer) && (await needsFirstToken(app, organization)))
          await makeFirstToken(app, organization, user);
        return seeOther(paths.start(organization.slug));
      },
      { member: "admin" },
    )
    .post(
      "/organizations/:slug/start/token",
      async ({ viewer: { user }, membership: { organization }, body }) => {
        fields(body, []);
        await makeFirstToken(app, organization, user);
        return seeOther(paths.start(organization.slug));
      },
      { member: "admin", confirmed: true },
    );
}

/** Every tag and branch that was read is either published or skipped: the three numbers add up. */
async function firstSyncOf({ db }: App, repositoryId: string): Promise<FirstSync | null> {
  const sync = await findTellingSync(db, repositoryId);
  if (sync === null) return null;
  const {
    removed: _,
    skipped = 0,
    ...read
  } = await countRefsByOutcome(db, { repositoryId, syncId: sync.id });
  return {
    total: sync.refs_total,
    done: sync.refs_done,
    published: Object.values(read).reduce((sum, count) => sum + count, 0),
    skipped,
    startedAt: sync.started_at,
    finishedAt: sync.finished_at,
  };
}
