// The list of an organization's repositories, and adding to it.
import { paths } from "../../../../templates/paths.ts";
import { NewRepositoryPage } from "../../../../templates/repositories/new.tsx";
import {
  RepositoriesPage,
  RepositoryList,
  type RepositoryListProps,
} from "../../../../templates/repositories/list.tsx";
import type { App } from "../../../app.ts";
import { Failure, invalid } from "../../../errors.ts";
import { maskAddress, plainAddress } from "../../../registry/repositories/addresses.ts";
import type { GivenCredential } from "../../../registry/credentials/credentials.ts";
import { staleBefore } from "../../../registry/syncs/freshness.ts";
import { overdueRepositories } from "../../../registry/syncs/overdue.ts";
import { addRepository, type AddedRepository } from "../../../registry/repositories/repositories.ts";
import { requestSync } from "../../../registry/sync-requests.ts";
import type { Organization } from "../../../store/organizations/organizations.ts";
import {
  countRepositoriesByState,
  searchRepositories,
  type RepositorySort,
  type ShownState,
} from "../../../store/repositories/lists.ts";
import { listLastSyncs } from "../../../store/syncs/syncs.ts";
import { listWebhookStates } from "../../../store/webhooks/webhooks.ts";
import { routesOf, mustBeConfirmed } from "../../access.ts";
import { html, seeOther, statusOf, wantsPart } from "../../answers.ts";
import { findRepositoryByUrl } from "../../../store/repositories/repositories.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";
import { addedPage, type Outcome } from "./added.tsx";
import { pageIn, sortIn, termsOf, type Query } from "../list-query.ts";
import { accessFields, credentialIn, storedChoices } from "./access-form.ts";
import { stateOf, ticksOf } from "./view.ts";

const pageSize = 50;
const ticksShown = 18;
const linesAtOnce = 50;

export function repositoryPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "repositories")
    .get(
      "/organizations/:slug/repositories",
      async ({ context, request, membership, query }) => {
        const list = await listed(app, membership.organization, query);
        const canAdd = membership.member.role !== "member";
        if (wantsPart(request)) return html(RepositoryList({ ...list, canAdd }).html);
        return page(setup, context, {
          render: (shell) => RepositoriesPage({ shell, list: { ...list, canAdd } }),
        });
      },
      { member: "member" },
    )
    .get(
      "/organizations/:slug/repositories/new",
      ({ context, query }) => formPage(setup, context, { form: { ...empty, url: query["url"] ?? "" } }),
      { member: "admin" },
    )
    .post(
      "/organizations/:slug/repositories",
      async ({ context, viewer, membership, body, actor }) => {
        const form = fields(body, ["url", "name", ...accessFields]);
        const { organization } = membership;
        if (form.password !== "" || form.credential === "new-ssh-key") mustBeConfirmed(app, viewer);
        const urls = form.url.split(/\r?\n/).flatMap((line) => line.trim() || []);
        if (urls.length > 1) {
          const added = await orFailure(() => addSeveral(app, organization, { urls, form, actor }));
          return added instanceof Failure
            ? formPage(setup, context, { form, failure: added })
            : addedPage(setup, context, added);
        }
        const added = await orFailure(async () => {
          const credential = givenIn(form);
          return addOne(app, organization, { url: urls[0] ?? "", name: form.name, credential, actor });
        });
        if (added instanceof Failure) return formPage(setup, context, { form, failure: added });
        const { name } = added.repository;
        return seeOther(paths.repository(organization.slug, name), [toastCookie(app, `${name} was added.`)]);
      },
      { member: "admin" },
    );
}

type NewForm = { url: string; name: string; credential: string; stored: string; username: string };
const empty: NewForm = { url: "", name: "", credential: "none", stored: "", username: "" };

async function formPage(
  setup: PageSetup,
  context: OrganizationPage,
  { form, failure }: { form: NewForm; failure?: Failure },
): Promise<Response> {
  const { organization } = context.membership;
  const stored = await storedChoices(setup.app, organization.id);
  const problem = failure ? problemOf(failure) : null;
  const base = paths.repositories(organization.slug);
  return page(setup, context, {
    status: failure ? statusOf[failure.kind] : 200,
    render: (shell) => NewRepositoryPage({ shell, base, form, stored, problem }),
  });
}

type One = { url: string; name: string; credential: GivenCredential | null; actor: string };

/** Requests the first sync at once, unless the forge must get a new key first. */
async function addOne(
  app: App,
  organization: Organization,
  { url, name, credential, actor }: One,
): Promise<AddedRepository> {
  const request = { url, name: name.trim() || null, provider: null, credential, allowLocal: false, actor };
  const added = await addRepository(app, organization, request);
  if (credential?.kind !== "new-ssh-key") await requestSync(app, added.repository, { actor });
  return added;
}

