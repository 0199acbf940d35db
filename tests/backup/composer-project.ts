// A project of a real Composer that installs from one registry.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { composerEnvironment } from "../tools/composers.ts";
import { finished, type Outcome } from "../tools/process.ts";

export type ComposerProject = {
  run(...args: string[]): Promise<Outcome>;
  /** Removes what is installed and cached; the lock file stays. */
  forget(): Promise<void>;
  has(path: string): boolean;
};

export type ProjectOptions = { folder: string; url: string; organization: string; token: string };

export async function composerProject(options: ProjectOptions): Promise<ComposerProject> {
  const dir = await mkdtemp(join(options.folder, "project-"));
  const home = await mkdtemp(join(options.folder, "home-"));
  const repositories = [
    { type: "composer", url: `${options.url}/${options.organization}` },
    { "packagist.org": false },
  ];
  await Bun.write(
    join(dir, "composer.json"),
    JSON.stringify({ repositories, config: { "secure-http": false } }),
  );
  const credentials = { [new URL(options.url).host]: { username: "token", password: options.token } };
  await Bun.write(join(home, "auth.json"), JSON.stringify({ "http-basic": credentials }));
  return {
    run: (...args) =>
      finished(["composer", ...args, "--no-interaction"], {
        cwd: dir,
        env: { ...composerEnvironment(home), COMPOSER_NO_INTERACTION: "1" },
        timeoutMs: 60_000,
      }),
    async forget() {
      for (const path of [join(dir, "vendor"), join(home, "cache"), join(home, ".cache")])
        await rm(path, { recursive: true, force: true });
    },
    has: (path) => existsSync(join(dir, path)),
  };
}
