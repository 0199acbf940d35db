// The documents of the registry as a client reads them.

import { expand } from "../../src/composer/minify.ts";
import type { Organization } from "../worlds/binary.ts";

export type RootDocument = Record<string, unknown> & {
  "metadata-url": string;
  "available-packages": string[];
  "available-package-patterns": string[];
};

/** One version as it is once the minified list is expanded. */
export type VersionRecord = Record<string, unknown> & {
  name: string;
  version: string;
  version_normalized: string;
  dist: { type: string; url: string; reference: string; shasum: string };
};

export type Answer = { status: number; headers: Headers; text: string };

export const basic = (token: string, user = "token"): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`,
});

/** GET with the organization's token; redirects are not followed. `path` starts behind the organization. */
export async function get(
  org: Organization,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${org.url}${path}`, {
    headers: { ...basic(org.token), ...headers },
    redirect: "manual",
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export async function readRoot(org: Organization): Promise<Answer & { json: RootDocument }> {
  const answer = await get(org, "/packages.json");
  return { ...answer, json: JSON.parse(answer.text) };
}

/** `name` is a package, with `~dev` for its development versions. No versions when it isn't known. */
export async function readDocument(
  org: Organization,
  name: string,
): Promise<Answer & { minified: Record<string, unknown>[]; records: VersionRecord[] }> {
  const answer = await get(org, `/p2/${name}.json`);
  const { packages = {} } = JSON.parse(answer.text) as {
    packages?: Record<string, Record<string, unknown>[]>;
  };
  const minified = packages[name.replace(/~dev$/, "")] ?? [];
  return { ...answer, minified, records: expand(minified) as VersionRecord[] };
}

/** The record of a version that must be there. */
export async function readVersion(org: Organization, name: string, version: string): Promise<VersionRecord> {
  const { records } = await readDocument(org, version.includes("dev") ? `${name}~dev` : name);
  const record = records.find((each) => each.version === version);
  if (!record) throw new Error(`${name} has no version ${version}`);
  return record;
}

/** Seconds since the epoch of a Last-Modified that must be there. */
export function lastModified({ headers }: Answer): number {
  const text = headers.get("Last-Modified");
  if (text === null) throw new Error("The answer has no Last-Modified");
  return Date.parse(text) / 1000;
}
