// "Use in a project", and the page of a new token: the lines as they stand there, run by the real Composer.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { snippets } from "../../../templates/organizations/setup-commands.ts";
import type { TestApp } from "../../worlds/process.ts";
import { composerEnvironment } from "../../tools/composers.ts";
import { finished } from "../../tools/process.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let token: string;
let mia: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  const acme = await world.organization("acme");
  await (
    await world.mirror(acme, "blog", [
      { manifest: { name: "acme/blog" }, files: { "a.php": "<?php" }, tags: ["1.0.0"] },
    ])
  ).sync();
  token = await world.token(acme);
  mia = await signedIn(world, "mia", { roles: { acme: "member" } });
});
afterAll(() => world?.close());

/** The command lines of a page, as text. */
function commandsIn(page: string): string[] {
  const lines = page.matchAll(/<code class="command-line[^"]*">(.*?)<\/code>/gs);
  const text = [...lines].map(([, line = ""]) => line.replace(/<[^>]*>/g, ""));
  return text.map((line) =>
    line
      .replace(/&quot;/g, '"')
      .replace(/&#39;/g, "'")
      .replace(/&amp;/g, "&"),
  );
}

/** A folder with a Composer of its own that knows no other registry. */
async function project(): Promise<{
  dir: string;
  run(line: string, env?: Record<string, string>): Promise<number>;
}> {
  const dir = await mkdtemp(join(world.folder, "project-"));
  const home = join(dir, "home");
  await mkdir(home);
  await Bun.write(join(dir, "composer.json"), JSON.stringify({ repositories: { "packagist.org": false } }));
  return {
    dir,
    async run(line, env = {}) {
      const own = { ...composerEnvironment(home), PATH: process.env["PATH"], HOME: home, ...env };
      const { code, stderr, stdout } = await finished(["sh", "-c", line], { cwd: dir, env: own });
      if (code !== 0) console.error(line, stdout, stderr);
      return code;
    },
  };
}

const start = (lines: string[]) => lines.filter((line) => line.startsWith("composer "));
const isThere = (dir: string) => Bun.file(join(dir, "vendor/acme/blog/a.php")).exists();

test("FU9: every member is led to the lines that install a package, and they do", async () => {
  const use = "/organizations/acme/use?package=acme%2Fblog";
  expect(await mia.read("/organizations/acme")).toContain('href="/organizations/acme/use"');
  expect(await mia.read("/organizations/acme/packages/acme/blog")).toContain(`href="${use}"`);
  const page = await mia.read(use);
  expect(page).toContain('href="/account/tokens/new"');
  const { dir, run } = await project();
  const lines = start(commandsIn(page)).filter((line) => !line.startsWith("composer install"));
  expect(lines.at(-1)).toBe("composer require acme/blog");
  for (const line of lines) expect([line, await run(line.replace("TOKEN", token))]).toEqual([line, 0]);
  expect(await isThere(dir)).toBe(true);
});

test("FU9: the lines for CI systems and image builds install with the secret that the page shows", async () => {
  const commands = commandsIn(await mia.read("/organizations/acme/use"));
  const auth = (commands.find((line) => line.startsWith("{")) ?? "").replace("TOKEN", token);
  expect(JSON.parse(auth)).toHaveProperty("http-basic");
  const { dir, run } = await project();
  for (const line of start(commands).filter((line) => / config (?:rep|sec)/.test(line)))
    expect(await run(line)).toBe(0);
  expect(await run("composer require acme/blog", { COMPOSER_AUTH: auth })).toBe(0);
  const file = join(dir, "auth-of-build.json");
  await Bun.write(file, auth);
  for (const { name, lines } of snippets()) {
    await rm(join(dir, "vendor"), { recursive: true });
    const step = lines.findLast((line) => line.includes("composer install")) ?? "";
    const command = step.replace(/^[\s-]*(?:run: )?/, "").replace("/tmp/auth.json", file);
    const env: Record<string, string> = name === "Docker" ? {} : { COMPOSER_AUTH: auth };
    expect([name, await run(command, env), await isThere(dir)]).toEqual([name, 0, true]);
  }
});

test("FU8: the lines beside a new token work as they are pasted, on plain http and to the end", async () => {
  const ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  const made = await ann.post("/organizations/acme/settings/tokens", { name: "ci", expires: "30" });
  const page = await ann.read(made.headers.get("location") ?? "");
  const { dir, run } = await project();
  const lines = start(commandsIn(page));
  expect(lines.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
    "composer config --global",
    "composer config repositories.acme",
    "composer config secure-http",
    "composer require acme/blog",
  ]);
  for (const line of lines) expect([line, await run(line)]).toEqual([line, 0]);
  expect(await isThere(dir)).toBe(true);
});
