// What the frame of every page shows beside the page itself.
import type { Assets, Theme } from "./layout.tsx";

export type FrameData = {
  appName: string;
  appUrl: string;
  version: string;
  asset: Assets;
  viewer: {
    name: string;
    email: string;
    isAdmin: boolean;
    theme: Theme;
    /** Where the jobs are shown, for those who may look. */
    jobs?: string;
    /** Where administrators see how the server is, and how many checks of it failed. */
    operations?: { href: string; failed: number };
  };
  /** Of the address or, on pages outside an organization, the one visited last; null for users without one. */
  organization: {
    slug: string;
    name: string;
    role: "owner" | "admin" | "member";
    packages: number;
    repositories: number;
    /** Repositories whose last sync failed. */
    failing: number;
  } | null;
  /** The page is about no organization. */
  isOutside?: boolean;
  /** All that the viewer may switch to. */
  organizations: { slug: string; name: string }[];
  /** One sentence about what was just done. */
  toast: string | null;
  /** Where the documentation is. */
  docs: string;
  /** Where an update is described, when there is one. */
  update?: { version: string; href: string };
};

export const sections = [
  "overview",
  "packages",
  "repositories",
  "activity",
  "settings",
  "jobs",
  "outbox",
  "operations",
  "docs",
  "account",
] as const;

export type Section = (typeof sections)[number];
