// Sentences of the repository pages that are composed from pieces.
import type { RateLimit } from "../../src/registry/forges/access.ts";
import { count, counted, span } from "../parts/numbers.ts";
import { exact, relative } from "../parts/time.tsx";
import type { RefLine } from "./ref-line.ts";

export type Loss = { packages: string[]; versions: number; downloads: number; vendors: string[] };

/** What is lost with a repository. */
export function removalText({ packages, versions, downloads, vendors }: Loss): string {
  if (packages.length === 0)
    return "It publishes no packages, so nothing changes for Composer. Its sync history is deleted.";
  const names =
    packages.slice(0, 3).join(", ") + (packages.length > 3 ? ` and ${packages.length - 3} more` : "");
  return [
    `${counted(packages.length, "package")} (${names}) with ${counted(versions, "version")} can no longer be required. Projects that use them will fail at their next composer update.`,
    downloads === 0
      ? "No downloads in the last 30 days."
      : `They were downloaded ${counted(downloads, "time")} in the last 30 days.`,
    `Lock files keep working, because archives are kept. Names under ${vendors.join(", ")} stay protected: they are served only from here.`,
    "The sync history is deleted.",
  ].join(" ");
}

/** The result of a tag or branch. `wouldBe`: the sync was stopped, so nothing was removed yet. */
export function refText(ref: RefLine, wouldBe: boolean): string {
  const { outcome, version, reference, reason } = ref;
  const more = reason === null ? "" : `. ${reason}`;
  if (outcome === "skipped") return `Skipped: ${reason ?? "not a version"}`;
  if (outcome === "removed" && wouldBe) return "Would be removed";
  if (outcome === "removed")
    return ref.at === undefined
      ? "Removed: no longer on the Git host"
      : `Removed: no longer on the Git host since ${exact(ref.at)}`;
  if (outcome === "added") return `New version${version === null ? "" : ` ${version}`}${more}`;
  if (outcome === "updated")
    return `Updated${reference === null ? "" : ` to ${reference.slice(0, 7)}`}${more}`;
  return `Unchanged${more}`;
}

/** What Composer gets while syncs fail. */
export function servedText(versions: number): string {
  if (versions === 0) return "Nothing has been published from it yet.";
  return `Composer still gets ${versions === 1 ? "the published version" : `all ${count(versions)} versions`}.`;
}

export function retryText(at: number, now: number): string {
  return `Pricore will retry ${at <= now ? "in a moment" : relative(at, now)}.`;
}

/** "12 s so far, about 40 s left"; the estimate needs five refs that were read. */
export function progressText({
  done,
  total,
  soFarMs,
}: {
  done: number;
  total: number;
  soFarMs: number;
}): string {
  const leftMs = done >= 5 && total > done ? (soFarMs / done) * (total - done) : null;
  return `${span(soFarMs)} so far${leftMs === null ? "" : `, about ${span(Math.max(1000, leftMs))} left`}`;
}

/** The time is rounded up: the last seconds are not worth counting. */
export function rateText({ limit, remaining, resetsAt }: RateLimit, now: number): string {
  const resetsIn = span(Math.ceil((resetsAt - now) / 60_000) * 60_000);
  return `${count(remaining)} of ${count(limit)} requests left, resets in ${resetsIn}`;
}

export function pollingPausedText({
  until,
  host,
  now,
}: {
  until: number;
  host: string;
  now: number;
}): string {
  return `Polling is paused until ${clock(until, now)} because ${host} asked Pricore to slow down.`;
}

/** "14:05 UTC", with the day when it is another one. */
function clock(at: number, now: number): string {
  const time = `${new Date(at).toISOString().slice(11, 16)} UTC`;
  const isToday = new Date(at).toISOString().slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  return isToday ? time : `${exact(at).split(",")[0]}, ${time}`;
}

/** Seconds are left out, unless there is nothing else. */
export function overdueText(repositories: number, forMs: number): string {
  const time = span(forMs).replace(/ \d+ s$/, "");
  return `${counted(repositories, "repository", "repositories")} without a successful check for ${time}`;
}

/** How pushes are found while a webhook does not work. */
export function withoutWebhookText(isPolled: boolean): string {
  return isPolled
    ? "Pricore still checks the repository regularly, so pushes appear a few minutes later."
    : "Polling is off: without a webhook, the repository is synced only on request.";
}
