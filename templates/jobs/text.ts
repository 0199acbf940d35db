// How the job dashboard says names, run times and regular turns.
import { actorText } from "../organizations/activity-text.tsx";
import { span } from "../parts/numbers.ts";
import { relative } from "../parts/time.tsx";
import type { Pause } from "../../src/registry/jobs/view.ts";

/** "poll-repositories" → "Poll repositories". */
export function titleOf(name: string): string {
  const text = name.replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Of milliseconds: 46 → "46 ms", 460 → "0.46 s", 1920 → "1.92 s", 12400 → "12 s"; null → "–". */
export function took(milliseconds: number | null): string {
  if (milliseconds === null) return "–";
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${Number((milliseconds / 1000).toFixed(2))} s`;
  return span(milliseconds);
}

/** How often: 15000 → "every 15 s", 3600000 → "hourly", 21600000 → "every 6 h". */
export function every(milliseconds: number): string {
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  if (milliseconds === minute) return "every minute";
  if (milliseconds === hour) return "hourly";
  if (milliseconds === day) return "daily";
  if (milliseconds % day === 0) return `every ${milliseconds / day} days`;
  if (milliseconds % hour === 0) return `every ${milliseconds / hour} h`;
  if (milliseconds % minute === 0) return `every ${milliseconds / minute} min`;
  return `every ${milliseconds / 1000} s`;
}

/** "Paused by Ann Otto 3 min ago". */
export function pausedText({ by, at }: Pause, now: number): string {
  const who = by === null ? "" : ` by ${by.kind === "cli" ? "the command line" : actorText(by)}`;
  return `Paused${who} ${relative(at, now)}`;
}
