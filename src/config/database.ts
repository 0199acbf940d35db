// The database and its address.
import { resolve } from "node:path";
import type { DatabaseAddress, DatabaseTls, ServerEngine } from "../store/engine/engine.ts";
import type { Reader } from "./reader.ts";

export function database(read: Reader, dataDir: string): DatabaseAddress {
  const connection = read.choice("DB_CONNECTION", "sqlite", ["sqlite", "pgsql", "mysql", "mariadb"]);
  if (connection === "sqlite")
    return { engine: "sqlite", path: resolve(dataDir, read.text("DB_DATABASE", "pricore.sqlite")) };
  const engine = connection === "pgsql" ? "pgsql" : "mysql";
  const url = read.text("DB_URL", "") || builtUrl(read, engine);
  if (!URL.parse(url)) read.problem("DB_URL", "is not an address like postgres://user@host:5432/pricore");
  const isUnchecked = [...(URL.parse(url)?.searchParams.keys() ?? [])].some((name) =>
    /^(ssl|tls)/i.test(name),
  );
  if (isUnchecked)
    read.problem(
      "DB_URL",
      "has an option for TLS that leaves the certificate unchecked: set DB_TLS=true instead",
    );
  const tls = serverTls(read);
  return { engine, url, poolSize: read.integer("DB_POOL", 10, 2, 200), ...(tls ? { tls } : {}) };
}

function builtUrl(read: Reader, engine: ServerEngine): string {
  const built = new URL(engine === "pgsql" ? "postgres://localhost" : "mysql://localhost");
  built.hostname = read.text("DB_HOST", "127.0.0.1");
  built.port = String(read.integer("DB_PORT", engine === "pgsql" ? 5432 : 3306, 1, 65_535));
  built.username = encodeURIComponent(read.required("DB_USERNAME", "the database user"));
  built.password = encodeURIComponent(read.text("DB_PASSWORD", ""));
  built.pathname = `/${encodeURIComponent(read.required("DB_DATABASE", "the database's name"))}`;
  return built.href;
}

/** null without DB_TLS. */
function serverTls(read: Reader): DatabaseTls | null {
  const files = { ca: "DB_TLS_CA_FILE", cert: "DB_TLS_CERT_FILE", key: "DB_TLS_KEY_FILE" };
  const given = Object.entries(files).filter(([, name]) => read.text(name, "") !== "");
  if (!read.flag("DB_TLS", false)) {
    for (const [, name] of given) read.problem(name, "has no effect without DB_TLS=true");
    return null;
  }
  const [cert, key] = [read.text(files.cert, ""), read.text(files.key, "")];
  if ((cert === "") !== (key === ""))
    read.problem(cert === "" ? files.cert : files.key, "is missing: certificate and key go together");
  return Object.fromEntries(given.map(([part, name]) => [part, read.file(name)]));
}

/** The address that a person wrote: a URL, or `sqlite` for the usual file; null when it is neither. */
export function addressIn(text: string, dataDir: string): DatabaseAddress | null {
  if (text === "sqlite") return { engine: "sqlite", path: resolve(dataDir, "pricore.sqlite") };
  const protocol = URL.parse(text)?.protocol ?? "";
  if (/^postgres(ql)?:$/.test(protocol)) return { engine: "pgsql", url: text };
  return /^(mysql|mariadb):$/.test(protocol)
    ? { engine: "mysql", url: text.replace(/^mariadb:/, "mysql:") }
    : null;
}
