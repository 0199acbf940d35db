// The database and its address.
import { resolve } from "node:path";
import type { DatabaseAddress } from "../store/engine/engine.ts";
import type { Reader } from "./reader.ts";

export function database(read: Reader, dataDir: string): DatabaseAddress {
  const connection = read.choice("DB_CONNECTION", "sqlite", ["sqlite", "pgsql", "mysql", "mariadb"]);
  if (connection === "sqlite")
    return { engine: "sqlite", path: resolve(dataDir, read.text("DB_DATABASE", "pricore.sqlite")) };
  const engine = connection === "pgsql" ? "pgsql" : "mysql";
  const url = read.text("DB_URL", "");
  if (url !== "") {
    if (!URL.parse(url)) read.problem("DB_URL", "is not an address like postgres://user@host:5432/pricore");
    return { engine, url };
  }
  const built = new URL(engine === "pgsql" ? "postgres://localhost" : "mysql://localhost");
  built.hostname = read.text("DB_HOST", "127.0.0.1");
  built.port = String(read.integer("DB_PORT", engine === "pgsql" ? 5432 : 3306, 1, 65_535));
  built.username = encodeURIComponent(read.required("DB_USERNAME", "the database user"));
  built.password = encodeURIComponent(read.text("DB_PASSWORD", ""));
  built.pathname = `/${encodeURIComponent(read.required("DB_DATABASE", "the database's name"))}`;
  return { engine, url: built.href };
}
