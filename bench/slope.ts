// The slope of a measure over several runs of a process.

/** `life` numbers the processes, `ageMs` is the age of this one. */
export type Sample = { life: number; ageMs: number; value: number };

/** Units per minute, by least squares; every life has its own level, and all share one slope. */
export function slope(samples: Sample[]): number {
  let [together, spread] = [0, 0];
  for (const life of Map.groupBy(samples, (sample) => sample.life).values()) {
    const age = mean(life.map(({ ageMs }) => ageMs));
    const level = mean(life.map(({ value }) => value));
    for (const { ageMs, value } of life) {
      together += (ageMs - age) * (value - level);
      spread += (ageMs - age) ** 2;
    }
  }
  return spread === 0 ? Number.NaN : (together / spread) * 60_000;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
