// Why a database could not be opened, in one sentence for the operator and one about what to do.
import { statSync } from "node:fs";
import { Failure, unavailable } from "../../errors.ts";
import type { DatabaseAddress } from "./engine.ts";
import { asFailure, isConnectionLost, signOf } from "./errors.ts";

/** Names host, database and path, never the password. */
export function openingFailure(error: unknown, address: DatabaseAddress): Failure {
  return address.engine === "sqlite" ? fileFailure(error, address.path) : serverFailure(error, address.url);
}

function fileFailure(error: unknown, path: string): Failure {
  const sign = signOf(error);
  if (isFolder(path)) {
    return cannotOpen(`${path} is a folder, not a database.`, "Set DB_DATABASE or DATA_DIR to another path.");
  }
  if (/^(ENOENT|ENOTDIR)$/.test(sign)) {
    return cannotOpen(
      `The folder of the database ${path} does not exist.`,
      "Create it, or correct DATA_DIR.",
    );
  }
  if (/^(EACCES|EPERM|EROFS|SQLITE_(CANTOPEN|READONLY|PERM).*)$/.test(sign)) {
    return cannotOpen(
      `The database ${path} may not be opened for writing.`,
      "Let this user read and write the folder that DATA_DIR names and every file in it.",
    );
  }
  if (/^SQLITE_(NOTADB|CORRUPT).*$/.test(sign)) {
    return cannotOpen(
      `The file ${path} is not a database, or it is damaged.`,
      "Restore the last backup, or set DB_DATABASE to another file.",
    );
  }
  return known(error) ?? cannotOpen(`The database ${path} cannot be opened (${sign}).`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function serverFailure(error: unknown, address: string): Failure {
  const location = placeOf(address);
  if (!location) return cannotOpen("The address of the database cannot be read.", "Check DB_URL.");
  const { host, name } = location;
  const sign = signOf(error);
  if (/^(pgsql:28...|mysql:(1045|1698))$/.test(sign)) {
    return cannotOpen(
      `The database server ${host} rejected the user or password.`,
      "Check DB_USERNAME and DB_PASSWORD.",
    );
  }
  if (/^(pgsql:3D000|mysql:(1049|1046))$/.test(sign)) {
    return cannotOpen(
      `The database server ${host} has no database "${name}".`,
      "Create it, or correct DB_DATABASE.",
    );
  }
  if (/^(pgsql:42501|mysql:(1044|1142))$/.test(sign)) {
    return cannotOpen(
      `The user may not use the database "${name}" on ${host}.`,
      "Grant this user all rights on that database, or correct DB_USERNAME.",
    );
  }
  if (sign === "ERR_MYSQL_PUBLIC_KEY_RETRIEVAL_NOT_ALLOWED") {
    return cannotOpen(
      `The database server ${host} accepts passwords only over an encrypted connection.`,
      "Set DB_TLS=true, and DB_TLS_CA_FILE if its certificate is from an authority of your own.",
    );
  }
  if (isConnectionLost(error)) {
    return cannotOpen(
      `No database server responds at ${host}.`,
      "Check that it is running and accepts connections from here, and check DB_HOST, DB_PORT and DB_CONNECTION.",
    );
  }
  return (
    known(error) ?? cannotOpen(`The database on ${host} cannot be opened (${sign || "unknown reason"}).`)
  );
}

function placeOf(address: string): { host: string; name: string } | null {
  try {
    const { host, pathname } = new URL(address);
    return { host, name: decodeURIComponent(pathname.slice(1)) };
  } catch {
    return null;
  }
}

function known(error: unknown): Failure | undefined {
  const failure = asFailure(error);
  return failure instanceof Failure ? failure : undefined;
}

function cannotOpen(sentence: string, advice?: string): Failure {
  return unavailable(sentence, {
    code: "database_unopened",
    ...(advice && { advice }),
    retryAfterSeconds: 10,
  });
}
