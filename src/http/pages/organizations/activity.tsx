// The activity log: filtered by the address, a page at a time, or all of it as a file.
import { paths } from "../../../../templates/paths.ts";
import { actorText } from "../../../../templates/organizations/activity-text.tsx";
import {
  ActivityPage,
  type ActivityProps,
  type Choice,
} from "../../../../templates/organizations/activity.tsx";
import type { App } from "../../../app.ts";
import {
  joinAlike,
  actorNames,
  describeActivity,
  type ShownActivity,
} from "../../../registry/organizations/activity.ts";
import { listActivity, listActors, type ActivityFilter } from "../../../store/organizations/activity.ts";
import { type Query } from "../list-query.ts";
import { routesOf } from "../../access.ts";
import { exportActivity, type Format } from "./activity-export.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";

const pageSize = 50;
/** Entries that are read for a page: several may be shown as one. */
const entriesRead = 500;
const wordsAtMost = 8;

/** What an entry can be about, by the first word of its action. */
const kinds: Record<string, { text: string; nouns: readonly string[] }> = {
  repositories: { text: "repositories", nouns: ["repository", "tag", "host_key", "webhook"] },
  packages: { text: "packages", nouns: ["package", "version"] },
  people: { text: "people", nouns: ["member", "invitation", "ownership"] },
  tokens: { text: "tokens", nouns: ["token"] },
  settings: { text: "settings", nouns: ["organization", "vendor", "ssh_key", "credential"] },
};

export function activityPages(setup: PageSetup) {
  return routesOf(setup.app, "activity")
    .get("/organizations/:slug/activity", ({ context, query }) => show(setup, context, query), {
      member: "member",
    })
    .get(
      "/organizations/:slug/activity.csv",
      ({ context, query }) => exportAll(setup.app, context, { query, format: "csv" }),
      { member: "member", confirmed: true },
    )
    .get(
      "/organizations/:slug/activity.ndjson",
      ({ context, query }) => exportAll(setup.app, context, { query, format: "ndjson" }),
      { member: "member", confirmed: true },
    );
}

function exportAll(
  app: App,
  context: OrganizationPage,
  { query, format }: { query: Query; format: Format },
): Response {
  const { form: _, ...filter } = filterIn(query);
  return exportActivity(app, context, { ...filter, format });
}

async function show(setup: PageSetup, context: OrganizationPage, query: Query): Promise<Response> {
  const { app } = setup;
  const { id, slug } = context.membership.organization;
  const { form, ...filter } = filterIn(query);
  const before = query["before"] ?? null;
  const { entries, last } = await pageOf(app, id, { ...filter, before });
  const actors = await listActors(app.db, id);
  const nameOf = await actorNames(app, actors);
  const base = paths.activity(slug);
  const at = (change: Query, path = base) => withQuery(path, { ...form, ...change });
  const { kind, by } = form;
  return page(setup, context, {
    render: (shell) =>
      ActivityPage({
        shell,
        slug,
        entries,
        now: app.now(),
        query: form,
        kind: {
          chosen: kind === "" ? null : (kinds[kind]?.text ?? kind),
          clear: at({ kind: undefined }),
          options: Object.entries(kinds).map(([name, { text }]) => ({ href: at({ kind: name }), text })),
        },
        person: {
          chosen: by === "" ? null : actorText(nameOf(by)),
          clear: at({ by: undefined }),
          options: peopleIn(actors, (each) => ({ href: at({ by: each }), text: actorText(nameOf(each)) })),
        },
        anyTime: at({ from: undefined, to: undefined }),
        older: last === null ? null : at({ before: last }),
        newest: before === null ? null : at({}),
        exports: { csv: at({}, `${base}.csv`), ndjson: at({}, `${base}.ndjson`) },
      }),
  });
}

/** The entries of one page, and the id after which the next page begins. Entries are not grouped across pages. */
async function pageOf(
  app: App,
  organizationId: string,
  filter: ActivityFilter,
): Promise<{ entries: ShownActivity[]; last: string | null }> {
  const rows = await listActivity(app.db, organizationId, entriesRead, filter);
  const entries = await describeActivity(app, rows);
  const next = joinAlike(entries)[pageSize];
  const end = next === undefined ? entries.length : entries.findIndex(({ id }) => id === next.id);
  const ofPage = entries.slice(0, end);
  const isEnd = next === undefined && rows.length < entriesRead;
  return { entries: joinAlike(ofPage), last: isEnd ? null : (ofPage.at(-1)?.id ?? null) };
}

type Filter = ActivityFilter & { form: ActivityProps["query"] };

/** A kind or a date that does not exist hides nothing. */
function filterIn(query: Query): Filter {
  const kind = query["kind"] !== undefined && query["kind"] in kinds ? query["kind"] : "";
  const q = (query["q"] ?? "").trim().slice(0, 200);
  const [from, to] = [dayIn(query["from"]), dayIn(query["to"])];
  const by = query["by"] ?? "";
  return {
    form: { q, from: from?.day ?? "", to: to?.day ?? "", kind, by },
    nouns: kinds[kind]?.nouns ?? [],
    actor: by === "" ? null : by,
    terms: q.split(/\s+/).filter(Boolean).slice(0, wordsAtMost),
    since: from?.at ?? null,
    until: to === null ? null : to.at + dayMs,
  };
}

const dayMs = 86_400_000;

function dayIn(text: string | undefined): { day: string; at: number } | null {
  const day = /^\d{4}-\d{2}-\d{2}$/.exec(text ?? "")?.[0] ?? "";
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? null : { day, at };
}

function peopleIn(actors: string[], choose: (actor: string) => Choice): Choice[] {
  return actors.map(choose).toSorted((a, b) => a.text.localeCompare(b.text));
}

function withQuery(path: string, query: Query): string {
  const parameters = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return parameters.length === 0 ? path : `${path}?${new URLSearchParams(parameters)}`;
}
