// The list of packages: search, filters, order and page are all in the address.
import { paths } from "../../../../templates/paths.ts";
import { PackageList, PackagesPage } from "../../../../templates/packages/list.tsx";
import type { ListQuery } from "../../../../templates/packages/list-query.ts";
import type { ListedPackage } from "../../../../templates/packages/table.tsx";
import type { App } from "../../../app.ts";
import { freshnessOf } from "../../../registry/syncs/freshness.ts";
import { similarNames } from "../../../registry/packages/similar-names.ts";
import { daysBack } from "../../../registry/packages/usage.ts";
import { listPackageDays } from "../../../store/packages/download-charts.ts";
import {
  countPackages,
  listPackagePage,
  listPackageTypes,
  listRepositoryNames,
  type ListedPackage as Row,
  type PackageFilter,
  type PackageOrder,
  type PackageState,
} from "../../../store/packages/list.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { listPackageNames } from "../../../store/packages/packages.ts";
import { routesOf } from "../../access.ts";
import { html, wantsPart } from "../../answers.ts";
import { page, type PageSetup } from "../../page.ts";
import { pageIn, termsOf, type Query } from "../list-query.ts";
import { forgeIcon } from "../repositories/forge-links.ts";

const pageSize = 50;
/** A longer menu would not help; a repository's page links to its packages. */
const shownRepositories = 30;
const states: PackageState[] = ["abandoned", "renamed", "failed", "deleted"];

export function packageListPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "package-list").get(
    "/organizations/:slug/packages",
    async ({ context, request, membership, query }) => {
      const list = await listFor(app, membership, queryFrom(query));
      if (wantsPart(request)) return html(PackageList(list).html);
      return page(setup, context, { render: (shell) => PackagesPage({ shell, ...list }) });
    },
    { member: "member" },
  );
}

async function listFor({ db, config, now }: App, { organization, member }: Membership, query: ListQuery) {
  const { slug } = organization;
  const filter = filterOf(query);
  const days = daysBack(now(), 30);
  const since = days[0] ?? "";
  const order = (query.sort === "" ? "name" : query.sort) as PackageOrder;
  const rows = await listPackagePage(db, organization.id, {
    filter,
    order,
    limit: pageSize,
    offset: (query.page - 1) * pageSize,
  });
  const names = rows.map((row) => row.name);
  const downloads = await listPackageDays(db, organization.id, { names, since });
  const types = await listPackageTypes(db, organization.id);
  const isMissed = rows.length === 0 && query.q !== "";
  const isEmpty = types.length === 0;
  return {
    base: paths.packages(slug),
    repositoriesHref: paths.repositories(slug),
    addHref: member.role === "member" ? null : paths.newRepository(slug),
    query,
    packages: rows.map((row) =>
      listed(row, {
        downloads: days.map((day) => downloads.get(row.name)?.get(day) ?? 0),
        now: now(),
        intervalMs: config.syncIntervalMs,
      }),
    ),
    matching: await countPackages(db, organization.id, filter),
    all: types.reduce((sum, { count }) => sum + count, 0),
    pageSize,
    types,
    repositories: await listRepositoryNames(db, organization.id, shownRepositories),
    deleted: isEmpty
      ? await countPackages(db, organization.id, { ...unfiltered(filter), terms: [], state: "deleted" })
      : 0,
    hidden: rows.length > 0 ? 0 : await countPackages(db, organization.id, unfiltered(filter)),
    similar: isMissed ? similarNames(query.q, await listPackageNames(db, organization.id)) : [],
    now: now(),
  };
}

function listed(
  row: Row,
  { downloads, ...clock }: { downloads: number[]; now: number; intervalMs: number | null },
): ListedPackage {
  const { state, last_proven_fresh_at } = row;
  return {
    name: row.name,
    latest: row.latest,
    isDevelopment: /^dev-|-dev$/.test(row.latest ?? ""),
    standing:
      row.removed_at !== null
        ? "deleted"
        : row.renamed_to !== null
          ? "renamed"
          : row.abandoned !== null
            ? "abandoned"
            : null,
    source: row.repository === null ? null : { name: row.repository, icon: forgeIcon(row.provider) },
    downloads,
    fresh:
      state === null || row.removed_at !== null ? null : freshnessOf({ state, last_proven_fresh_at }, clock),
    updatedAt: row.updated_at,
  };
}

function queryFrom(query: Query): ListQuery {
  const text = (name: string) => (query[name] ?? "").trim().slice(0, 200);
  const sort = text("sort");
  return {
    q: text("q"),
    type: text("type"),
    repository: text("repository"),
    state: states.find((state) => state === query["state"]) ?? "",
    sort: sort === "updated" || sort === "downloads" ? sort : "",
    page: pageIn(query),
  };
}

function unfiltered(filter: PackageFilter): PackageFilter {
  return { ...filter, type: null, repository: null, state: null };
}

function filterOf({ q, type, repository, state }: ListQuery): PackageFilter {
  return {
    terms: termsOf(q),
    type: type || null,
    repository: repository || null,
    state: (state || null) as PackageState | null,
  };
}
