// Adding a repository with its first sync, and what the two say.
import { databaseBeside } from "../attacks/database-beside.ts";
import type { Operator, RunOptions } from "../worlds/shell.ts";

export type Sync = {
  outcome: string;
  error: string | null;
  added: number;
  skipped: { ref: string; reason: string }[];
};

/** `value` is the printed object: the repository, and `sync` when it came so far. */
export type Added = {
  code: number;
  stdout: string;
  stderr: string;
  value: { sync?: Sync } | null;
  sync?: Sync;
};

/** `repo add --org … --sync --wait --json`. */
export async function addAndSync(
  { run }: Operator,
  org: string,
  words: (string | RunOptions)[],
): Promise<Added> {
  const args = words.filter((word) => typeof word === "string");
  const options = words.find((word) => typeof word !== "string") ?? {};
  const { code, stdout, stderr } = await run(
    ["repo", "add", "--org", org, ...args, "--sync", "--wait", "--json"],
    options,
  );
  const value = stdout === "" ? null : (JSON.parse(stdout) as { sync?: Sync });
  return { code, stdout, stderr, value, ...(value?.sync ? { sync: value.sync } : {}) };
}

/** How many rows of the organization there are, and how many jobs of anybody wait. */
export function rowsOf({ dataDir }: Operator, org: string) {
  using database = databaseBeside(dataDir);
  const count = (query: string, ...values: string[]) =>
    database.query<{ count: number }, string[]>(`select count(*) as count from ${query}`).get(...values)
      ?.count;
  const of = (table: string) =>
    count(`${table} join organizations o on o.id = organization_id where slug = ?`, org);
  const jobs = count("jobs where state = 'waiting'");
  return { repositories: of("repositories"), credentials: of("credentials"), jobs };
}
