// What the palette finds: packages, repositories, organizations, pages and actions. The server does the searching.
import { paths } from "../../../../templates/paths.ts";
import { PalettePage } from "../../../../templates/palette/page.tsx";
import { Matched, PaletteResults, type Found, type Group } from "../../../../templates/palette/palette.tsx";
import type { App } from "../../../app.ts";
import { mayOperate } from "../../../registry/jobs/operators.ts";
import { findMembership, listMemberships, type Membership } from "../../../store/organizations/members.ts";
import { searchPackages } from "../../../store/packages/packages.ts";
import { searchRepositories } from "../../../store/repositories/repositories.ts";
import { listVisitedPackages } from "../../../store/organizations/visits.ts";
import { routesOf } from "../../access.ts";
import { html, wantsPart } from "../../answers.ts";
import { page, type PageSetup } from "../../page.ts";
import { termsOf } from "../list-query.ts";
import { actionsFor, pagesFor, type PaletteEntry } from "./places.ts";

const ofAKind = 4;
const lastVisited = 3;
const maxQuestionLength = 200;
const maxMatches = 200;

type Search = { app: App; membership: Membership | null; question: string; terms: string[] };

export function palettePages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "palette").get(
    "/palette",
    async ({ context, request, viewer, query }) => {
      const { user } = viewer;
      const text = (query["q"] ?? "").slice(0, maxQuestionLength).trim();
      const onlyActions = text.startsWith(">");
      const question = (onlyActions ? text.slice(1) : text).trim();
      const terms = termsOf(question.toLowerCase());
      const membership = await findMembership(app.db, query["organization"] ?? "", user.id);
      const jobs = mayOperate(app, user) ? `/${app.config.horizon.path}` : null;
      const visitor = { membership, isAdmin: user.is_admin === 1, jobs };
      const search = { app, membership, question, terms };
      const actions = { label: "Actions", found: matching(actionsFor(visitor), search) };
      const groups: Group[] = onlyActions
        ? [actions]
        : terms.length === 0
          ? [await visited(search, user.id), actions]
          : [
              await packages(search),
              await repositories(search),
              actions,
              { label: "Pages", found: matching(pagesFor(visitor), search) },
              await organizations(search, user.id),
            ];
      if (wantsPart(request)) return html(PaletteResults({ groups, query: question }).html);
      return page(setup, context, { render: (shell) => PalettePage({ shell, groups, query: question }) });
    },
    { person: "signed-in" },
  );
}

async function visited({ app, membership }: Search, userId: string): Promise<Group> {
  if (!membership) return { label: "Packages", found: [] };
  const organizationId = membership.organization.id;
  const names = await listVisitedPackages(app.db, { userId, organizationId, limit: lastVisited });
  return { label: "Recent", found: names.map((name) => packageFound(membership, name, "")) };
}

/** An exact match comes first. */
async function packages({ app, membership, question, terms }: Search): Promise<Group> {
  if (!membership) return { label: "Packages", found: [] };
  const found = await searchPackages(app.db, membership.organization.id, {
    terms,
    type: null,
    limit: maxMatches,
  });
  const names = found.map(({ name }) => name);
  const exact = names.filter(
    (name) => name === question.toLowerCase() || name.endsWith(`/${question.toLowerCase()}`),
  );
  const chosen = [...new Set([...exact, ...names])].slice(0, ofAKind);
  return { label: "Packages", found: chosen.map((name) => packageFound(membership, name, question)) };
}

function packageFound({ organization }: Membership, name: string, question: string): Found {
  const href = paths.package(organization.slug, name);
  return { href, icon: "package", name: Matched({ text: name, query: question }) };
}

async function repositories({ app, membership, question, terms }: Search): Promise<Group> {
  if (!membership) return { label: "Repositories", found: [] };
  const { id, slug } = membership.organization;
  const rows = await searchRepositories(app.db, id, { terms, limit: ofAKind });
  const found = rows.map(({ name, state }): Found => {
    const href = paths.repository(slug, name);
    return { href, icon: "git-branch", name: Matched({ text: name, query: question }), note: state };
  });
  return { label: "Repositories", found };
}

async function organizations(search: Search, userId: string): Promise<Group> {
  const memberships = await listMemberships(search.app.db, userId);
  const entries = memberships.map(({ slug, name }): PaletteEntry => ({
    href: paths.organization(slug),
    icon: "building-2",
    name,
    terms: slug,
  }));
  return { label: "Organizations", found: matching(entries, search) };
}

function matching(entries: PaletteEntry[], { question, terms }: Search): Found[] {
  const holds = ({ name, terms: more }: PaletteEntry) => {
    const text = `${name} ${more}`.toLowerCase();
    return terms.every((word) => text.includes(word));
  };
  return entries
    .filter(holds)
    .slice(0, ofAKind)
    .map(({ href, icon, name }) => ({ href, icon, name: Matched({ text: name, query: question }) }));
}
