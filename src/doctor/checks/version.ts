// Whether a newer version is there. The request says nothing about this installation, and is sent once a day.
import packageJson from "../../../package.json" with { type: "json" };
import type { App } from "../../app.ts";
import { outbound } from "../../outbound/outbound.ts";
import { findSetting, setSetting } from "../../store/settings.ts";
import { fail, ok, unknown, warn, withApp, type Check } from "../check.ts";

const dayMs = 86_400_000;

/** What is announced: `security` when a version older than it has a known hole. */
type Release = { version: string; security: boolean; url: string | null };

export const version: Check = {
  id: "version",
  title: "Version",
  run: withApp(async (app, { now }) => {
    const own = packageJson.version;
    if (app.config.releaseUrl === null) return ok(`This is version ${own}; newer ones are not looked for.`);
    const release = (await remembered(app, now())) ?? (await newest(app, app.config.releaseUrl, now()));
    if (release === null) return unknown(`This is version ${own}; the newest one could not be asked for.`);
    if (!isNewer(release.version, own)) return ok(`Version ${own} is the newest.`);
    const remedy = { do: "upgrade", version: release.version, href: release.url } as const;
    const seen = `Version ${release.version} is there; this is ${own}.`;
    return release.security ? fail(`${seen} It closes a security hole.`, { remedy }) : warn(seen, { remedy });
  }),
};

async function remembered(app: App, now: number): Promise<Release | null> {
  const text = await findSetting(app.db, "newest_version");
  if (text === null) return null;
  const { at, release, from } = JSON.parse(text) as { at: number; release: Release; from: string };
  return now - at < dayMs && from === app.config.releaseUrl ? release : null;
}

async function newest(app: App, url: string, now: number): Promise<Release | null> {
  try {
    const policy = { allow: app.config.outboundAllow };
    const answer = await outbound(policy, url, { limits: { totalMs: 8000, bodyBytes: 64 * 1024 } });
    const release = releaseIn(await answer.json());
    const value = JSON.stringify({ at: now, release, from: url });
    if (release !== null) await setSetting(app.db, "newest_version", value);
    return release;
  } catch {
    return null;
  }
}

function releaseIn(answer: unknown): Release | null {
  const { version, security, url } = answer as Record<string, unknown>;
  if (typeof version !== "string" || !/^\d{1,5}\.\d{1,5}\.\d{1,5}$/.test(version)) return null;
  const link =
    typeof url === "string" && url.length <= 300 && /^https:\/\/[^\s"'<>]+$/.test(url) ? url : null;
  return { version, security: security === true, url: link };
}

function isNewer(one: string, other: string): boolean {
  return Bun.semver.order(one, other) === 1;
}
