// Hosts that this installation depends on, beside those of its database and bucket.
import type { Config } from "../config/config.ts";

export type Host = { name: string; port: number };

const maxHosts = 10;

/** `origins`: of repositories and accounts. Forges that nobody uses are left out. */
export function hostsOf(config: Config, origins: string[]): Host[] {
  const own = Object.values(config.forges).flatMap(({ origin }) =>
    origin === null || isPublicForge(origin) ? [] : [origin],
  );
  const web = [...own, ...origins].flatMap((origin) => {
    const url = URL.parse(origin);
    if (!url || !/^https?:$/.test(url.protocol)) return [];
    return [
      {
        name: url.hostname.replace(/^\[|\]$/g, ""),
        port: Number(url.port) || (url.protocol === "http:" ? 80 : 443),
      },
    ];
  });
  const mail =
    config.mail.kind === "smtp" ? [{ name: config.mail.smtp.host, port: config.mail.smtp.port }] : [];
  const all = [...mail, ...web].map((host) => [`${host.name}:${host.port}`, host] as const);
  return [...new Map(all).values()].slice(0, maxHosts);
}

function isPublicForge(origin: string): boolean {
  return ["https://github.com", "https://gitlab.com", "https://bitbucket.org"].includes(origin);
}
