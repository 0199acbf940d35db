// The last sync of a repository that failed, as its pages tell of it.
import type { Failed } from "../../../../templates/repositories/view.ts";
import type { App } from "../../../app.ts";
import { causeOf, remedyFor } from "../../../registry/syncs/causes.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";
import type { Sync } from "../../../store/syncs/syncs.ts";
import { pageRemedy } from "../remedies.ts";

type FailureContext = { app: App; slug: string; base: string; refusedHref: string | null };

/** `refusedHref`: where its token is replaced while the git host refuses it. */
export function failedOf(
  repository: Repository,
  sync: Pick<Sync, "id">,
  { app, slug, base, refusedHref }: FailureContext,
): Failed {
  const cause = causeOf(repository.error_code);
  const isRefused = (cause === "access" || cause === "missing") && refusedHref !== null;
  const remedy = remedyFor(cause, { organization: { slug }, repository });
  return {
    message: repository.error ?? "The last sync failed.",
    cause,
    // Each page of a repository has the button that syncs it.
    link: isRefused
      ? { href: refusedHref, text: "Replace the token" }
      : remedy === null || remedy.do === "sync"
        ? null
        : pageRemedy(remedy).link,
    nextAttemptAt: app.config.syncIntervalMs === null ? null : repository.next_poll_at,
    syncHref: `${base}/syncs/${sync.id}`,
  };
}
