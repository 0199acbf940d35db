// Certificates in the database, with their encrypted keys.
import type { App } from "../../app.ts";
import { provePair, type Pair } from "../../tls/pair.ts";
import { addCertificate, listCertificates, type StoredCertificate } from "../../store/certificates.ts";

export type OwnCertificate = Pair & { id: string; isForNames: boolean };

/**
 * The newest certificate for exactly these names; without one the newest that is for the first of them, which is served
 * until there is another. Null when there is none, or when it is the
 * one that is `known`. Fails as `unavailable` when its key cannot be decrypted.
 */
export async function findCertificate(
  app: App,
  names: string[],
  known: string | null = null,
): Promise<OwnCertificate | null> {
  const rows = await listCertificates(app.db);
  const wanted = JSON.stringify(names);
  const exact = rows.find((row) => row.names === wanted);
  const row = exact ?? rows.find((each) => (JSON.parse(each.names) as string[]).includes(names[0] ?? ""));
  if (!row || row.id === known) return null;
  return { ...openPair(app, row), id: row.id, isForNames: row === exact };
}

function openPair(app: App, row: StoredCertificate): Pair {
  const key = app.secrets.open("tls", sealName(row.id), row.private_key);
  return provePair({ certificate: row.certificate, key }, []);
}

export async function storeCertificate(
  app: App,
  { names, certificate, key }: { names: string[]; certificate: string; key: string },
): Promise<void> {
  const id = Bun.randomUUIDv7();
  const row = { id, names: JSON.stringify(names), certificate, created_at: app.now() };
  await addCertificate(app.db, { ...row, private_key: app.secrets.seal("tls", sealName(id), key) });
}

function sealName(id: string): string {
  return `certificate ${id}`;
}
