// The first story a newcomer reads, word for word but for the addresses: commands of the binary, then Composer.

import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { composerEnvironment, type Composer } from "../tools/composers.ts";
import { startGitHttp } from "../tools/servers/git-http-server.ts";
import { finished, type Outcome } from "../tools/process.ts";
import { startRegistry } from "../tools/registry.ts";
import { makeRepository } from "../tools/repositories.ts";
import { withEachComposer } from "./clients.ts";
import { binary } from "../tools/binary.ts";

const story = `
pricore org create acme --name "Acme"
pricore repo add --org acme https://git.example.com/acme/blog.git --sync --wait
TOKEN=$(pricore token create --org acme --name ci)
composer config repositories.acme composer http://localhost:8000/acme
composer config http-basic.localhost:8000 token "$TOKEN"
composer require acme/blog
`;

withEachComposer((composer) => {
  test("the story from an empty registry to an installed package works as it is printed", async () => {
    const { outcome, installed } = await tell(composer, story);
    expect(outcome).toMatchObject({ code: 0 });
    expect(installed).toBe(true);
  });

  test("the same story without the line that hands over the token ends in an error", async () => {
    const { outcome, installed } = await tell(composer, story.replace(/^composer config http-basic.*$/m, ""));
    expect(outcome.code).not.toBe(0);
    expect(installed).toBe(false);
  });
});

/** Runs the lines as a shell does, beside a fresh server. */
async function tell(composer: Composer, lines: string): Promise<{ outcome: Outcome; installed: boolean }> {
  const folder = await mkdtemp(join(tmpdir(), "story-"));
  const home = join(folder, "home");
  const project = join(folder, "site");
  await makeRepository(folder, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  const git = startGitHttp({ root: folder });
  const registry = await startRegistry();
  // Composer refuses plain http unless its configuration says otherwise, and Packagist has no part in this.
  const configuration = { config: { "secure-http": false }, repositories: [{ "packagist.org": false }] };
  await Bun.write(join(home, "config.json"), JSON.stringify(configuration));
  await Bun.write(join(project, "composer.json"), "{}");
  const command = composer.command.map((word) => `'${word}'`).join(" ");
  const script = lines
    .replaceAll("https://git.example.com", git.url)
    .replaceAll("localhost:8000", new URL(registry.url).host);
  try {
    const outcome = await finished(
      ["bash", "-ec", `composer() { command ${command} --no-interaction "$@"; }\n${script}`],
      {
        cwd: project,
        env: {
          ...composerEnvironment(home),
          PATH: [dirname(binary), process.env.PATH].join(delimiter),
          DATA_DIR: registry.dataDir,
          APP_URL: registry.url,
          OUTBOUND_ALLOW: "127.0.0.1",
        },
        timeoutMs: 60_000,
      },
    );
    return { outcome, installed: await Bun.file(join(project, "vendor/acme/blog/composer.json")).exists() };
  } finally {
    await registry.close();
    await git.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
