// Finds the new address of a repository that was renamed at its forge, and checks whether the token still works.
import type { App } from "../../app.ts";
import { messageOf, type Failure } from "../../errors.ts";
import type { ForgeName } from "../../forges/forge.ts";
import { findCredential } from "../../store/repositories/credentials.ts";
import { updateRepository, type Repository } from "../../store/repositories/repositories.ts";
import { askForge } from "./access.ts";

/** Failures of git that mean "no access". */
const refusals = new Set(["git_unauthorized", "git_forbidden", "git_not_found"]);

/**
 * After git was refused, asks the forge whether the token is at fault or the repository has another name. The answer is
 * saved and nothing is thrown; without an account there the forge is not asked.
 */
export async function checkAfterRefusal(app: App, repository: Repository, failure: Failure): Promise<void> {
  if (!refusals.has(failure.code) || repository.credential_id === null) return;
  const credential = await findCredential(app.db, repository.organization_id, repository.credential_id);
  if (!credential || credential.provider === null) return;
  const hint = { name: credential.provider as ForgeName, origin: credential.origin };
  const path = app.forges.recognize(repository.url, hint)?.path;
  if (path === undefined) return;
  try {
    const found = await askForge(app, credential, (forge, access) => forge.findRepository(access, path));
    if (found && found.path !== path) await rememberMove(app, repository, found.cloneUrl);
  } catch (error) {
    app.log.info("forge.not_asked", { repository: repository.name, reason: messageOf(error) });
  }
}

/** `movedTo` is null when the repository is still at its address. */
export async function rememberMove(app: App, repository: Repository, movedTo: string | null): Promise<void> {
  if (movedTo === repository.moved_to) return;
  await updateRepository(app.db, repository.id, { moved_to: movedTo });
}
