// What operators look at: the job dashboard, metrics, the log.
import { listIn, type Reader } from "./reader.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** The job dashboard: its path without leading and trailing slash, and who may see it besides administrators. */
export type Horizon = { path: string; emails: string[] };

export function horizon(read: Reader): Horizon {
  const path = read.text("HORIZON_PATH", "horizon").replace(/^\/+|\/+$/g, "");
  if (!/^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(path))
    read.problem(
      "HORIZON_PATH",
      `"${path}" is not a path like horizon, of lower-case letters, digits and hyphens`,
    );
  const emails = listIn(read.text("HORIZON_ALLOWED_EMAILS", "").toLowerCase());
  for (const email of emails)
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) read.problem("HORIZON_ALLOWED_EMAILS", `"${email}" is no address`);
  return { path, emails };
}

export function metricsToken(read: Reader): string | null {
  const token = read.text("METRICS_TOKEN", "");
  if (token !== "" && !/^[\x21-\x7e]{16,200}$/.test(token))
    read.problem(
      "METRICS_TOKEN",
      "must have 16 to 200 characters without spaces, for instance from: openssl rand -hex 24",
    );
  return token || null;
}

/** Where the newest version is announced: one request a day, with nothing about this installation in it. */
export function releaseUrl(read: Reader): string | null {
  const isOn = read.choice("UPDATE_CHECK", "on", ["on", "off"]) === "on";
  const text = read.text("RELEASE_URL", "");
  const url = text === "" ? null : URL.parse(text);
  if (text !== "" && !/^https?:$/.test(url?.protocol ?? ""))
    read.problem("RELEASE_URL", `"${text}" is not an address like https://example.com/releases.json`);
  return isOn ? (url?.href ?? null) : null;
}
