// Figures as the pages write them: comma for thousands, a space before the unit, an en dash for what is not known.

/** 15145 → "15,145"; null → "–". */
export function count(value: number | null): string {
  return value === null ? "–" : Math.round(value).toLocaleString("en-US");
}

/** (1, "version") → "1 version"; (1200, "entry", "entries") → "1,200 entries". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** 421888 → "412 KB". Steps of 1024; one decimal below ten from MB on. */
export function size(bytes: number | null): string {
  if (bytes === null) return "–";
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (Math.round(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit >= 2 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Of milliseconds: 420 → "0.4 s", 8100 → "8 s", 95000 → "1 min 35 s", 7380000 → "2 h 3 min". */
export function span(milliseconds: number | null): string {
  if (milliseconds === null) return "–";
  const seconds = milliseconds / 1000;
  if (seconds < 5) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
}

/** 0.124 → "12.4%". */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1).replace(/\.0$/, "")}%`;
}

/** How a figure changed, in words: "12.4% more than before". */
export function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? "as before" : "none before";
  const share = now / before - 1;
  if (Math.abs(share) < 0.0005) return "as before";
  return `${percent(Math.abs(share))} ${share > 0 ? "more" : "less"} than before`;
}
