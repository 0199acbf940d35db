// One branch or tag of a list, with its result.

export type Outcome = "added" | "updated" | "unchanged" | "removed" | "skipped";

export type RefLine = {
  kind: "tag" | "branch";
  name: string;
  outcome: Outcome;
  reason: string | null;
  /** Somebody should look: it is skipped, but not by its name alone. */
  needsALook: boolean;
  version: string | null;
  reference: string | null;
  /** Its page on the Git host. */
  href: string | null;
  /** The page that restores its version; left out unless it was deleted. */
  restoreHref?: string;
  /** When it was removed; left out for what is said of one sync. */
  at?: number;
};
