import { Layout, type Assets } from "./layout.tsx";
import type { Child } from "./jsx/jsx-runtime.ts";

export type Shell = {
  appName: string;
  appUrl: string;
  version: string;
  asset: Assets;
  viewer: { name: string; email: string; isAdmin: boolean; theme: "system" | "light" | "dark" };
  /** Of the address; null on pages outside an organization. */
  organization: {
    slug: string;
    name: string;
    role: "owner" | "admin" | "member";
    packages: number;
    repositories: number;
    failing: number;
    advisories: number;
  } | null;
  /** All that the viewer may switch to. */
  organizations: { slug: string; name: string }[];
  /** One sentence about what was just done. */
  toast: string | null;
};

export type Section = "overview" | "packages" | "repositories" | "security" | "settings" | "jobs" | "account";

export type Crumb = { label: string; href?: string; mono?: boolean };

/** The page of somebody who is signed in. */
export function Frame(props: {
  shell: Shell;
  title: string;
  section: Section | null;
  path: Crumb[];
  children?: Child;
}) {
  const { appName, asset, toast } = props.shell;
  return (
    <Layout title={props.title} appName={appName} asset={asset}>
      {toast === null ? null : <p role="status">{toast}</p>}
      {props.children}
    </Layout>
  );
}
