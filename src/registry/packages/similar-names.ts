// "Did you mean …?": the names that are the fewest keystrokes away. Pure.

/** Returns at most three names, the closest first, and none that differs by too many letters. */
export function similarNames(typed: string, names: string[]): string[] {
  const query = typed.toLowerCase().slice(0, 60);
  const farthest = query.length < 4 ? 1 : Math.max(2, Math.floor(query.length / 3));
  const found: { name: string; distance: number; start: number }[] = [];
  for (const name of names) {
    const rest = name.slice(name.indexOf("/") + 1);
    const distance = Math.min(distanceOf(query, rest, farthest), distanceOf(query, name, farthest));
    if (distance <= farthest) found.push({ name, distance, start: commonStart(query, rest) });
  }
  return found
    .toSorted((a, b) => a.distance - b.distance || b.start - a.start)
    .slice(0, 3)
    .map(({ name }) => name);
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** Counts letters to add, remove, change or swap with their neighbor; gives up beyond `limit`. */
function distanceOf(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1;
      let value = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, (before[j - 2] ?? 0) + 1);
      next.push(value);
      if (value < least) least = value;
    }
    if (least > limit + 1) return limit + 1;
    [before, row] = [row, next];
  }
  return row[b.length] ?? limit + 1;
}
