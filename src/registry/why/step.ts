// What `why` finds out at each step between the git host and the client.
import type { App } from "../../app.ts";
import type { Remedy } from "../../remedy.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import type { Package } from "../../store/packages/packages.ts";
import type { Repository } from "../../store/repositories/repositories.ts";
import type { RefRow } from "../../store/schema.ts";
import type { Token } from "../../store/tokens.ts";
import type { Version, VersionWithDist } from "../../store/packages/versions.ts";

export type StepName =
  | "repository"
  | "webhook"
  | "delivery"
  | "signature"
  | "ref"
  | "manifest"
  | "archive"
  | "published"
  | "visible";

export type Step = {
  step: StepName;
  /** `unknown`: not needed, because the version came another way; `detail` says which. */
  state: "ok" | "failed" | "waiting" | "unknown";
  detail: string;
  /** What helps, for every reader; said before the action where there is one, too. */
  advice: string | null;
  action: Remedy | null;
};

export type Found = Omit<Step, "step">;
export type Context = {
  app: App;
  organization: Organization;
  name: string;
  version: string | null;
  /** The token of the question; null for any token. */
  token: Token | null;
  pkg: Package | null;
  repository: Repository | null;
  /** Of the repository. */
  refs: RefRow[];
  /** The one that gives, or would give, the version. */
  ref: RefRow | null;
  /** What Composer is served; its ref may have moved since, or may be gone. */
  published: VersionWithDist | null;
  /** The version as it was before its tag or branch went away; null while it is published, or if it never was. */
  removed: Version | null;
};

export function ok(detail: string): Found {
  return { state: "ok", detail, advice: null, action: null };
}

export function failed(detail: string, { advice = null, action = null }: Help = {}): Found {
  return { state: "failed", detail, advice, action };
}

export function waiting(detail: string, { advice = null, action = null }: Help = {}): Found {
  return { state: "waiting", detail, advice, action };
}

type Help = { advice?: string | null; action?: Remedy | null };

/** It was not needed: the version came another way. */
export function notNeeded(detail: string): Found {
  return { state: "unknown", detail, advice: null, action: null };
}

export function syncOf({ organization, repository }: Context): Remedy | null {
  if (repository === null) return null;
  return { do: "sync", organization: organization.slug, repository: repository.name };
}

/** "2026-03-01 09:00 UTC". */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function short(reference: string): string {
  return reference.slice(0, 7);
}
