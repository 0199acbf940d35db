// Everything else that Composer asks: list, search, providers, notify-batch.
import { Elysia, t } from "elysia";
import type { App } from "../app.ts";
import { matchesPattern } from "../composer/name.ts";
import { reportInstalls } from "../registry/downloads.ts";
import { dataVersion } from "../store/data-version.ts";
import { listPackageNames, listProviders, searchPackages, type Summary } from "../store/packages.ts";
import { json, notFoundAnswer, unauthenticatedAnswer } from "./answers.ts";
import type { Reader, TokenGate } from "./auth.ts";

const organization = t.Object({ organization: t.String({ maxLength: 100 }) });
const searchResults = 30;
const notifyEntries = 500;

export function composerRoutes(app: App, gate: TokenGate) {
  const as = async (slug: string, request: Request, answer: (reader: Reader) => Promise<Response>) => {
    const reader = await gate.read(slug, request, dataVersion(app.db));
    return "refused" in reader ? unauthenticatedAnswer(reader.refused) : answer(reader);
  };
  return new Elysia({ name: "composer" })
    .get(
      "/:organization/list.json",
      ({ params, query, request }) =>
        as(params.organization, request, async (reader) => {
          const names = await listPackageNames(app.db, reader.organizationId);
          const { filter, vendor } = query;
          const wanted = names.filter(
            (name) =>
              reader.sees(name) &&
              (!filter || matchesPattern(filter, name)) &&
              (!vendor || name.startsWith(`${vendor.toLowerCase()}/`)),
          );
          return json({ packageNames: wanted }, { headers: unvalidated });
        }),
      {
        params: organization,
        query: t.Object({ filter: t.Optional(t.String({ maxLength: 200 })), vendor: t.Optional(t.String()) }),
      },
    )
    .get(
      "/:organization/search.json",
      ({ params, query, request }) =>
        as(params.organization, request, async (reader) => {
          const words = (query.q ?? "").split(/\s+/).filter(Boolean).slice(0, 10);
          const type = query.type || null;
          const found = await searchPackages(app.db, reader.organizationId, { words, type, limit: 1000 });
          const results = found.filter(({ name }) => reader.sees(name)).map(resultOf);
          const page = { results: results.slice(0, searchResults), total: results.length };
          return json(page, { headers: unvalidated });
        }),
      {
        params: organization,
        query: t.Object({ q: t.Optional(t.String({ maxLength: 200 })), type: t.Optional(t.String()) }),
      },
    )
    .get("/:organization/providers/:vendor/:file", ({ params, request }) =>
      as(params.organization, request, async (reader) => {
        const name = `${params.vendor}/${params.file.replace(/\.json$/, "")}`.toLowerCase();
        const found = await listProviders(app.db, reader.organizationId, name);
        const providers = found.filter((each) => reader.sees(each.name));
        if (!params.file.endsWith(".json") || providers.length === 0)
          return notFoundAnswer(`Nothing here provides ${name}.`);
        return json({ providers: providers.map(providerOf) }, { headers: unvalidated });
      }),
    )
    .post(
      "/:organization/notify-batch",
      ({ params, body, request }) =>
        as(params.organization, request, async (reader) => {
          const reported = body.downloads
            .slice(0, notifyEntries)
            .filter((each): each is { name: string; version: string } => isReported(each, reader));
          await reportInstalls(app, reader, reported);
          return json({ status: "success" });
        }),
      { params: organization, body: t.Object({ downloads: t.Array(t.Unknown()) }) },
    );
}

const unvalidated = { "Cache-Control": "private, no-cache", Vary: "Authorization" };

function isReported(entry: unknown, reader: Reader): boolean {
  const { name, version } = (entry ?? {}) as { name?: unknown; version?: unknown };
  if (typeof name !== "string" || typeof version !== "string") return false;
  return name.length <= 191 && version.length <= 255 && reader.sees(name.toLowerCase());
}

function resultOf({ name, description, abandoned }: Summary) {
  return {
    name,
    description: description ?? "",
    ...(abandoned === null ? {} : { abandoned: JSON.parse(abandoned) as true | string }),
  };
}

function providerOf({ name, description, type }: Summary) {
  return { name, description: description ?? "", type };
}
