// Whether the tag or branch was seen, and what its commit holds.
import type { Remedy } from "../../remedy.ts";
import { refReason } from "../../composer/refs.ts";
import type { RefCode, RefRow } from "../../store/schema.ts";
import { heldElsewhere } from "./context.ts";
import { failed, ok, short, syncOf, timeText, waiting, type Context, type Found } from "./step.ts";
import type { Deliveries } from "./webhook.ts";

export async function checkRef(context: Context, { naming }: Deliveries): Promise<Found> {
  const { version, ref, refs, published, removed } = context;
  if (version === null)
    return ref ? ok(`${refs.length} tags and branches were seen.`) : failed("No tag or branch was seen.");
  if (ref && isAboutName(ref)) return failed(reasonOf(ref), { advice: adviceFor(ref, published) });
  if (ref) return ok(seen(ref, (published ?? removed)?.reference ?? ref.reference));
  if (published)
    return ok(`It was published from ${short(published.reference)}; the tag or branch is gone now.`);
  const held = await heldElsewhere(context);
  if (held)
    return failed(held.reason ? refReason(held, held.reason) : "Another repository uses the package name.", {
      advice: remedies.held,
    });
  if (naming?.verdict === "accepted" && naming.sync_id === null)
    return waiting(`A push of it arrived at ${timeText(naming.received_at)}. Its sync has not run yet.`, {
      action: syncOf(context),
    });
  return gone(context) ?? neverSeen(context);
}

export function checkManifest(context: Context): Found {
  const { ref, published } = context;
  if (ref?.outcome !== "skipped" || (ref.code === "moved" && published))
    return ok(published?.notes ? "composer.json was read, with notes." : "composer.json is valid.");
  if (ref.code === "deleted") return failed(reasonOf(ref), { action: restoreOf(context) });
  return failed(reasonOf(ref), { advice: adviceFor(ref, published) });
}

/** The tag or branch itself is the reason; its composer.json was not even read. */
function isAboutName({ outcome, code }: RefRow): boolean {
  return outcome === "skipped" && (code === "not_a_version" || code === "same_version");
}

function reasonOf(ref: RefRow): string {
  return refReason(ref, ref.reason ?? "it was skipped");
}

function restoreOf({ organization, name }: Context): Remedy {
  return { do: "restore-version", organization: organization.slug, package: name };
}

const fix = "Fix it, tag a new version and sync.";

/** By cause: what helps against a reason that a reader of it may not know. */
const remedies: Record<Exclude<RefCode, "deleted">, string> = {
  moved: "Tag a new version for the new commit. Published versions never change.",
  held: "Rename one of the two packages.",
  no_manifest: "Add a composer.json at the root of the repository, tag a new version and sync.",
  composer_invalid: fix,
  version_mismatch:
    "Remove the version field from composer.json; the tag sets the version. Then tag a new version and sync.",
  not_a_version: "Tag releases with names such as 1.2.3.",
  same_version: "Delete or rename one of the two, and sync.",
  rule: fix,
};

function adviceFor({ kind, code }: RefRow, published: Context["published"]): string {
  if (published?.ref_kind === "branch") return "Fix it and push.";
  const advice = remedies[code === null || code === "deleted" ? "rule" : code];
  return kind === "branch" && advice === fix ? "Fix or rename the branch, and sync." : advice;
}

function seen({ kind, name, reference, code }: RefRow, published: string): string {
  if (code === "moved")
    return `The ${kind} ${name} was moved to ${short(reference)} after it was published from ${short(published)}. That is ignored: published versions never change.`;
  return `The ${kind} ${name} is at ${short(reference)}.`;
}

/** It was published once: what happened to its ref since decides what helps. */
function gone(context: Context): Found | null {
  const { removed, repository, version } = context;
  if (!removed) return null;
  if (removed.deleted_at !== null)
    return failed(`${removed.version} was deleted here at ${timeText(removed.deleted_at)}.`, {
      action: restoreOf(context),
    });
  const since = removed.removed_at === null ? "" : ` since ${timeText(removed.removed_at)}`;
  const renamed = repository?.default_branch ?? null;
  if (removed.is_default_branch === 1 && renamed !== null)
    return failed(
      `The branch of ${removed.version} is gone${since}. The default branch is "${renamed}" now.`,
      { advice: `Require dev-${renamed} instead of ${version}.` },
    );
  return failed(
    `The ${removed.ref_kind} of ${removed.version} is gone from "${repository?.name}"${since}, and the version with it.`,
    {
      advice: `If that was a mistake, push the ${removed.ref_kind} again at ${short(removed.reference)}.`,
      action: syncOf(context),
    },
  );
}

function neverSeen(context: Context): Found {
  const { repository, version, name } = context;
  const checked = repository?.last_proven_fresh_at ?? null;
  const when = checked === null ? "" : ` It was last checked at ${timeText(checked)}.`;
  return failed(`No tag or branch of "${repository?.name}" gives version ${version} of ${name}.${when}`, {
    advice: `Push the ${/^dev-|[.]x$|-dev$/i.test(version ?? "") ? "branch" : "tag"}.`,
    action: syncOf(context),
  });
}
