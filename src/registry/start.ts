// What a server does before it accepts requests.
import type { App } from "../app.ts";
import { listOrganizations } from "../store/organizations/organizations.ts";
import { findSetting, setSetting } from "../store/settings.ts";
import { documentFormat, publishOrganization } from "./packages/publish.ts";

/** Writes every document anew when APP_URL or the format of documents has changed. */
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
