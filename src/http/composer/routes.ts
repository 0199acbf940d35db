// Composer's other requests: list, search, providers, notify-batch.
// No route has a schema: it would be checked before the token, and tell strangers what a route expects.
import type { App } from "../../app.ts";
import { matchesPattern } from "../../composer/name.ts";
import { plainText } from "../../composer/text.ts";
import { invalid } from "../../errors.ts";
import { reportInstalls, type ReportedInstall } from "../../registry/packages/downloads.ts";
import { dataVersion } from "../../store/engine/data-version.ts";
import {
  listPackageNames,
  listProviders,
  searchPackages,
  type Summary,
} from "../../store/packages/packages.ts";
import { routesOf } from "../access.ts";
import type { Guards } from "../request/guard.ts";
import type { RequestContext } from "../request/context.ts";
import { json, notFoundAnswer, refusedAnswer } from "../answers.ts";
import type { TokenAccess } from "./token-auth.ts";
import { publishRequest } from "./request-events.ts";

const maxResults = 30;
const maxReported = 500;
const maxTextLength = 200;

export function composerRoutes(app: App, { tokenAuth, guard }: Guards) {
  const as = async (
    slug: string,
    context: RequestContext,
    answer: (token: TokenAccess) => Promise<Response>,
  ) => {
    const { request } = context;
    const refusal = guard.refuseCredentialInAddress(context);
    if (refusal) return refusal;
    const token = await tokenAuth.read(slug, context, dataVersion(app.db));
    const response = "refused" in token ? refusedAnswer(app, token) : answer(token);
    return publishRequest(app, { request, slug, token }, response);
  };
  return (
    routesOf(app, "composer")
      .get(
        "/:organization/list.json",
        ({ params, query, context }) =>
          as(params.organization, context, async (token) => {
            const names = await listPackageNames(app.db, token.organizationId);
            const [filter, vendor] = [query["filter"]?.slice(0, maxTextLength), query["vendor"]];
            const wanted = names.filter(
              (name) =>
                token.sees(name) &&
                (!filter || matchesPattern(filter, name)) &&
                (!vendor || name.startsWith(`${vendor.toLowerCase()}/`)),
            );
            return json({ packageNames: wanted }, { headers: unvalidated });
          }),
        { access: "token" },
      )
      .get(
        "/:organization/search.json",
        ({ params, query, context }) =>
          as(params.organization, context, async (token) => {
            const text = (query["q"] ?? "").slice(0, maxTextLength);
            const terms = text.split(/\s+/).filter(Boolean).slice(0, 10);
            const type = query["type"] || null;
            const found = await searchPackages(app.db, token.organizationId, {
              terms,
              type,
              limit: 1000,
            });
            const results = found.filter(({ name }) => token.sees(name)).map(resultOf);
            const page = { results: results.slice(0, maxResults), total: results.length };
            return json(page, { headers: unvalidated });
          }),
        { access: "token" },
      )
      .get(
        "/:organization/providers/:vendor/:file",
        ({ params, context }) =>
          as(params.organization, context, async (token) => {
            const name = `${params.vendor}/${params.file.replace(/\.json$/, "")}`.toLowerCase();
            const found = await listProviders(app.db, token.organizationId, name);
            const providers = found.filter((each) => token.sees(each.name));
            if (!params.file.endsWith(".json") || providers.length === 0)
              return notFoundAnswer(`Nothing here provides ${plainText(name)}.`);
            return json({ providers: providers.map(providerOf) }, { headers: unvalidated });
          }),
        { access: "token" },
      )
      // Composer requests advisories by itself; none are known here, and an empty list says so.
      .post(
        "/:organization/api/security-advisories",
        ({ params, context }) => as(params.organization, context, async () => json({ advisories: {} })),
        { access: "token", parse: "none" },
      )
      .post(
        "/:organization/notify-batch",
        ({ params, body, context }) =>
          as(params.organization, context, async (token) => {
            const reported = downloadsIn(body)
              .slice(0, maxReported)
              .filter((each): each is ReportedInstall => isReported(each, token));
            await reportInstalls(app, token, reported);
            return json({ status: "success" });
          }),
        { access: "token", parse: "text" },
      )
  );
}

const unvalidated = { "Cache-Control": "private, no-cache", Vary: "Authorization" };

function downloadsIn(body: unknown): unknown[] {
  const report = parsed(String(body)) as { downloads?: unknown } | null;
  if (Array.isArray(report?.downloads)) return report.downloads;
  throw invalid('Report installs as {"downloads": [{"name": …, "version": …}]}.', {
    code: "request_invalid",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isReported(entry: unknown, token: TokenAccess): boolean {
  const { name, version } = (entry ?? {}) as { name?: unknown; version?: unknown };
  if (typeof name !== "string" || typeof version !== "string") return false;
  return name.length <= 191 && version.length <= 255 && token.sees(name.toLowerCase());
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
