// "Use in a project": for every member, from the overview and from each package.
import { UsePage } from "../../../../templates/organizations/use.tsx";
import { isPackageName } from "../../../composer/name.ts";
import { findNewestPackageName, findPackage } from "../../../store/packages/packages.ts";
import type { Db } from "../../../store/engine/database.ts";
import { routesOf } from "../../access.ts";
import { page, type PageSetup } from "../../page.ts";

export function usePages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "use").get(
    "/organizations/:slug/use",
    async ({ context, membership, query }) => {
      const { id, slug } = membership.organization;
      const named = query["package"];
      const isThere = named !== undefined && isPackageName(named) && !(await isDeleted(app.db, id, named));
      const example = isThere ? named : await findNewestPackageName(app.db, id);
      return page(setup, context, { render: (shell) => UsePage({ shell, slug, example }) });
    },
    { member: "member" },
  );
}

/** Nobody can require it. */
async function isDeleted(db: Db, organizationId: string, name: string): Promise<boolean> {
  const pkg = await findPackage(db, organizationId, name);
  return pkg !== null && pkg.removed_at !== null;
}
