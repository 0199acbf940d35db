// Two organizations on one server of the built binary, with a token of every kind. acme has acme/blog and
// acme/shop; the other one has other/ledger, which nobody of acme may ever learn of.
import { type Published } from "../worlds/published.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import { addMember, databaseBeside } from "./database-beside.ts";
import { until } from "../tools/until.ts";
import { eventsIn } from "../tools/world.ts";
import { openWorld } from "../worlds/world.ts";

export type Tenants = Published & {
  ledger: GitRepository;
  /** The path of the ledger's archive below its own organization. */
  ledgerDist: string;
  tokens: Record<Held, string>;
  /** Lines of the server's log with this event. */
  logged(event: string): Record<string, unknown>[];
  /** How many rows of a table there are; `where` in SQL. */
  count(table: string, where?: string): number;
};

/** All are held against acme. */
export type Held =
  "random" | "own" | "seeing" | "blind" | "foreign" | "member" | "stranger" | "expired" | "revoked";

export const secretOfOther = "The other's private ledger";

export async function openTenants(env: Record<string, string> = {}): Promise<Tenants> {
  const ground = await openWorld({ in: "shell", published: true, env: env });
  const { ann } = ground;
  const shop = await makeRepository(ann.folder, "acme/shop", [
    { manifest: { name: "acme/shop", provide: { "acme/contract": "1.0.0" } }, tags: ["1.0.0"] },
  ]);
  const ledger = await makeRepository(ann.folder, "other/ledger", [
    { manifest: { name: "other/ledger", description: secretOfOther }, tags: ["7.7.7"] },
  ]);
  await ann.must("repo", "add", "--org", "acme", shop.path, "--sync", "--wait");
  await ann.must("repo", "add", "--org", "other", ledger.path, "--sync", "--wait");
  const count = (table: string, where = "1 = 1") => {
    using database = databaseBeside(ann.dataDir);
    return (
      database.query<{ n: number }, []>(`select count(*) as n from ${table} where ${where}`).get()?.n ?? 0
    );
  };
  return {
    ...ground,
    ledger,
    ledgerDist: `/other/dists/other/ledger/7.7.7/${await ledger.reference("7.7.7")}.zip`,
    tokens: await makeTokens(ground),
    logged: (event) => eventsIn(ground.server.printed(), event),
    count,
  };
}

async function makeTokens(ground: Published): Promise<Record<Held, string>> {
  const { ann, makeToken } = ground;
  for (const name of ["ann", "ben"])
    await ann.run(["user", "create", "--email", `${name}@acme.test`, "--name", name, "--password-stdin"], {
      stdin: `a long password of ${name}`,
    });
  addMember(ann.dataDir, { slug: "acme", email: "ann@acme.test", role: "member" });
  addMember(ann.dataDir, { slug: "other", email: "ben@acme.test", role: "member" });
  const personal = (name: string) =>
    ann.must("token", "create", "--user", `${name}@acme.test`, "--name", "laptop");
  const revoked = await makeToken("revoked");
  const list = await ann.json<{ id: string; name: string }[]>("token", "list", "--org", "acme");
  await ann.must("token", "revoke", list.find(({ name }) => name === "revoked")?.id ?? "");
  const expired = await makeToken("expired", "--expires", "1s");
  const tokens = {
    random: `prc_${"q".repeat(46)}`,
    own: ground.token,
    seeing: await makeToken("seeing", "--package", "acme/blog"),
    blind: await makeToken("blind", "--package", "acme/shop"),
    foreign: ground.foreign,
    member: await personal("ann"),
    stranger: await personal("ben"),
    expired,
    revoked,
  };
  await until(async () => (await ground.ask("/acme/list.json", { token: expired })).status === 401);
  return tokens;
}
