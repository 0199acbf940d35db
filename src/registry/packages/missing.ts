// Names of the organization's own vendors that its packages require and that nobody has added: Composer cannot get them
// from anywhere else, so every install that needs one fails.
import type { App } from "../../app.ts";
import { vendorOf } from "../../composer/name.ts";
import { listUnmetRequirements } from "../../store/packages/dependencies.ts";
import { listVendors } from "../../store/organizations/vendors.ts";

export type MissingPackage = {
  name: string;
  /** Packages whose newest version requires it, by name. */
  requiredBy: string[];
};

/** Sorted by name. With `requiredBy`, only what this package requires. */
export async function listMissingPackages(
  { db }: App,
  organizationId: string,
  { requiredBy }: { requiredBy?: string } = {},
): Promise<MissingPackage[]> {
  const vendors = await listVendors(db, organizationId);
  const rows = await listUnmetRequirements(db, organizationId, { vendors, requiredBy });
  const own = rows.filter(({ requires }) => vendors.includes(vendorOf(requires)));
  const byName = Map.groupBy(own, ({ requires }) => requires);
  return [...byName].map(([name, requiring]) => ({
    name,
    requiredBy: requiring.map(({ package_name }) => package_name),
  }));
}
