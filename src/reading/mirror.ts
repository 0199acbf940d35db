// The seam to repositories: what the registry is given of one, read in a process of its own. Nothing that a stranger
// wrote comes back as it is: a composer.json is parsed, a README rendered, and everything bounded in size.

import type { Manifest } from "../composer/manifest.ts";
import type { Archive, ArchiveRequest, FetchProgress, Ref, RefList, Remote } from "../git/mirror.ts";

/** HTML that can stand in our pages, and the SHA-256 of it. */
export type Readme = { hash: string; html: string };

/** What one commit says of itself. */
export type CommitReading = {
  authoredAt: number;
  /** null when there is no composer.json at the root; `reason` is a sentence that begins with the file's name. */
  composerJson: { manifest: Manifest } | { reason: string } | null;
  readme: Readme | null;
  /** What it takes in memory, about. */
  sizeBytes: number;
};

/**
 * One fetch of a repository, in a process of its own that can be killed. Calls may overlap: two or three archives at a
 * time use the disk's waits. Whoever opens it closes it, whatever happens.
 */
export type Mirror = {
  snapshot(reference: string): Promise<CommitReading>;
  /** The latest of the times that the commit and its annotated tag bear; null when neither bears one. */
  datedAt(ref: Ref): Promise<number | null>;
  archive(request: ArchiveRequest): Promise<Archive>;
  close(): Promise<void>;
};

/** When `signal` is raised the process is killed, and whoever waits for it is told that it died. */
export type OpenOptions = { onProgress?: (progress: FetchProgress) => void; signal?: AbortSignal };

export type Git = {
  listRefs(remote: Remote): Promise<RefList>;
  /** Starts the process of a mirror that will likely be opened soon; whoever asked for it closes it, used or not. */
  prepare(): { close(): void };
  /**
   * Fetches the commits of all `refs` at once, depth 1, into a fresh temporary folder. With the very remote that was
   * just listed the server is not asked for its refs again.
   */
  openMirror(remote: Remote, refs: Ref[], options?: OpenOptions): Promise<Mirror>;
};
