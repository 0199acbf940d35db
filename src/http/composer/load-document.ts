// A document from the database; a large one from what the servers share, when that has the very state which the
// database names.
import type { Bodies } from "../../cache/document-bodies.ts";
import type { Database } from "../../store/engine/database.ts";
import { findDocument, findWithSmallBody, type Document } from "../../store/packages/documents.ts";

export type LoadDocument = (
  organizationId: string,
  name: string,
) => Document | null | Promise<Document | null>;

/** Measured with PostgreSQL: what is smaller takes longer by way of Redis (`bun run bench shared`). */
const largeBytes = 64 * 1024;

export function documentLoader(db: Database, bodies: Bodies | null): LoadDocument {
  if (bodies === null) return (organizationId, name) => findDocument(db, organizationId, name);
  return async (organizationId, name) => {
    const nameOf = ({ lastModified, hash }: Pick<Document, "lastModified" | "hash">) =>
      [organizationId, name, lastModified, hash].join(" ");
    const state = await findWithSmallBody(db, organizationId, { name, maxBytes: largeBytes });
    if (state === null) return null;
    const body = state.body ?? (await bodies.find(nameOf(state)));
    if (body !== null) return { ...state, body };
    const document = await findDocument(db, organizationId, name);
    if (document) bodies.keep(nameOf(document), document.body);
    return document;
  };
}
