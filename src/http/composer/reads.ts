// The three reads that Composer lives on: root, p2, dists. They are Bun's own routes, because they are requested a
// thousand times for every other request: token → document → bytes, nothing built and nothing written on the way.
import type { App } from "../../app.ts";
import { vendorOf } from "../../composer/name.ts";
import { hasControlCharacters } from "../../composer/text.ts";
import { unavailable } from "../../errors.ts";
import type { DataVersion } from "../../store/engine/data-version.ts";
import { findDist, listDistsByPrefix, type Dist } from "../../store/packages/dists.ts";
import { getOrganizationById } from "../../store/organizations/organizations.ts";
import { ownsVendor } from "../../store/organizations/vendors.ts";
import { readArchive } from "../../registry/packages/repair.ts";
import { shieldLastModified } from "../../registry/packages/documents.ts";
import { packageDocument, rootDocument } from "../../registry/packages/publish.ts";
import { json, notFoundAnswer } from "../answers.ts";
import type { TokenAccess } from "./token-auth.ts";
import { documentAnswer, type CachedDocument, type DocumentCache } from "./document-cache.ts";
import { fileAnswer } from "./file-answer.ts";
import { thenMaybe } from "./maybe-async.ts";

export type Read = {
  app: App;
  documents: DocumentCache;
  request: Request;
  token: TokenAccess;
  params: Record<string, string>;
  version: DataVersion;
  /** Answers with a document that this token may read. */
  answer(document: CachedDocument): Response | Promise<Response>;
};

/** Answers with the root document; a token that sees only part gets its own, without Last-Modified. */
export function readRoot(read: Read): Response | Promise<Response> {
  const { documents, request, token, version } = read;
  if (request.headers.get("user-agent")?.startsWith("Composer/1.")) return tooOld();
  if (!token.seesEverything) return readPartialRoot(read);
  return thenMaybe(documents.find(token.organizationId, "packages.json", version), (root) => {
    if (!root) throw unavailable("The root document does not exist.", { code: "document_missing" });
    return documentAnswer(root, request);
  });
}

/** Composer 1 does not know `metadata-url`: it would find no package here and not say why. */
function tooOld(): Response {
  const message =
    "Composer 1 cannot read this registry. Update to Composer 2 with: composer self-update --2 (from Composer 1.10 on), or install it from https://getcomposer.org";
  const headers = { "Cache-Control": "private, no-store", Vary: "User-Agent" };
  return json({ message, warning: message }, { status: 406, headers });
}

async function readPartialRoot({ app, token }: Read): Promise<Response> {
  const organization = await getOrganizationById(app.db, token.organizationId);
  return json(await rootDocument(app, app.db, { organization, sees: token.sees }), {
    headers: { "Cache-Control": "private, no-store", Vary: "Authorization" },
  });
}

/**
 * A package's document. What the token may not see, and every unknown name of an owned vendor, is answered with
 * an empty list, so that Composer asks no other registry; 404 only after a look-up shows that the name is foreign.
 */
export function readPackage(read: Read): Response | Promise<Response> {
  const { documents, token, params, version } = read;
  const file = params["file"] ?? "";
  const document = `${params["vendor"]}/${file.slice(0, -".json".length)}`.toLowerCase();
  const name = document.replace(/~dev$/, "");
  if (!file.endsWith(".json") || name.length > 191) return notFoundAnswer("There is no such file.");
  return thenMaybe(documents.find(token.organizationId, document, version), (found) =>
    found && token.sees(name) ? read.answer(found) : withoutDocument(read, { name, found: found !== null }),
  );
}

async function withoutDocument(
  { app, request, token }: Read,
  { name, found }: { name: string; found: boolean },
): Promise<Response> {
  // No package has such a name, and control characters are never echoed to a terminal.
  if (hasControlCharacters(name)) return notFoundAnswer("There is no package with this name here.");
  if (!found && !(await ownsVendor(app.db, token.organizationId, vendorOf(name))))
    return notFoundAnswer(`There is no package ${name} here.`);
  if (found) app.log.info("authz.denied", { name, token: token.tokenId });
  else app.log.info("shield.hit", { name });
  return shield(name, { token, request });
}

/** Finds the archive by package and reference; the version in the address between them is decoration. */
export async function readDist({ app, request, token, params }: Read): Promise<Response> {
  const packageName = `${params["vendor"]}/${params["name"]}`.toLowerCase();
  if (!token.sees(packageName)) {
    app.log.info("authz.denied", { name: packageName, token: token.tokenId });
    return noArchive();
  }
  const reference = referenceIn(request.url);
  const dist = reference && (await distAt(app, token, { packageName, reference }));
  if (!dist) return noArchive();
  const filename = `${packageName.replace("/", "-")}-${dist.reference.slice(0, 7)}.zip`;
  const link = followsSafely(request) ? app.storage.link(dist.sha256, filename) : null;
  if (link !== null)
    return new Response(null, {
      status: 302,
      headers: { Location: link, "Cache-Control": "private, no-store" },
    });
  const content = await readArchive(app, dist);
  return fileAnswer(content, { request, sha256: dist.sha256, filename, size: dist.size_bytes });
}

/** Versions may contain slashes and any other characters, but no `..` segment. */
function referenceIn(url: string): string | null {
  const [path = ""] = url.split("?", 1);
  if (/(?:\/|%2f|\\|%5c)(?:\.|%2e){1,2}(?:\/|%2f|\\|%5c)/i.test(path)) return null;
  return /\/([0-9a-f]{7,64})\.zip$/.exec(path)?.[1] ?? null;
}

/** Accepts an abbreviated commit, as in `dev-main#`, when only one archive here begins with it. */
async function distAt(
  app: App,
  { organizationId }: TokenAccess,
  { packageName, reference }: { packageName: string; reference: string },
): Promise<Dist | null> {
  if (reference.length === 40 || reference.length === 64)
    return findDist(app.db, organizationId, { packageName, reference });
  const found = await listDistsByPrefix(app.db, organizationId, { packageName, prefix: reference });
  return found.length === 1 ? (found[0] ?? null) : null;
}

function noArchive(): Response {
  const message =
    "This archive does not exist, or this token may not read it. Archives exist only for commits that a tag or branch pointed to when its repository was synced. Require one of those, or tag the commit.";
  return json({ message, warning: message }, { status: 404 });
}

/**
 * Composer before 2.11, and before 2.2.32 of the long-term line, sends headers that a project configured for us
 * (`options.http.header`) to whomever we redirect to, and a bucket refuses two ways to sign in. Those get the bytes.
 */
function followsSafely(request: Request): boolean {
  const version = /^Composer\/(\d+)\.(\d+)\.(\d+)/.exec(request.headers.get("user-agent") ?? "");
  if (!version) return true;
  const [major = 0, minor = 0, patch = 0] = version.slice(1).map(Number);
  return major > 2 || (major === 2 && (minor >= 11 || (minor === 2 && patch >= 32)));
}

function shield(name: string, { token, request }: { token: TokenAccess; request: Request }): Response {
  const seconds = shieldLastModified(token.organizationCreatedAt);
  const date = new Date(seconds * 1000).toUTCString();
  const headers = { "Last-Modified": date, "Cache-Control": "private, no-cache", Vary: "Authorization" };
  if (request.headers.get("if-modified-since") === date) return new Response(null, { status: 304, headers });
  return json(packageDocument(name, []), { headers });
}
