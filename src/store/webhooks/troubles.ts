// Webhooks of all organizations that do not work.
import type { Db } from "../engine/database.ts";

const maxRows = 20;

type WebhookTrouble = {
  slug: string;
  name: string;
  /** `refused`: everything that arrived since then was refused. */
  trouble: "missing" | "failed" | "refused";
  error: string | null;
};

export async function listWebhookTroubles(
  db: Db,
  since: number,
): Promise<{ total: number; troubles: WebhookTrouble[] }> {
  const from = () =>
    db.read
      .selectFrom("webhooks")
      .innerJoin("repositories", "repositories.id", "webhooks.repository_id")
      .innerJoin("organizations", "organizations.id", "webhooks.organization_id")
      .select(["organizations.slug", "repositories.name", "webhooks.state", "webhooks.error"]);
  const [{ total }, states, refused] = await Promise.all([
    db.read
      .selectFrom("webhooks")
      .select(({ fn }) => fn.countAll<number>().as("total"))
      .executeTakeFirstOrThrow(),
    from()
      .where("webhooks.state", "in", ["missing", "failed"])
      .orderBy("repositories.id")
      .limit(maxRows)
      .execute(),
    from()
      .where(({ exists, not, and, selectFrom }) => {
        const deliveries = selectFrom("deliveries")
          .select("deliveries.id")
          .whereRef("deliveries.repository_id", "=", "webhooks.repository_id")
          .where("deliveries.received_at", ">=", since);
        return and([
          exists(deliveries.where("deliveries.verdict", "=", "refused")),
          not(exists(deliveries.where("deliveries.verdict", "!=", "refused"))),
        ]);
      })
      .where("webhooks.state", "not in", ["missing", "failed"])
      .orderBy("repositories.id")
      .limit(maxRows)
      .execute(),
  ]);
  const troubles = [
    ...states.map((row) => ({
      ...row,
      trouble: row.state === "missing" ? ("missing" as const) : ("failed" as const),
    })),
    ...refused.map((row) => ({ ...row, trouble: "refused" as const })),
  ];
  return {
    total,
    troubles: troubles.map(({ slug, name, trouble, error }) => ({ slug, name, trouble, error })),
  };
}
