// Ratios that are stable on a noisy machine: both sides alternate in one run, and the median of the rounds counts.

export type Figure = { name: string; ratio: number; low: number; high: number; note: string };

export type Sides = {
  name: string;
  rounds: number;
  /** Preparation of a round that is not measured. */
  prepare?: () => Promise<unknown>;
  ours: () => Promise<number>;
  reference: () => Promise<number>;
};

/** Each side answers its measure; `ratio` is ours divided by the reference's, round by round. */
export async function measure({ name, rounds, prepare, ours, reference }: Sides): Promise<Figure> {
  const ratios: number[] = [];
  const both: string[] = [];
  for (let round = 0; round < rounds; round++) {
    await prepare?.();
    // The order alternates, so that neither side always runs after the other has warmed or heated the machine.
    const first = round % 2 === 0;
    const early = await (first ? ours() : reference());
    const late = await (first ? reference() : ours());
    const [a, b] = first ? [early, late] : [late, early];
    ratios.push(a / b);
    both.push(`${rounded(a)}/${rounded(b)}`);
  }
  const sorted = ratios.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return { name, ratio: at(0.5), low: at(0), high: at(1), note: both.join("  ") };
}

export function print(title: string, figures: Figure[]): void {
  console.log(`\n${title}`);
  const width = Math.max(...figures.map((figure) => figure.name.length));
  for (const { name, ratio, low, high, note } of figures)
    console.log(
      `  ${name.padEnd(width)}  ${ratio.toFixed(2)}  (${low.toFixed(2)} to ${high.toFixed(2)})  ${note}`,
    );
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