async function addSeveral(
  app: App,
  organization: Organization,
  { urls, form, actor }: { urls: string[]; form: NewForm & { password: string }; actor: string },
): Promise<{ outcomes: Outcome[]; credential: string | null }> {
  if (urls.length > linesAtOnce)
    throw invalid(`Add up to ${linesAtOnce} URLs at once; these are ${urls.length}.`, {
      field: "url",
    });
  if (form.name.trim() !== "")
    throw invalid(
      "Leave the name empty to add several repositories: each is named after the last part of its URL.",
      {
        field: "name",
      },
    );
  let credential = givenIn(form);
  const outcomes: Outcome[] = [];
  for (const url of urls) {
    const added = await orFailure(() => addOne(app, organization, { url, name: "", credential, actor }));
    if (added instanceof Failure) {
      outcomes.push(await notAdded(app, organization, { url, failure: added }));
      continue;
    }
    const { repository, publicKey } = added;
    const isNewKey = credential?.kind === "new-ssh-key" && publicKey !== null;
    const key = isNewKey ? { name: repository.name, publicKey } : null;
    outcomes.push({ kind: "added", id: repository.id, key });
    // The next ones use the same token; a deploy key belongs to one repository.
    if (credential?.kind === "basic" && repository.credential_id)
      credential = { kind: "stored", id: repository.credential_id };
  }
  return { outcomes, credential: credential?.kind === "stored" ? credential.id : null };
}

/** A secret in an address is neither shown nor offered again. */
async function notAdded(
  app: App,
  organization: Organization,
  { url, failure }: { url: string; failure: Failure },
): Promise<Outcome> {
  if (failure.code === "repository_exists") {
    const existing = await findRepositoryByUrl(app.db, organization.id, plainAddress(url));
    if (existing) return { kind: "known", url: existing.url, name: existing.name };
  }
  const { message } = problemOf(failure);
  if (failure.code !== "url_credentials") return { kind: "refused", url, again: url, message };
  const bare = url.replace(/^([a-z+]+:\/\/)[^/?#\s]*@/i, "$1").replace(/[?#].*/, "");
  const again = maskAddress(bare) === bare ? bare : "";
  return { kind: "refused", url: maskAddress(url), again, message };
}

function givenIn(form: NewForm & { password: string }): GivenCredential | null {
  const credential = credentialIn(form);
  return credential === "keep" ? null : credential;
}

const states: readonly string[] = ["failed", "waiting", "syncing", "stale", "fresh"] satisfies ShownState[];
const sorts = ["name", "fresh", "packages"] as const satisfies RepositorySort[];

async function listed(
  app: App,
  organization: Organization,
  query: Query,
): Promise<Omit<RepositoryListProps, "canAdd">> {
  const q = (query["q"] ?? "").slice(0, 200);
  const state = states.includes(query["state"] ?? "") ? (query["state"] as ShownState) : null;
  const { by, descending } = sortIn(query, sorts);
  const terms = termsOf(q);
  const now = app.now();
  const stale = staleBefore({ now, intervalMs: app.config.syncIntervalMs });
  const search = {
    terms,
    state,
    staleBefore: stale,
    sort: by,
    descending,
  };
  const counts = await countRepositoriesByState(app.db, organization.id, {
    terms,
    staleBefore: stale,
  });
  const total = state === null ? Object.values(counts).reduce((sum, each) => sum + each, 0) : counts[state];
  const at = pageIn(query, Math.ceil(total / pageSize));
  const range = { limit: pageSize, offset: (at - 1) * pageSize };
  const found = await searchRepositories(app.db, organization.id, { search, ...range });
  const ids = found.map(({ id }) => id);
  const syncs = await listLastSyncs(app.db, ids, ticksShown);
  const webhooks = await listWebhookStates(app.db, organization.id);
  return {
    now,
    overdue: await overdueRepositories(app, organization.id),
    base: paths.repositories(organization.slug),
    query: { q, state: state ?? "", sort: descending ? `-${by}` : by, page: at },
    counts,
    total,
    pageSize,
    lines: found.map((each) => ({
      name: each.name,
      url: each.url,
      state: stateOf(each, { now, intervalMs: app.config.syncIntervalMs }),
      checkedAt: each.last_proven_fresh_at,
      ticks: ticksOf(syncs.get(each.id) ?? []),
      packages: each.packages ?? 0,
      webhook: webhooks.get(each.id) ?? "none",
    })),
  };
}
