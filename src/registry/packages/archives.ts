// The archive of a version: its contents, and its row.
import type { App } from "../../app.ts";
import { fieldOf, type Manifest } from "../../composer/manifest.ts";
import type { ArchiveFormat, ArchiveRequest } from "../../git/mirror.ts";
import type { Mirror } from "../../reading/mirror.ts";
import type { Dist } from "../../store/packages/dists.ts";
import type { Repository } from "../../store/repositories/repositories.ts";
import { storedNotes } from "./notes.ts";

type ArchiveSource = { name: string; manifest: Manifest; reference: string; format: ArchiveFormat };

/** The format that an archive was made in. */
export function formatOf({ archive_format: format }: Dist): ArchiveFormat {
  return format === 1 ? 1 : 2;
}

/** The request for an archive; the same request gives the same bytes for ever. */
export function archiveRequest(source: ArchiveSource): ArchiveRequest {
  return {
    format: source.format,
    reference: source.reference,
    topFolder: `${source.name.replace("/", "-")}-${source.reference.slice(0, 7)}`,
    exclude: fieldOf(source.manifest, "archive")?.exclude ?? [],
  };
}

type ArchiveContext = { app: App; repository: Repository; mirror: Mirror };

/** Stores the archive durably before any row refers to it. */
export async function makeDist(
  { app, repository, mirror }: ArchiveContext,
  source: ArchiveSource,
): Promise<Dist> {
  const archive = await mirror.archive(archiveRequest(source));
  await app.storage.put(archive.sha256, archive.path);
  return {
    id: Bun.randomUUIDv7(),
    organization_id: repository.organization_id,
    package_name: source.name,
    reference: source.reference,
    sha1: archive.sha1,
    sha256: archive.sha256,
    size_bytes: archive.sizeBytes,
    archive_format: source.format,
    created_at: app.now(),
    notes: storedNotes(archive.notes),
    deleted_at: null,
  };
}
