/** Round steps (1, 2, 2.5, 5 × 10ⁿ) from zero to just above the highest value; three to five lines. */
export function scaleOf(highest: number): { top: number; steps: number[] } {
  if (highest <= 0) return { top: 1, steps: [0] };
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const whole = Number.isInteger(highest) && step < 1 ? 1 : step;
  const steps: number[] = [];
  for (let at = 0; at <= highest + 1e-9; at += whole) steps.push(Number(at.toPrecision(6)));
  return { top: Math.max(highest * 1.04, steps.at(-1) ?? 1), steps };
}
