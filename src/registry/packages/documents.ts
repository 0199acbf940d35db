// Writes a document: compressed, and under a Last-Modified that only ever moves forward.
import { createHash } from "node:crypto";
import { gzip } from "node:zlib";
import type { Db } from "../../store/engine/database.ts";
import { findDocumentState, putDocument } from "../../store/packages/documents.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { yieldWhenDue } from "../../yielding.ts";

type NewDocument = { name: string; text: string; now: number };

/**
 * Writes only a changed document, with a Last-Modified later than any that it, or its shield, had before. Returns
 * whether it wrote.
 */
export async function putText(
  db: Db,
  organization: Organization,
  { name, text, now }: NewDocument,
): Promise<boolean> {
  const bytes = Buffer.from(text);
  const hash = await hashOf(bytes);
  const before = await findDocumentState(db, organization.id, name);
  if (before?.hash === hash) return false;
  const last = before?.last_modified ?? shieldLastModified(organization.created_at);
  await putDocument(db, {
    organization_id: organization.id,
    name,
    hash,
    last_modified: Math.max(Math.floor(now / 1000), last + 1),
    body: await compressed(bytes),
  });
  return true;
}

const hashedAtOnceBytes = 1024 * 1024;

async function hashOf(bytes: Buffer): Promise<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += hashedAtOnceBytes) {
    hash.update(bytes.subarray(at, at + hashedAtOnceBytes));
    await yieldWhenDue();
  }
  return hash.digest("hex");
}

/** Compresses on another thread. */
function compressed(bytes: Buffer): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(bytes, { level: 6 }, (error, body) => (error ? reject(error) : resolve(new Uint8Array(body))));
  });
}

/** Seconds; earlier than every document of the organization, so that a name only ever moves forward. */
export function shieldLastModified(organizationCreatedAt: number): number {
  return Math.floor(organizationCreatedAt / 1000);
}
