// The first lines that a newcomer types, as they are printed in the manual, and what each of them says.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { composerEnvironment } from "../tools/composers.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { finished, type Outcome } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { binary, type Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

const story = `
pricore org create acme --name "Acme"
pricore repo add --org acme https://git.example.com/acme/blog.git --sync --wait
TOKEN=$(pricore token create --org acme --name ci)
composer config repositories.acme composer http://localhost:8000/acme
composer config http-basic.localhost:8000 token "$TOKEN"
composer require acme/blog
`;

let ann: Operator;
let git: GitHttpServer;
let server: Served;

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  git = startGitHttp({ root: ann.folder });
  await makeRepository(ann.folder, "acme/blog", [
    { manifest: "{", tags: ["0.9.0"] },
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
  ]);
  server = await ann.serve();
});
afterAll(async () => {
  await git?.stop();
  await ann?.close();
});

test("the story leads from an empty registry to an installed package", async () => {
  const { code, stdout, stderr } = await tell(story);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const output = stdout.replaceAll(server.url, "http://localhost:8000");
  expect(output).toContain("Added Acme; its packages are at http://localhost:8000/acme\n");
  expect(output).toMatch(/^blog: 2 added, 0 updated, 0 removed, 1 skipped in [\d.]+ s$/m);
  expect(output).toMatch(/^ {2}Skipped: Tag 0\.9\.0: .*composer\.json/m);
  expect(stderr).toContain(`Added blog (${git.url}/acme/blog.git).`);
  expect(stdout + stderr).not.toContain("prc_");
  expect(await Bun.file(join(ann.folder, "site/vendor/acme/blog/composer.json")).exists()).toBe(true);
});

test("run a second time it stops at the first line and says why, and changes nothing", async () => {
  const before = await ann.json("repo", "list", "--org", "acme");
  const { code, stderr } = await tell(story);
  expect(code).toBe(1);
  expect(stderr.trim()).toBe('The organization "acme" already exists.');
  expect(await ann.json<unknown>("repo", "list", "--org", "acme")).toEqual(before);
});

/** Runs the lines as a shell does. */
async function tell(lines: string): Promise<Outcome> {
  const [home, project] = [join(ann.folder, "home"), join(ann.folder, "site")];
  // Composer refuses plain http unless its configuration says otherwise, and Packagist has no part in this.
  const configuration = { config: { "secure-http": false }, repositories: [{ "packagist.org": false }] };
  await Bun.write(join(home, "config.json"), JSON.stringify(configuration));
  await Bun.write(join(project, "composer.json"), "{}");
  const script = lines
    .replaceAll("https://git.example.com", git.url)
    .replaceAll("localhost:8000", `127.0.0.1:${server.port}`);
  return finished(["bash", "-ec", `pricore() { '${binary}' "$@"; }\n${script}`], {
    cwd: project,
    env: {
      ...composerEnvironment(home),
      DATA_DIR: ann.dataDir,
      APP_URL: server.url,
      OUTBOUND_ALLOW: "127.0.0.1",
      COMPOSER_NO_INTERACTION: "1",
    },
    timeoutMs: 60_000,
  });
}
