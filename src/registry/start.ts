// What a server does before it answers the first request.
import type { App } from "../app.ts";
import { listRepositoriesWithDeliveries } from "../store/deliveries.ts";
import { listOrganizations } from "../store/organizations.ts";
import { listUnfinishedRepositories } from "../store/repositories.ts";
import { findSetting, setSetting } from "../store/settings.ts";
import { documentFormat, publishOrganization } from "./publish.ts";
import { enqueueSync, requestSync } from "./sync.ts";

/** Writes every document anew when APP_URL, or what a document looks like, has changed. */
export async function adoptAppUrl(app: App): Promise<void> {
  const url = await findSetting(app.db, "app_url");
  const format = await findSetting(app.db, "document_format");
  if (url === app.config.appUrl && format === documentFormat) return;
  await app.db.transaction(async (db) => {
    await setSetting(db, "app_url", app.config.appUrl);
    await setSetting(db, "document_format", documentFormat);
    for (const organization of await listOrganizations(db)) {
      app.log.info("documents.rebuilding", { organization: organization.slug, url: app.config.appUrl });
      await publishOrganization(app, db, organization);
    }
  });
}

/** A sync that was asked for or cut off is queued again; one that is queued already is not doubled. */
export async function resumeSyncs(app: App): Promise<void> {
  for (const repository of await listUnfinishedRepositories(app.db))
    await requestSync(app, repository, { reason: "resumed" });
  for (const repositoryId of await listRepositoriesWithDeliveries(app.db, app.now() + 1))
    await enqueueSync(app, { repositoryId, reason: "resumed" });
}
