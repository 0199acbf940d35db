// The record of what was done: filtered by the address, a page at a time, or all of it as a file.
import { Elysia } from "elysia";
import { actorWords } from "../../../templates/activity-words.tsx";
import { ActivityPage, type Choice } from "../../../templates/activity.tsx";
import { namesOf, tell } from "../../registry/organizations/activity.ts";
import { listActivity, listActors } from "../../store/activity.ts";
import { accessFor } from "../access.ts";
import { exportActivity } from "../activity-export.ts";
import { page, type Inside, type Site } from "../site.ts";

const pageSize = 50;

/** What an entry can be about, by the first word of its action. */
export const kinds: Record<string, { words: string; nouns: readonly string[] }> = {
  repositories: { words: "repositories", nouns: ["repository", "tag", "host_key", "webhook"] },
  packages: { words: "packages", nouns: ["package", "version"] },
  people: { words: "people", nouns: ["member", "invitation", "ownership"] },
  tokens: { words: "tokens", nouns: ["token"] },
  settings: { words: "settings", nouns: ["organization", "vendor", "ssh_key", "credential"] },
};

export function activityPages(site: Site) {
  return new Elysia({ name: "activity" })
    .use(accessFor(site.app))
    .get("/organizations/:slug/activity", ({ query, ...asked }) => show(site, asked, query), {
      member: "member",
    })
    .get(
      "/organizations/:slug/activity.csv",
      ({ query, ...asked }) => exportActivity(site.app, asked, { ...filterIn(query), format: "csv" }),
      { member: "member", confirmed: true },
    )
    .get(
      "/organizations/:slug/activity.ndjson",
      ({ query, ...asked }) => exportActivity(site.app, asked, { ...filterIn(query), format: "ndjson" }),
      { member: "member", confirmed: true },
    );
}

type Query = Record<string, string | undefined>;

async function show(site: Site, seen: Inside, query: Query): Promise<Response> {
  const { app } = site;
  const { id, slug } = seen.membership.organization;
  const filter = filterIn(query);
  const before = query["before"] ?? null;
  const entries = await listActivity(app.db, id, pageSize + 1, { ...filter, before });
  const shown = entries.slice(0, pageSize);
  const actors = await listActors(app.db, id);
  const nameOf = await namesOf(app, actors);
  const told = await tell(app, shown);
  const base = `/organizations/${slug}/activity`;
  const at = (change: Query, path = base) =>
    withQuery(path, { kind: query["kind"], by: query["by"], ...change });
  const { kind, actor } = filter;
  return page(site, seen, {
    render: (shell) =>
      ActivityPage({
        shell,
        slug,
        told,
        now: app.now(),
        kind: {
          chosen: kind === null ? null : (kinds[kind]?.words ?? kind),
          clear: at({ kind: undefined }),
          options: Object.entries(kinds).map(([name, { words }]) => ({ href: at({ kind: name }), words })),
        },
        person: {
          chosen: actor === null ? null : actorWords(nameOf(actor)),
          clear: at({ by: undefined }),
          options: peopleIn(actors, (each) => ({ href: at({ by: each }), words: actorWords(nameOf(each)) })),
        },
        older: entries.length > pageSize ? at({ before: shown.at(-1)?.id }) : null,
        newest: before === null ? null : at({}),
        exports: { csv: at({}, `${base}.csv`), ndjson: at({}, `${base}.ndjson`) },
      }),
  });
}

/** A kind that does not exist hides nothing. */
function filterIn(query: Query): { kind: string | null; nouns: readonly string[]; actor: string | null } {
  const kind = query["kind"] !== undefined && query["kind"] in kinds ? query["kind"] : null;
  return { kind, nouns: kind === null ? [] : (kinds[kind]?.nouns ?? []), actor: query["by"] || null };
}

function peopleIn(actors: string[], choose: (actor: string) => Choice): Choice[] {
  return actors.map(choose).toSorted((a, b) => a.words.localeCompare(b.words));
}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
