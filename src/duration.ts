// Durations as people write them: `30s`, `15m`, `12h`, `90d`.

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds, or null when the text is no duration. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})([smhd])$/.exec(text.trim());
  const unit = match && unitMs[match[2] ?? ""];
  return match && unit ? Number(match[1]) * unit : null;
}
