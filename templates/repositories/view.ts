// What the page of a repository and what happens there are drawn from.
import type { Limits } from "./limits.tsx";
import type { Tick } from "../../src/registry/organizations/overview.ts";
import type { RefListProps } from "./refs.tsx";
import type { SyncLine } from "./syncs.tsx";
import type { WebhookView } from "./webhook-view.ts";

export type RepositoryView = {
  id: string;
  name: string;
  url: string;
  /** Its page at the forge. */
  href: string | null;
  /** Where its forge says that it is by now. */
  movedTo: string | null;
  provider: string;
  state: "fresh" | "stale" | "waiting" | "syncing" | "failed";
  checkedAt: number | null;
  /** No sync begins until somebody resumes the queue. */
  isPaused: boolean;
  /** A sync waits or runs, and nobody has cancelled it. */
  mayCancel: boolean;
  /** "at least every 15 minutes", or null when polling is off. */
  polled: string | null;
  running: RunningSync | null;
  /** Of the last sync, when it did not end well. */
  failure: Failed | null;
  /** A deploy key that the forge must know; only for those who may change the repository. */
  key: { publicKey: string; fingerprint: string } | null;
  credential: string | null;
  refs: RefListProps;
  syncs: SyncLine[];
  ticks: Tick[];
  packages: { name: string; latest: string | null; isDeleted: boolean }[];
  versions: number;
  webhook: WebhookView;
  limits: Limits;
};

export type RunningSync = {
  total: number;
  done: number;
  added: number;
  updated: number;
  skipped: number;
  current: string | null;
  startedAt: number;
  by: string;
};

/** As the domain knows them: who or what can help. */
export type FailureCause =
  "removals" | "host-key" | "access" | "forgotten" | "missing" | "address" | "content" | "costly" | "server";

export type Failed = {
  message: string;
  cause: FailureCause;
  /** The page that helps; null where none does. */
  link: { href: string; text: string } | null;
  nextAttemptAt: number | null;
  syncHref: string;
};
