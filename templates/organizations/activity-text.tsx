// The sentence of each recorded action.
import { paths } from "../paths.ts";
import type { Actor, OrganizationAction, ShownActivity } from "../../src/registry/organizations/activity.ts";
import { counted } from "../parts/numbers.ts";
import {
  about,
  as,
  changes,
  each,
  named,
  pkg,
  plain,
  repository,
  settingsIn,
  several,
  type ActivityText,
  type Describe,
} from "./activity-phrases.tsx";

/** An action without a sentence of its own is shown by its name. */
export function activityText(entry: ShownActivity, slug: string): ActivityText {
  const describe = hasText(entry.action) ? sentences[entry.action] : null;
  if (describe) return describe(entry, slug);
  return { icon: "circle-dot", what: [`recorded ${entry.action}: `, <code>{entry.subject}</code>] };
}

export function actorText({ kind, name }: Actor): string {
  if (kind === "cli") return "The command line";
  if (kind === "system") return "Pricore";
  if (kind === "token") return name === null ? "A token" : `Token ${name}`;
  return name ?? "A deleted user";
}

export function hasText(action: string): action is OrganizationAction {
  return action in sentences;
}

/** An action without a sentence does not compile. */
const sentences: Record<OrganizationAction, Describe> = {
  "organization.created": () => ({ icon: "building-2", what: "created the organization" }),
  "organization.adopted": () => ({ icon: "building-2", what: "became the owner of the organization" }),
  "organization.changed": ({ details }) => ({ icon: "settings", what: settingsIn(details) }),
  "organization.moved": ({ subject, details }) => ({
    icon: "settings",
    what: ["changed the address from ", named(String(details["from"])), " to ", named(subject)],
  }),
  "organization.deleted": () => ({ icon: "trash-2", what: "deleted the organization" }),
  "vendor.added": each("shield", "protected", "vendor", plain),
  "vendor.removed": each("shield", "released", "vendor", plain),

  "token.created": each("key-round", "created", "token", plain),
  "token.revoked": each("key-round", "revoked", "token", plain),

  "repository.added": each("git-branch", "added", "repository", repository),
  "repository.removed": each("trash-2", "removed", "repository", plain),
  "repository.renamed": ({ subject, details }, slug) => ({
    icon: "git-branch",
    what: ["renamed repository ", named(String(details["before"])), " to ", repository(slug, subject)],
  }),
  "repository.followed": ({ subject, details }, slug) => ({
    icon: "link",
    what: ["changed the URL of ", repository(slug, subject), " to ", named(String(details["url"]))],
  }),
  "repository.credential_changed": about("key-round", "changed the credentials of", repository),
  "repository.sync_asked": about("refresh-cw", "started a sync of", repository),
  "repository.sync_cancelled": about("ban", "canceled the sync of", repository),
  "repository.removals_confirmed": about("git-branch", "confirmed removals in", repository),
  "repository.sync_failed": ({ subject, details }, slug) => ({
    icon: "triangle-alert",
    failed: true,
    what: [repository(slug, subject), ` sync failed: ${details["error"] ?? "see the repository page"}`],
  }),
  "repository.synced": (entry, slug) => ({
    icon: "git-commit-horizontal",
    what: [
      several(entry, slug, repository),
      `${entry.parts.length > 1 ? ":" : ""} ${changes(entry.details)}`,
    ],
  }),
  "webhook.set_up": about("webhook", "set up the webhook of", repository),
  "webhook.rotated": about("webhook", "renewed the webhook secret of", repository),
  "webhook.repaired": (entry, slug) => ({
    icon: "webhook",
    what: [
      entry.by.kind === "system" ? "Restored the webhook of " : "repaired the webhook of ",
      several(entry, slug, repository),
    ],
  }),
  "webhook.removed": about("webhook", "removed the webhook of", repository),
  "webhook.failed": ({ subject, details }, slug) => ({
    icon: "triangle-alert",
    failed: true,
    what: [
      "The webhook of ",
      repository(slug, subject),
      ` failed: ${details["error"] ?? "see the repository page"}`,
    ],
  }),
  "freshness.lost": ({ details }, slug) => ({
    icon: "clock",
    failed: true,
    what: [
      <a href={`${paths.repositories(slug)}?sort=fresh`}>
        {counted(Number(details["repositories"]), "repository", "repositories")}
      </a>,
      " had no successful check for too long",
    ],
  }),
  "freshness.recovered": (_, slug) => ({
    icon: "circle-check",
    what: [<a href={paths.repositories(slug)}>All repositories</a>, " are up to date again"],
  }),
  "host_key.forgotten": ({ subject }) => ({
    icon: "fingerprint",
    what: ["forgot the host key of ", named(subject)],
  }),
  "tag.moved": ({ subject, details, times }, slug) => ({
    icon: "triangle-alert",
    failed: true,
    what: [
      repository(slug, String(details["repository"] ?? "")),
      times > 1
        ? ` moved ${times} published tags; their versions did not change`
        : [" moved the published tag ", named(subject), "; its version did not change"],
    ],
  }),

  "credential.connected": ({ subject, details }) => ({
    icon: "lock",
    what: ["connected ", String(details["forge"] ?? "a Git host"), " as ", named(subject)],
  }),
  "credential.refused": ({ subject }) => ({
    icon: "lock",
    what: ["The Git host rejected the token ", named(subject)],
    failed: true,
  }),
  "credential.created": each("lock", "added", "credential", plain),
  "credential.replaced": each("lock", "replaced", "credential", plain),
  "credential.removed": each("lock", "removed", "credential", plain),
  "ssh_key.created": each("key-round", "created", "SSH key", plain),
  "ssh_key.removed": each("key-round", "removed", "SSH key", plain),

  "member.added": ({ subject, details }) => ({
    icon: "user-plus",
    what: ["added ", named(subject), as(details)],
  }),
  "member.removed": about("users", "removed", plain),
  "member.left": () => ({ icon: "users", what: "left the organization" }),
  "member.role_changed": ({ subject, details }) => ({
    icon: "users",
    what: ["changed the role of ", named(subject), ` to ${details["to"]}`],
  }),
  "invitation.sent": (entry, slug) => ({
    icon: "mail",
    what:
      entry.times > 1
        ? [`invited ${entry.times} people: `, several(entry, slug, plain)]
        : ["invited ", named(entry.subject), as(entry.details)],
  }),
  "invitation.resent": about("mail", "resent the invitation to", plain),
  "invitation.revoked": about("mail", "canceled the invitation of", plain),
  "invitation.accepted": ({ details }) => ({ icon: "user-plus", what: `joined${as(details)}` }),
  "ownership.transferred": about("users", "transferred ownership to", plain),

  "package.deleted": each("trash-2", "deleted", "package", pkg),
  "package.brought_back": each("history", "restored", "package", pkg),
  "version.deleted": ({ subject, details, times }, slug) => ({
    icon: "trash-2",
    what:
      times > 1
        ? [`deleted ${times} versions of `, pkg(slug, subject)]
        : ["deleted ", named(String(details["version"])), " of ", pkg(slug, subject)],
  }),
  "version.brought_back": ({ subject, details, times }, slug) => ({
    icon: "history",
    what:
      times > 1
        ? [`restored ${times} versions of `, pkg(slug, subject)]
        : ["restored ", named(String(details["version"])), " of ", pkg(slug, subject)],
  }),
};
