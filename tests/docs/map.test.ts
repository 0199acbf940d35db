// The map in docs/architecture.md has every folder, and docs/operations.md every metric.
import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readPage, root } from "./pages.ts";

test("the map names every folder of src, and only what is there", () => {
  const map = readPage("docs/architecture.md").split("## Two paths")[0] ?? "";
  const cells = [...map.matchAll(/^\| (`.*?) *\|/gm)].map(([, cell = ""]) => cell);
  const named = cells.flatMap((cell) => cell.match(/(?<=`)[^`,]+(?=`)/g) ?? []);
  const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((each) =>
    each.isDirectory(),
  );
  expect(folders.filter(({ name }) => !named.includes(`src/${name}`)).map(({ name }) => name)).toEqual([]);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("every metric is documented, and every documented one is there", async () => {
  const source = await Bun.file(join(root, "src/http/operations/metric-families.ts")).text();
  const names = source.match(/(?<=")(?:pricore|process)_[a-z_]+(?=")/g) ?? [];
  const documented = readPage("docs/operations.md").match(/(?<=`)(?:pricore|process)_[a-z_]+(?=`)/g) ?? [];
  expect(names.length).toBeGreaterThan(20);
  expect(documented.toSorted()).toEqual([...new Set(names)].toSorted());
});
