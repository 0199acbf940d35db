// Makes `public/geist.woff2`, `public/geist-mono.woff2` and their license from the packages: `bun tests/tools/checks/fonts.ts`.
// Only the characters of Western European text and the weights that the style sheets use are kept, so that both
// together stay below 40 KB; every other character comes from the reader's own fonts.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import subsetFont from "subset-font";

const between = (first: number, last: number) =>
  String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, at) => first + at));
const characters = `${between(0x20, 0x7e)}${between(0xa0, 0xff)}–—‘’‚“”„•…‹›€™←↑→↓↵−⌘`;
const weights = { wght: { min: 400, max: 600, default: 400 } };
const folder = join(import.meta.dir, "../../../public");

for (const name of ["geist", "geist-mono"]) {
  const source = dirname(fileURLToPath(import.meta.resolve(`@fontsource-variable/${name}/package.json`)));
  const whole = readFileSync(join(source, `files/${name}-latin-wght-normal.woff2`));
  const options = { targetFormat: "woff2" as const, variationAxes: weights };
  const part = await subsetFont(whole, characters, options);
  writeFileSync(join(folder, `${name}.woff2`), part);
  writeFileSync(join(folder, `${name}-license.txt`), readFileSync(join(source, "LICENSE")));
}
