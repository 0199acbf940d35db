// Compares the clock with those of servers that are asked anyway.
import { outbound } from "../../outbound/outbound.ts";
import { fail, ok, unknown, warn, withConfig, type Check } from "../check.ts";
import type { Config } from "../../config/config.ts";

const warnMs = 30_000;
const failMs = 300_000;

export const clock: Check = {
  id: "clock",
  title: "Clock",
  run: withConfig(async (config) => {
    const offsets = (await Promise.all(serversOf(config).map((url) => offsetFrom(config, url))))
      .filter((each) => each !== null)
      .toSorted((a, b) => a - b);
    const offset = offsets[Math.floor(offsets.length / 2)];
    if (offset === undefined) return unknown("No other server was reached to compare clocks with.");
    const seconds = Math.round(Math.abs(offset) / 1000);
    const seen = `The clock is ${seconds} s ${offset > 0 ? "ahead of" : "behind"} others.`;
    const help = { advice: "Synchronize the clock, for instance with systemd-timesyncd or chrony." };
    if (seconds * 1000 > failMs) return fail(`${seen} Codes, buckets and sign-in fail.`, help);
    return seconds * 1000 > warnMs ? warn(seen, help) : ok("The clock agrees with those of other servers.");
  }),
};

/** Three are enough for a median. */
function serversOf({ forges, storage }: Config): string[] {
  const bucket = storage.kind === "s3" && storage.s3.endpoint !== null ? [storage.s3.endpoint] : [];
  const origins = [forges.gitea, forges.gitlab, forges.github, forges.bitbucket].map(({ origin }) => origin);
  return [...bucket, ...origins.filter((origin) => origin !== null)].slice(0, 3);
}

/** Positive when ours is ahead. */
async function offsetFrom({ outboundAllow, storage }: Config, url: string): Promise<number | null> {
  const { hostname } = new URL(url);
  const isBucket = storage.kind === "s3" && storage.s3.endpoint === url;
  const allow = isBucket ? [...outboundAllow, { host: hostname, port: null }] : outboundAllow;
  try {
    const answer = await outbound({ allow }, url, {
      method: "HEAD",
      limits: { totalMs: 6000, bodyBytes: 1024 },
    });
    await answer.body?.cancel();
    const time = Date.parse(answer.headers.get("date") ?? "");
    return Number.isNaN(time) ? null : Date.now() - time;
  } catch {
    return null;
  }
}
