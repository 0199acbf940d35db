// Every address that is not a page: its kind, who may ask it, by which methods, and how large a body it takes. Bun's
// router, the counters and the request guard read it here. Pages say who may ask them beside their handlers.
import type { Access } from "./access.ts";

export type RouteKind =
  "root" | "package" | "dist" | "composer" | "webhook" | "health" | "metrics" | "asset" | "live" | "page";

/** `person`: somebody who is signed in; the route says beside its handler who that may be. */
export type Route = {
  kind: RouteKind;
  access: Access | "person";
  methods: string[];
  /** The largest body that the route reads; 0 for none. */
  bodyBytes: number;
};

const formBytes = 256 * 1024;
const installReportBytes = 64 * 1024;
/** A push of very many commits, as forges send it. */
export const webhookBytes = 25 * 1024 * 1024;

const get = { methods: ["GET"], bodyBytes: 0 };
const post = { methods: ["POST"], bodyBytes: formBytes };
const composer = { kind: "composer", access: "token" } as const;

/** What Bun's own router answers, before anything of the pages is loaded. */
export const directRoutes = {
  "/:organization/packages.json": { kind: "root", access: "token", ...get },
  "/:organization/p2/:vendor/:file": { kind: "package", access: "token", ...get },
  "/:organization/dists/:vendor/:name/*": { kind: "dist", access: "token", ...get },
  // A forge has no token of ours: the signature over the body is its credential.
  "/webhooks/:provider/:repository": {
    ...{ kind: "webhook", access: "signature", methods: ["POST"], bodyBytes: webhookBytes },
  },
  "/health": { kind: "health", access: "anyone", ...get },
  "/metrics": { kind: "metrics", access: "loopback", ...get },
  // The question is sealed with the key of this installation.
  "/.well-known/pricore/probe": {
    ...{ kind: "health", access: "signature", methods: ["GET", "POST"], bodyBytes: webhookBytes },
  },
} satisfies Record<string, Route>;

export type DirectPath = keyof typeof directRoutes;

/** What is answered beside the pages, by the same router. */
export const routesBesidePages: Record<string, Route> = {
  "/:organization/list.json": { ...composer, ...get },
  "/:organization/search.json": { ...composer, ...get },
  "/:organization/providers/:vendor/:file": { ...composer, ...get },
  "/:organization/api/security-advisories": { ...composer, ...post },
  "/:organization/notify-batch": { ...composer, ...post, bodyBytes: installReportBytes },
  "/assets/*": { kind: "asset", access: "anyone", ...get },
  "/live": { kind: "live", access: "person", ...get },
};

/** Everything else; the router of the pages knows the methods. */
export const pageRoute = {
  kind: "page",
  access: "person",
  methods: [],
  bodyBytes: formBytes,
} satisfies Route;

const patterns = Object.entries(routesBesidePages).map(([path, route]) => ({
  parts: path.split("/"),
  route,
}));

/** The route of an address that Bun's router does not answer. */
export function routeOf(path: string): Route {
  const parts = path.replace(/\/$/, "").split("/");
  return patterns.find((pattern) => matches(pattern.parts, parts))?.route ?? pageRoute;
}

function matches(pattern: string[], parts: string[]): boolean {
  const isOpenEnded = pattern.at(-1) === "*";
  if (isOpenEnded ? parts.length < pattern.length : parts.length !== pattern.length) return false;
  return pattern.every((part, at) => (/^[:*]/.test(part) ? parts[at] !== "" : part === parts[at]));
}
