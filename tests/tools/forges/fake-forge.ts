// The state of a forge on loopback, and what it is sent.
import type { ForgeName } from "../../../src/forges/forge.ts";

export type FakeHook = {
  id: string;
  url: string;
  secret: string;
  isActive: boolean;
  events: string[];
  verifiesTls: boolean;
};

export type FakeRepository = {
  id: number;
  path: string;
  /** Where git's repository lies below `root`, whatever it is called by now. */
  folder: string;
  isPrivate: boolean;
  isArchived: boolean;
  description: string | null;
  hooks: FakeHook[];
};

export type FakeForge = {
  name: ForgeName;
  origin: string;
  /** The folder with git's repositories: `acme/blog.git` below it. */
  root: string | null;
  account: { login: string; name: string; email: string };
  token: string;
  /** What the token may do. */
  may: { read: boolean; keepWebhooks: boolean; listOwners: boolean };
  /** Scopes that the forge tells, where it does; null is a token for which it does not. */
  scopes: string[] | null;
  organizations: string[];
  repositories: Map<string, FakeRepository>;
  /** Where a former path leads. */
  renamed: Map<string, string>;
  /** Whether git is led there, too. */
  redirectsGit: boolean;
  faults: {
    expired: boolean;
    /** Answers everything with it, and with a body that nobody should repeat. */
    status: number | null;
    silent: boolean;
    /** Answers everything with this. */
    json: unknown;
    /** Milliseconds since the epoch, when more may be asked; `kind` says how the forge puts it. */
    limited: { kind: "primary" | "secondary"; until: number } | null;
  };
  /** How much may still be asked, told with every answer; null for a forge that does not tell. */
  rate: { limit: number; remaining: number; resetsAt: number } | null;
  /** `GET /api/v3/user`, in the order they came; without git's. */
  requests: string[];
  add(path: string, more?: Partial<FakeRepository>): FakeRepository;
  rename(from: string, to: string): void;
  stop(): Promise<void>;
};

export type ForgeRequest = {
  method: string;
  /** Below the interface's beginning. */
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  forge: FakeForge;
};
