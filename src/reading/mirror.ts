// The interface to repositories, which a worker process reads. Untrusted content never comes back raw: a composer.json
// is parsed, a README rendered, and everything is limited in size.

import type { Manifest } from "../composer/manifest.ts";
import type { Archive, ArchiveRequest, FetchProgress, Ref, RefList, Remote } from "../git/mirror.ts";

/** HTML that is safe in our pages, and its SHA-256. */
export type Readme = { hash: string; html: string };

/** The content of one commit that describes it. */
export type CommitReading = {
  authoredAt: number;
  /** Null when there is no composer.json at the root; `reason` is a sentence that begins with the file's name. */
  composerJson: { manifest: Manifest } | { reason: string } | null;
  readme: Readme | null;
  /** Approximate size in memory. */
  sizeBytes: number;
};

/**
 * One fetch of a repository, in its own process that can be killed. Calls may overlap: two or three archives at a time
 * use disk waits. The caller that opens it always closes it.
 */
export type Mirror = {
  snapshot(reference: string): Promise<CommitReading>;
  /** The latest date in the commit and its annotated tag; null when neither has one. */
  datedAt(ref: Ref): Promise<number | null>;
  archive(request: ArchiveRequest): Promise<Archive>;
  close(): Promise<void>;
};

/** Aborting `signal` kills the process; pending calls fail because it died. */
export type OpenOptions = { onProgress?: (progress: FetchProgress) => void; signal?: AbortSignal };

export type Git = {
  listRefs(remote: Remote): Promise<RefList>;
  /** Starts the process of a mirror that will probably be opened soon. The caller closes it, used or not. */
  prepare(): { close(): void };
  /**
   * Fetches the commits of all `refs` at once, depth 1, into a new temporary folder. For the same `remote` object that
   * was just listed, the refs are not requested again.
   */
  openMirror(remote: Remote, refs: Ref[], options?: OpenOptions): Promise<Mirror>;
};
