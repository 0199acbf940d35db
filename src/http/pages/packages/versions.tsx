// All versions of a package, and the page of one.
import { VersionPage } from "../../../../templates/packages/version.tsx";
import {
  PackageVersionsPage,
  stabilityText,
  VersionList,
  type VersionsQuery,
} from "../../../../templates/packages/versions.tsx";
import type { App } from "../../../app.ts";
import { notFound } from "../../../errors.ts";
import { readArchiveFile } from "../../../registry/packages/archive-file.ts";
import { daysBack } from "../../../registry/packages/usage.ts";
import { newestFirst } from "../../../registry/packages/version-order.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { sumVersionDownloads } from "../../../store/packages/download-charts.ts";
import { listDeletedVersions, type VersionLine } from "../../../store/packages/pages.ts";
import { routesOf } from "../../access.ts";
import { html, wantsPart } from "../../answers.ts";
import { fileAnswer } from "../../composer/file-answer.ts";
import { page, type PageSetup } from "../../page.ts";
import { forgeHrefs } from "../repositories/forge-links.ts";
import { pageIn, type Query } from "../list-query.ts";
import { lineOf } from "./overview.ts";
import { packagePageOf, type PackagePage } from "./package-page.ts";
import { fullVersionOf, versionOf } from "./version.ts";

const path = "/organizations/:slug/packages/:vendor/:name/versions";
const pageSize = 50;

export function versionPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "versions")
    .get(
      path,
      async ({ context, request, membership, params, query }) => {
        const subject = await packagePageOf(app, membership, params);
        const list = await listOf(app, { membership, subject, query: queryFrom(query) });
        if (wantsPart(request)) return html(VersionList(list).html);
        return page(setup, context, { render: (shell) => PackageVersionsPage({ shell, ...list }) });
      },
      { member: "member" },
    )
    .get(
      `${path}/:version/archive`,
      async ({ request, membership, params }) => {
        const subject = await packagePageOf(app, membership, params);
        return archiveOf(app, { request, subject, version: params.version });
      },
      { member: "member" },
    )
    .get(
      `${path}/:version/files/*`,
      async ({ membership, params }) => {
        const subject = await packagePageOf(app, membership, params);
        return imageOf(app, { subject, version: params.version, path: params["*"] });
      },
      { member: "member" },
    )
    .get(
      `${path}/:version`,
      async ({ context, membership, params }) => {
        const subject = await packagePageOf(app, membership, params);
        const props = await versionOf(app, { membership, subject, version: params.version });
        return page(setup, context, { render: (shell) => VersionPage({ shell, ...props }) });
      },
      { member: "member" },
    );
}

type Archive = { request: Request; subject: PackagePage; version: string };

/** The same bytes that Composer gets. */
async function archiveOf(app: App, { request, subject, version }: Archive): Promise<Response> {
  const { sha256, size_bytes: size, reference, deleted_at } = await fullVersionOf(app, { subject, version });
  const content = sha256 === null || deleted_at !== null ? null : await app.storage.get(sha256);
  if (content === null || sha256 === null) throw notFound("This version has no archive.");
  const filename = `${subject.head.name.replace("/", "-")}-${reference.slice(0, 7)}.zip`;
  return fileAnswer(content, { request, sha256, filename, size: size ?? 0 });
}

const imageTypes: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  svg: "image/svg+xml",
};

const imageHeaders = {
  // An SVG may contain scripts, so it gets no origin when it is opened by itself.
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "private, max-age=300",
};

/** An image that the README shows, out of the archive. */
async function imageOf(
  app: App,
  { subject, version, path: file }: { subject: PackagePage; version: string; path: string },
): Promise<Response> {
  const missing = notFound("There is no such image in this version.");
  const type = imageTypes[file.slice(file.lastIndexOf(".") + 1).toLowerCase()];
  if (type === undefined) throw missing;
  const { sha256, size_bytes: size, deleted_at } = await fullVersionOf(app, { subject, version });
  const content = sha256 === null || deleted_at !== null ? null : await app.storage.get(sha256);
  const bytes = content && (await readArchiveFile(content, { sizeBytes: size ?? 0, path: decoded(file) }));
  if (bytes === null) throw missing;
  return new Response(Uint8Array.from(bytes), { headers: { ...imageHeaders, "Content-Type": type } });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

type VersionsRequest = { membership: Membership; subject: PackagePage; query: VersionsQuery };

async function listOf(app: App, { membership, subject, query }: VersionsRequest) {
  const { pkg, head, movedTags, versions } = subject;
  const isDeleted = query.stability === "deleted";
  const matching = isDeleted ? [] : newestFirst(versions).filter((line) => matches(line, query));
  const since = daysBack(app.now(), 30)[0] ?? "";
  const sums = await sumVersionDownloads(app.db, membership.organization.id, { name: head.name, since });
  const first = (query.page - 1) * pageSize;
  const hrefs = forgeHrefs(app, { url: pkg.repository_url, provider: pkg.provider });
  return {
    head,
    query,
    versions: matching.slice(first, first + pageSize).map((line) => ({
      ...lineOf(line, { hrefs, movedTags }),
      stability: line.stability,
      downloads: sums.get(line.version_normalized) ?? 0,
    })),
    matching: matching.length,
    pageSize,
    deleted: isDeleted ? await deletedOf(app, pkg.id) : null,
  };
}

async function deletedOf(app: App, packageId: string) {
  const rows = await listDeletedVersions(app.db, packageId);
  return rows.map(({ version, reference, deleted_at, deleted_by_name: by }) => ({
    version,
    reference,
    deletedAt: deleted_at ?? 0,
    by,
  }));
}

function matches({ version, reference, stability }: VersionLine, query: VersionsQuery): boolean {
  const q = query.q.toLowerCase();
  const group = stability === "stable" || stability === "dev" ? stability : "pre-release";
  return (
    (query.stability === "" || query.stability === group) &&
    (version.toLowerCase().includes(q) || reference.startsWith(q))
  );
}

function queryFrom(query: Query): VersionsQuery {
  const stability = query["stability"] ?? "";
  return {
    q: (query["q"] ?? "").trim().slice(0, 255),
    stability: Object.hasOwn(stabilityText, stability) ? stability : "",
    page: pageIn(query),
  };
}
