// What is lost with a repository, or with its versions.
import type { App } from "../../../app.ts";
import { countLoss } from "../../../store/repositories/lists.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";

const downloadsOfDays = 30;

export function lossOf(app: App, { organization_id: organizationId, id: repositoryId }: Repository) {
  const from = app.now() - (downloadsOfDays - 1) * 86_400_000;
  return countLoss(app.db, { organizationId, repositoryId }, new Date(from).toISOString().slice(0, 10));
}
