// Durations as people write them: `30s`, `15m`, `12h`, `90d`.

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const longestMs = 36_500 * 86_400_000;

/** Milliseconds, or null when the text is no duration, or one of more than a hundred years. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,10})([smhd])$/.exec(text.trim());
  const ms = match ? Number(match[1]) * (unitMs[match[2] ?? ""] ?? 0) : Infinity;
  return ms <= longestMs ? ms : null;
}

const units: [name: string, ms: number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** Exactly, in the largest unit that does: "15 minutes", "1 hour", "90 seconds". For what `parseDuration` answers. */
export function durationText(ms: number): string {
  const [name, unit] = units.find(([, unit]) => ms % unit === 0) ?? ["second", 1000];
  const count = Math.round(ms / unit);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
