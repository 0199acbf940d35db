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
  /** Its page on the Git host. */
  href: string | null;
  /** The URL that its Git host redirects to. */
  movedTo: string | null;
  provider: string;
  state: "fresh" | "stale" | "waiting" | "syncing" | "failed";
  checkedAt: number | null;
  /** No sync starts until the queue is resumed. */
  isPaused: boolean;
  /** A sync is waiting or running, and was not canceled. */
  mayCancel: boolean;
  /** "at least every 15 minutes", or null when polling is off. */
  polled: string | null;
  running: RunningSync | null;
  /** Of the last sync, when it did not end well. */
  failure: Failed | null;
  /** The deploy key to add on the Git host; only for viewers who may change the repository. */
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
