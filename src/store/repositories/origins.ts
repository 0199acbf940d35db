// Where repositories and accounts of all organizations are.
import type { Db } from "../engine/database.ts";

const maxRows = 1000;

/** Each once: `https://github.com`. Addresses of SSH and of local folders are left out. */
export async function listOrigins(db: Db): Promise<string[]> {
  const [repositories, accounts] = await Promise.all([
    db.read.selectFrom("repositories").select("url").orderBy("id").limit(maxRows).execute(),
    db.read
      .selectFrom("credentials")
      .select("origin")
      .where("origin", "is not", null)
      .limit(maxRows)
      .execute(),
  ]);
  const urls = [...repositories.map(({ url }) => url), ...accounts.map(({ origin }) => origin ?? "")];
  return [...new Set(urls.flatMap((url) => (/^https?:/.test(url) ? (URL.parse(url)?.origin ?? []) : [])))];
}

/** One repository for each credential and each organization's URLs without one, with the organization's slug. */
export function listSampleRepositories(db: Db, limit: number) {
  return db.read
    .selectFrom("repositories")
    .innerJoin("organizations", "organizations.id", "repositories.organization_id")
    .selectAll("repositories")
    .select("organizations.slug")
    .where(({ eb, selectFrom }) =>
      eb(
        "repositories.id",
        "in",
        selectFrom("repositories as each")
          .select(({ fn }) => fn.min("each.id").as("id"))
          .groupBy(["each.organization_id", "each.credential_id", "each.provider"]),
      ),
    )
    .orderBy("repositories.id")
    .limit(limit)
    .execute();
}

/** Accounts at forges of every organization. */
export function listAllAccounts(db: Db, limit: number) {
  return db.read
    .selectFrom("credentials")
    .innerJoin("organizations", "organizations.id", "credentials.organization_id")
    .selectAll("credentials")
    .select("organizations.slug")
    .where("credentials.provider", "is not", null)
    .orderBy("credentials.id")
    .limit(limit)
    .execute();
}
