// Load by `wrk`: requests per second of one URL over persistent connections.
import { succeeded } from "../tests/tools/process.ts";

/** The URL and its credential. */
export type Side = { origin: string; headers: string[] };

export type Wanted = {
  path: string;
  status: number;
  connections: number;
  headers?: Record<string, string>;
  /** A Lua script for wrk that chooses the path of each request. */
  script?: string;
};

/** Requests per second; any unexpected status and any failed connection ends the run. */
export async function load(side: Side, wanted: Wanted, seconds: number): Promise<number> {
  const url = side.origin + wanted.path;
  const own = Object.entries(wanted.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  const headers = [...side.headers, "Accept-Encoding: gzip", ...own];
  const probe = await fetch(url, { headers: headers.map((each) => each.split(/: /, 2) as [string, string]) });
  await probe.arrayBuffer();
  if (probe.status !== wanted.status)
    throw new Error(`${url} answered ${probe.status} instead of ${wanted.status}`);
  const output = await succeeded([
    "wrk",
    ...["-t", "1", "-c", String(wanted.connections), "-d", `${seconds}s`, "--timeout", "30s"],
    ...headers.flatMap((header) => ["-H", header]),
    ...(wanted.script ? ["-s", wanted.script] : []),
    url,
  ]);
  const failed = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(output);
  if (failed) throw new Error(`${url}: ${failed[0]}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
}
