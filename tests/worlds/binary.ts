// The built binary as a server behind a recorder, and commands of it, as an operator would give them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandOutcome } from "../tools/binary.ts";
import { startRegistry, type Registry } from "../tools/registry.ts";

export type Organization = { slug: string; url: string; token: string };

/** What `package show --json` says. */
export type PackageReport = {
  name: string;
  latest: string;
  downloads: number;
  versions: { version: string; versionNormalized: string; reference: string; downloads: number }[];
};

export type BinaryWorld = {
  registry: Registry;
  /** For all that a test writes; gone at the end. */
  folder: string;
  /** A new organization with a token that sees all of it. */
  organization(slug: string): Promise<Organization>;
  /** Another token of it; `args` as in `token create`. */
  token(org: Organization, name: string, ...args: string[]): Promise<string>;
  show(org: Organization, name: string): Promise<PackageReport>;
  /** A command that must succeed. */
  pricore(...args: string[]): Promise<CommandOutcome>;
  close(): Promise<void>;
};

export async function openBinary(env: Record<string, string> = {}): Promise<BinaryWorld> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-world-"));
  const registry = await startRegistry(env);
  const pricore = async (...args: string[]): Promise<CommandOutcome> => {
    const outcome = await registry.pricore(args);
    if (outcome.code !== 0) {
      throw new Error(
        `pricore ${args.join(" ")} ended with ${outcome.code}:\n${outcome.stderr}${outcome.stdout}`,
      );
    }
    return outcome;
  };
  const token: BinaryWorld["token"] = async ({ slug }, name, ...args) =>
    (await pricore("token", "create", "--org", slug, "--name", name, ...args)).stdout.trim();
  return {
    registry,
    folder,
    pricore,
    token,
    async organization(slug) {
      await pricore("org", "create", slug, "--name", slug);
      const org = { slug, url: `${registry.url}/${slug}`, token: "" };
      return { ...org, token: await token(org, "ci") };
    },
    show: async (org, name) => (await pricore("package", "show", "--org", org.slug, name, "--json")).json(),
    async close() {
      await registry.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
