// Organizations whose address this version needs for itself.
import { reservedSlugs } from "../../registry/organizations/organizations.ts";
import { listOrganizations } from "../../store/organizations/organizations.ts";
import { listed, ok, warn, withApp, type Check } from "../check.ts";

export const slugs: Check = {
  id: "slugs",
  title: "Addresses of organizations",
  run: withApp(async ({ db }) => {
    const taken = (await listOrganizations(db))
      .map(({ slug }) => slug)
      .filter((slug) => reservedSlugs.has(slug));
    const [first] = taken;
    if (first === undefined)
      return ok(`No organization has one of the ${reservedSlugs.size} reserved addresses.`);
    return warn(`The address of ${listed(taken)} is that of a page of Pricore.`, {
      advice: "The page is below /account meanwhile.",
      remedy: { do: "rename-organization", organization: first },
    });
  }),
};
