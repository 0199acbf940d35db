// What is inside the executable is named with its license, by the executable itself.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { collectNotices, type Notice } from "../../src/licenses/collect.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

const root = resolve(import.meta.dir, "../..");
type PackageFile = { dependencies: Record<string, string> };
const ours = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as PackageFile;

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell" })));
afterEach(() => ann.close());

describe("the licenses of the executable", () => {
  test("name every dependency, its version and its text, and need neither data nor a sound environment", async () => {
    const { code, stdout } = await ann.run(["licenses", "--json"], { env: { PORT: "http" } });
    expect(code).toBe(0);
    const notices = JSON.parse(stdout) as Notice[];
    // The runtime is named in its own words; its types are not inside.
    const inside = Object.entries(ours.dependencies).filter(([name]) => !name.startsWith("bun"));
    for (const [name, version] of inside.filter(([each]) => each !== "bun"))
      expect(notices.find((each) => each.name === name)).toMatchObject({ name, version });
    for (const name of ["Pricore", "Bun", "Geist", "Geist Mono", "Lucide", "jose", "ms"])
      expect([name, notices.some((each) => each.name === name && each.text !== null)]).toEqual([name, true]);
    expect(notices.filter(({ license }) => license === "")).toEqual([]);
    const bun = notices.find(({ name }) => name === "Bun");
    for (const part of ["JavaScriptCore", "LGPL-2", "https://bun.com/docs/project/license", "WebKit"])
      expect(bun?.text).toContain(part);
    // Those that build and test it are not inside.
    expect(notices.filter(({ name }) => ["typescript", "oxlint", "axe-core"].includes(name))).toEqual([]);
  });

  test("are printed as a list, and then one text after the other", async () => {
    const { code, stdout } = await ann.run(["licenses"]);
    expect(code).toBe(0);
    expect(stdout).toStartWith("Pricore 0.1.0 (MIT)\nBun ");
    expect(stdout).toContain(`elysia ${ours.dependencies["elysia"]} (MIT)\n`);
    expect(stdout).toContain("SIL OPEN FONT LICENSE");
    expect(stdout.match(/^-{80}$/gm)?.length).toBeGreaterThan(90);
  });
});

describe("collecting them", () => {
  function folderOf(name: string, manifest: object, files: Record<string, string> = {}): string {
    const folder = join(ann.folder, "node_modules", name);
    mkdirSync(folder, { recursive: true });
    const all = { ...files, "package.json": JSON.stringify({ name, version: "1.0.0", ...manifest }) };
    for (const [file, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return join(folder, "index.js");
  }
  const found = (name: string, files: string[]) =>
    collectNotices(root, files).find((each) => each.name === name);

  test("takes text and notice of a package, and the innermost where one lies in another", () => {
    const outer = folderOf(
      "outer",
      { license: "MIT" },
      { LICENSE: "You may.\r\n", "NOTICE.txt": "By\tAnn.\u001b[1m" },
    );
    const inner = folderOf("outer/node_modules/@ann/inner", {
      name: "@ann/inner",
      licenses: [{ type: "ISC" }],
    });
    expect(found("outer", [outer, inner])).toMatchObject({
      license: "MIT",
      text: "You may.\n\nBy    Ann.[1m",
    });
    expect(found("@ann/inner", [outer, inner])).toMatchObject({ license: "ISC", text: null });
    const only = folderOf("only-text", {}, { "COPYING.md": "As you like." });
    expect(found("only-text", [only])).toMatchObject({ license: "see its text", text: "As you like." });
  });

  test("fails for a package that has neither a text nor a license field", () => {
    const silent = folderOf("silent", {});
    expect(() => collectNotices(root, [silent])).toThrow(
      "silent has neither a license text nor a license field",
    );
  });
});
