import { expect, test, describe } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";

const folder = join(import.meta.dir, "../../public/css");
const css = await Bun.file(join(folder, "tokens.css")).text();

const text = 4.5;
const shape = 3;

/** What stands on what, and the ratio that WCAG asks for. */
const pairs: [front: string, ground: string, limit: number][] = [
  ...["canvas", "sunken"].flatMap((ground): [string, string, number][] =>
    ["ink", "ink-2", "ink-3", "accent", "fresh", "wait"].map((front) => [front, ground, text]),
  ),
  ["ink-3", "rail", text],
  ["ink-2", "rail", text],
  ["ink-3", "raised", text],
  ["ink-2", "raised", text],
  ["ink-3", "accent-wash", text],
  ["accent", "raised", text],
  ["accent", "wait-wash", text],
  ["accent", "fail-wash", text],
  ["accent-strong", "accent-wash", text],
  ["accent-strong", "sunken", text],
  ["on-accent", "accent", text],
  ["on-accent", "accent-strong", text],
  ["fresh", "fresh-wash", text],
  ["ink-2", "fresh-wash", text],
  ["wait", "wait-wash", text],
  ["ink-2", "wait-wash", text],
  ["fail", "canvas", text],
  ["fail", "rail", text],
  ["fail", "raised", text],
  ["fail", "fail-wash", text],
  ["ink-2", "fail-wash", text],
  ["field", "canvas", shape],
  ["field", "raised", shape],
  ["bar", "canvas", shape],
  ["fresh-mark", "canvas", shape],
  ["wait-mark", "canvas", shape],
  ["fail-mark", "canvas", shape],
  ["tick-ok", "canvas", shape],
];

describe("the colours", () => {
  for (const [theme, index] of [
    ["light", 0],
    ["dark", 1],
  ] as const)
    test(`can be told apart in the ${theme} theme`, () => {
      const weak = pairs
        .map(([front, ground, limit]) => ({ front, ground, limit, ratio: contrast(front, ground, index) }))
        .filter(({ ratio, limit }) => !(ratio >= limit));
      expect(weak).toEqual([]);
    });

  test("are measured as the design measured them", () => {
    expect(contrast("ink", "canvas", 0)).toBeCloseTo(17.79, 1);
    expect(contrast("ink-3", "accent-wash", 1)).toBeCloseTo(4.74, 1);
  });

  test("are too weak for text where the design says so", () => {
    expect(contrast("line", "canvas", 0)).toBeLessThan(shape);
    expect(contrast("bar", "canvas", 0)).toBeLessThan(text);
  });

  test("are written in one file", async () => {
    const breaches: string[] = [];
    for (const name of new Glob("**/*.css").scanSync(folder)) {
      if (name === "tokens.css") continue;
      const source = await Bun.file(join(folder, name)).text();
      const found = source.match(/#[0-9a-f]{3,8}\b(?!\w*\s*\{)|\b(rgb|hsl|oklch|light-dark)\(/gi) ?? [];
      breaches.push(...found.filter((each) => each !== "#palette").map((each) => `${name}: ${each}`));
    }
    expect(breaches).toEqual([]);
  });
});

function contrast(front: string, ground: string, theme: 0 | 1): number {
  const [brighter = 0, darker = 0] = [luminance(front, theme), luminance(ground, theme)].toSorted(
    (a, b) => b - a,
  );
  return (brighter + 0.05) / (darker + 0.05);
}

function luminance(name: string, theme: 0 | 1): number {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css) ?? [];
  const hex = theme === 0 ? light : dark;
  if (hex === undefined) throw new Error(`tokens.css has no --${name}`);
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
