// What happens to several repositories after they were added at once.
import { paths } from "../../../../templates/paths.ts";
import {
  AddedRepositoriesPage,
  AddedResult,
  type AddedLine,
  type AddedRepositoriesProps,
  type AddedResultProps,
} from "../../../../templates/repositories/added.tsx";
import type { App } from "../../../app.ts";
import { findCredential } from "../../../store/repositories/credentials.ts";
import type { Organization } from "../../../store/organizations/organizations.ts";
import { listPackagesByRepository, type Package } from "../../../store/packages/packages.ts";
import { listRepositoriesById, type Repository } from "../../../store/repositories/repositories.ts";
import { listLastSyncs, type Sync } from "../../../store/syncs/syncs.ts";
import { routesOf } from "../../access.ts";
import { html, wantsPart } from "../../answers.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";
import { storedChoices } from "./access-form.ts";
import { failedOf } from "./failure.ts";

/** As many as a form adds. */
const linesShown = 100;

/** What became of one address. */
export type Outcome =
  | { kind: "added"; id: string; key: AddedRepositoriesProps["keys"][number] | null }
  | { kind: "known"; url: string; name: string }
  | { kind: "refused"; url: string; again: string; message: string };

export function addedRepositoryPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "added-repositories").get(
    "/organizations/:slug/repositories/new/added",
    async ({ context, request, membership, query }) => {
      const ids = (query["ids"] ?? "").split(",").slice(0, linesShown);
      const result = await resultOf(app, membership.organization, ids);
      if (wantsPart(request)) return html(AddedResult(result).html);
      return addedPage(setup, context, { outcomes: idsOf(ids), credential: null });
    },
    { member: "admin" },
  );
}

/** `credential` is what the refused ones are offered again with. */
export async function addedPage(
  setup: PageSetup,
  context: OrganizationPage,
  { outcomes, credential }: { outcomes: Outcome[]; credential: string | null },
): Promise<Response> {
  const { app } = setup;
  const { organization } = context.membership;
  const outcomesOf = <Kind extends Outcome["kind"]>(kind: Kind) =>
    outcomes.filter((each): each is Extract<Outcome, { kind: Kind }> => each.kind === kind);
  const added = outcomesOf("added");
  const refused = outcomesOf("refused");
  const url = refused.flatMap(({ again }) => again || []).join("\n");
  const access = {
    credential: credential === null ? "none" : "stored",
    stored: credential ?? "",
    username: "",
  };
  const props = {
    base: paths.repositories(organization.slug),
    result: await resultOf(
      app,
      organization,
      added.map(({ id }) => id),
    ),
    known: outcomesOf("known").map((each) => ({
      ...each,
      href: paths.repository(organization.slug, each.name),
    })),
    keys: added.flatMap(({ key }) => key ?? []),
    refused,
    again:
      refused.length === 0
        ? null
        : { form: { url, name: "", ...access }, stored: await storedChoices(app, organization.id) },
  };
  return page(setup, context, { render: (shell) => AddedRepositoriesPage({ shell, ...props }) });
}

const idsOf = (ids: string[]): Outcome[] => ids.map((id) => ({ kind: "added", id, key: null }));

/** In the order of the ids; one that was removed meanwhile is left out. */
async function resultOf(app: App, organization: Organization, ids: string[]): Promise<AddedResultProps> {
  const rows = await listRepositoriesById(app.db, organization.id, ids);
  const order = new Map(ids.map((id, at) => [id, at]));
  const repositories = rows.toSorted((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
  const found = repositories.map(({ id }) => id);
  const [syncs, packages] = await Promise.all([
    listLastSyncs(app.db, found, 1),
    listPackagesByRepository(app.db, found),
  ]);
  const refused = await refusedCredentials(app, organization, repositories);
  return {
    here: `${paths.newRepository(organization.slug)}/added?ids=${found.join(",")}`,
    lines: repositories.map((repository) => {
      const base = paths.repository(organization.slug, repository.name);
      const details = {
        sync: syncs.get(repository.id)?.at(-1),
        packages: packages.get(repository.id) ?? [],
        refusedHref: refused.get(repository.credential_id ?? "") ?? null,
      };
      const result = lineResult(app, repository, { ...details, slug: organization.slug, base });
      return { name: repository.name, url: repository.url, href: base, result };
    }),
  };
}

type LineDetails = {
  sync: Sync | undefined;
  packages: Package[];
  refusedHref: string | null;
  slug: string;
  base: string;
};

function lineResult(app: App, repository: Repository, details: LineDetails): AddedLine["result"] {
  const { sync, packages, refusedHref, slug, base } = details;
  if (sync?.state === "running") return { kind: "syncing", done: sync.refs_done, total: sync.refs_total };
  if (repository.state === "waiting" || !sync)
    return { kind: repository.sync_deadline === null && !sync ? "key" : "waiting" };
  if (repository.state === "failed") {
    const { message, link, syncHref } = failedOf(repository, sync, { app, slug, base, refusedHref });
    const links = [...(link === null ? [] : [link]), { href: syncHref, text: "View sync" }];
    return { kind: "failed", message, links };
  }
  return {
    kind: "fresh",
    packages: packages.map(({ name, latest, version_count: versions }) => ({
      name,
      href: paths.package(slug, name),
      latest,
      versions,
    })),
  };
}

/** Where the tokens are replaced that a git host refuses, by the id of the credential. */
async function refusedCredentials(
  app: App,
  { id: organizationId, slug }: Organization,
  repositories: Repository[],
): Promise<Map<string, string>> {
  const ids = repositories.flatMap(({ state, credential_id: id }) => (state === "failed" && id) || []);
  const found = await Promise.all([...new Set(ids)].map((id) => findCredential(app.db, organizationId, id)));
  return new Map(
    found.flatMap((each) =>
      each === null || each.refused_at === null
        ? []
        : [[each.id, `${paths.credential(slug, each.id)}/edit`] as const],
    ),
  );
}
