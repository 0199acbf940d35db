// The option `--org SLUG` of commands that work on an organization.
import type { App } from "../app.ts";
import { getOrganization, type Organization } from "../store/organizations/organizations.ts";
import type { Arguments, Options } from "./command.ts";

export const organizationOption = {
  org: { type: "string", value: "SLUG", help: "The organization" },
} as const satisfies Options;

/** Fails as wrong usage without the option, and as `notFound` for an unknown slug. */
export function organizationIn(app: App, args: Arguments): Promise<Organization> {
  return getOrganization(app.db, args.required("org"));
}
