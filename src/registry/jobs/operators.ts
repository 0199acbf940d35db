// Who sees the machine work: administrators of the instance, and people whom the operator named by their address.
import type { App } from "../../app.ts";
import { invalid } from "../../errors.ts";
import { findOrganization } from "../../store/organizations/organizations.ts";
import type { User } from "../../store/accounts/users.ts";
import { reservedSlugs } from "../organizations/organizations.ts";

/** An address that nobody has proven to be theirs opens nothing. */
export function mayOperate({ config }: Pick<App, "config">, user: User): boolean {
  if (user.is_admin === 1) return true;
  return user.email_verified_at !== null && config.horizon.emails.includes(user.email.toLowerCase());
}

/** Before anything is served: a path that leads elsewhere already cannot be that of the dashboard. */
export async function refuseTakenHorizonPath({ config, db }: App): Promise<void> {
  const first = config.horizon.path.split("/")[0] ?? "";
  const isOurs = reservedSlugs.has(first) && first !== "horizon";
  if (isOurs || (await findOrganization(db, first)))
    throw invalid(`HORIZON_PATH is "${config.horizon.path}", and /${first} leads elsewhere already.`, {
      code: "horizon_path_taken",
      advice: "Choose another path, or leave it out for /horizon.",
    });
}
