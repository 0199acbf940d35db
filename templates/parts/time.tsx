// Times as people say them, with the exact one in `datetime` and on hover. Instants are milliseconds since 1970.

/** "6 min ago", or "6 min" when short. `null` says "never". */
export function Time({ at, now, short }: { at: number | null; now: number; short?: boolean }) {
  if (at === null) return <span class="muted">never</span>;
  return (
    <time datetime={new Date(at).toISOString()} title={exact(at)}>
      {short ? shortly(at, now) : relative(at, now)}
    </time>
  );
}

/** The clock time in UTC with seconds, for logs and steps. */
export function Clock({ at }: { at: number }) {
  return (
    <time datetime={new Date(at).toISOString()} title={exact(at)}>
      {new Date(at).toISOString().slice(11, 19)}
    </time>
  );
}

/** "30 Nov, 19:14" in UTC, for records. */
export function Moment({ at, now, seconds }: { at: number; now: number; seconds?: boolean }) {
  const clock = new Date(at).toISOString().slice(11, seconds ? 19 : 16);
  return (
    <time datetime={new Date(at).toISOString()} title={exact(at)}>
      {`${date(at, now)}, ${clock}`}
    </time>
  );
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** "40 s ago", "6 min ago", "yesterday", "3 days ago", "in 5 days"; from 30 days on the date. */
export function relative(at: number, now: number): string {
  const distance = at > now ? rounded(at - now) : now - at;
  if (distance >= 30 * dayMs) return date(at, now);
  if (distance < 1000) return "just now";
  const isPast = at < now;
  if (distance >= dayMs && distance < 2 * dayMs) return isPast ? "yesterday" : "tomorrow";
  const text = amount(distance);
  return isPast ? `${text} ago` : `in ${text}`;
}

/** As `relative`, without "ago" and "in": "6 min". */
export function shortly(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance >= 30 * dayMs) return date(at, now);
  return distance < 1000 ? "now" : amount(distance);
}

/** "24 Nov", with the year when it is another one. */
export function date(at: number, now: number): string {
  const day = new Date(at);
  const text = `${day.getUTCDate()} ${months[day.getUTCMonth()]}`;
  const isThisYear = day.getUTCFullYear() === new Date(now).getUTCFullYear();
  return isThisYear ? text : `${text} ${day.getUTCFullYear()}`;
}

/** "24 Nov 2026, 12:04:09 UTC". */
export function exact(at: number): string {
  const clock = new Date(at).toISOString().slice(11, 19);
  return `${date(at, Number.NEGATIVE_INFINITY)}, ${clock} UTC`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What was set to end in seven days ends in 7 days, and not in 6, a second later. */
function rounded(distance: number): number {
  const unit = distance < minuteMs ? 1000 : distance < hourMs ? minuteMs : distance < dayMs ? hourMs : dayMs;
  return Math.round(distance / unit) * unit;
}

function amount(distance: number): string {
  if (distance < minuteMs) return `${Math.floor(distance / 1000)} s`;
  if (distance < hourMs) return `${Math.floor(distance / minuteMs)} min`;
  if (distance < dayMs) return `${Math.floor(distance / hourMs)} h`;
  const days = Math.floor(distance / dayMs);
  return `${days} ${days === 1 ? "day" : "days"}`;
}
