// Who may see the job dashboard: administrators of the instance, and users whose address the operator has listed.
import type { App } from "../../app.ts";
import { invalid } from "../../errors.ts";
import { findOrganization } from "../../store/organizations/organizations.ts";
import type { User } from "../../store/accounts/users.ts";
import { reservedSlugs } from "../organizations/organizations.ts";

/** A listed address counts only when it is verified. */
export function mayOperate({ config }: Pick<App, "config">, user: User): boolean {
  if (user.is_admin === 1) return true;
  return user.email_verified_at !== null && config.horizon.emails.includes(user.email.toLowerCase());
}

/** Checked at the start: a path that leads elsewhere cannot be the path of the dashboard. */
export async function refuseTakenHorizonPath({ config, db }: App): Promise<void> {
  const first = config.horizon.path.split("/")[0] ?? "";
  const isOurs = reservedSlugs.has(first) && first !== "horizon";
  if (isOurs || (await findOrganization(db, first)))
    throw invalid(
      `HORIZON_PATH is "${config.horizon.path}", and /${first} is already used for something else.`,
      {
        code: "horizon_path_taken",
        advice: "Choose another path, or leave it empty to use /horizon.",
      },
    );
}
