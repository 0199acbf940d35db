// Turns the errors of every driver into Failures, with messages that contain no statement, value or password.
import { conflict, Failure, invalid, unavailable } from "../../errors.ts";

type Known = { matches: RegExp; failure: () => Failure };

/**
 * The Failure behind an error of a driver, or the error itself when it is none that may happen in a sound program.
 *
 * Unique violation: `conflict`, code `taken`. A row that is referred to, or refers to one that is gone: `conflict`,
 * code `reference`. Everything about the server, the disk or a lock: `unavailable` with a code and a delay.
 */
export function asFailure(error: unknown): unknown {
  if (error instanceof Failure) return error;
  const sign = signOf(error);
  const failure = table.find(({ matches }) => matches.test(sign))?.failure();
  return failure ? Object.assign(failure, { cause: sign }) : error;
}

/** Whether the connection was lost, so that it is unknown whether the last statement took effect. */
export function isConnectionLost(error: unknown): boolean {
  return lost.test(signOf(error));
}

/**
 * What identifies an error: SQLite's name (`SQLITE_BUSY`), `pgsql:` and the SQLSTATE, `mysql:` and the number, or
 * the code of the driver (`ERR_MYSQL_CONNECTION_CLOSED`) or of the system (`ECONNRESET`).
 */
export function signOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { code = "", errno } = error as { code?: unknown; errno?: unknown };
  if (/^ERR_POSTGRES_(SERVER|SYNTAX)_ERROR$/.test(String(code))) return `pgsql:${errno}`;
  if (/^ERR_MYSQL_(SERVER|SYNTAX)_ERROR$/.test(String(code))) return `mysql:${errno}`;
  return code === "" && /closed database|database has closed/i.test(error.message)
    ? "SQLITE_CLOSED"
    : String(code);
}

const busy = (code: "database_busy" | "database_deadlock") =>
  unavailable("The database is busy. Try again in a moment.", { code, retryAfterSeconds: 1 });

/** For a server with no connection to spare, as for a lock that is held too long. */
export const databaseBusy = () => busy("database_busy");

const lost =
  /^(ERR_(POSTGRES|MYSQL)_(CONNECTION_(CLOSED|FAILED|REFUSED|TIMEOUT)|IDLE_TIMEOUT|LIFETIME_TIMEOUT)|E(CONNRESET|CONNREFUSED|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH)|ERR_SOCKET_CLOSED|pgsql:(08...|57P0[123])|mysql:(1053|1927|2006|2013))$/;

const table: Known[] = [
  {
    matches: /^(SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)|pgsql:23505|mysql:(1062|1586))$/,
    failure: () => conflict("This is already taken.", { code: "taken" }),
  },
  {
    matches: /^(SQLITE_CONSTRAINT_FOREIGNKEY|pgsql:23503|mysql:(1216|1217|1451|1452))$/,
    failure: () =>
      conflict("It belongs to something that is gone, or something still belongs to it.", {
        code: "reference",
      }),
  },
  {
    matches: /^(SQLITE_TOOBIG|pgsql:(22001|54000)|mysql:(1153|1406))$/,
    failure: () => invalid("A text is longer than the database can keep.", { code: "text_too_long" }),
  },
  {
    matches: /^(pgsql:(22021|22P05)|mysql:1366)$/,
    failure: () =>
      invalid("A text has a character that the database cannot keep.", { code: "text_unstorable" }),
  },
  {
    matches: /^(SQLITE_(BUSY|LOCKED).*|pgsql:(55P03|57014|53300)|mysql:(1040|1205|3572))$/,
    failure: () => busy("database_busy"),
  },
  {
    matches: /^(pgsql:(40001|40P01)|mysql:(1213|1614))$/,
    failure: () => busy("database_deadlock"),
  },
  {
    matches: lost,
    failure: () =>
      unavailable("The database does not answer. Try again in a moment.", {
        code: "database_gone",
        advice: "Check that the database server is running, and check DB_HOST and DB_PORT.",
        retryAfterSeconds: 5,
      }),
  },
  {
    matches: /^(SQLITE_READONLY.*|pgsql:25006|mysql:(1290|1792|1836))$/,
    failure: () =>
      unavailable("The database is read-only at the moment.", {
        code: "database_read_only",
        advice:
          "Let this user write the files in DATA_DIR, or point DB_HOST to the server that accepts writes.",
        retryAfterSeconds: 30,
      }),
  },
  {
    matches: /^(SQLITE_CONSTRAINT_TRIGGER|pgsql:PRM01)$/,
    failure: () =>
      unavailable("The registry is moving to another database. Try again in a moment.", {
        code: "database_moved",
        retryAfterSeconds: 1,
      }),
  },
  {
    matches: /^(SQLITE_FULL|pgsql:53100|mysql:(1021|1114|28|3170))$/,
    failure: () =>
      unavailable("The disk of the database is full.", {
        code: "disk_full",
        advice: "Free some space on the disk of the database.",
        retryAfterSeconds: 60,
      }),
  },
  {
    matches: /^(SQLITE_(CORRUPT|NOTADB).*|pgsql:XX00[12]|mysql:(126|1034|1194|1712))$/,
    failure: () =>
      unavailable("The database is damaged.", {
        code: "database_damaged",
        advice: "Stop Pricore, keep a copy of the files and restore the last backup.",
        retryAfterSeconds: 60,
      }),
  },
  {
    matches: /^(SQLITE_(IOERR|CANTOPEN|PROTOCOL|CLOSED|NOLFS|PERM).*|pgsql:58...|mysql:(1016|1026|1030))$/,
    failure: () =>
      unavailable("The database cannot be reached on its disk.", {
        code: "database_disk",
        advice: "Check the disk of the database and its permissions.",
        retryAfterSeconds: 30,
      }),
  },
];
