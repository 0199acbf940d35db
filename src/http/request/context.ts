// What the server knows about a request besides its contents. The server creates it and passes it to every handler.
// Elysia passes only the request to its routes, so on the way through Elysia the request carries it.
import type { App } from "../../app.ts";
import type { Browser, Viewer } from "../../registry/accounts/sessions.ts";
import { socketPathOf } from "../unix-socket.ts";
import { clientAddress, socketPeer } from "./client-address.ts";

export type RequestContext = {
  request: Request;
  /** The client's address; a trusted proxy may name it. */
  address: string;
  /** Lifts the limit of half a minute after which the server closes a silent response. */
  keepAlive(): void;
  /** Set by the first lookup, so that the session is read once per request. */
  viewerLookup?: Promise<Viewer | null>;
};

export function createContext(app: App, request: Request, server: Bun.Server<undefined>): RequestContext {
  const { trustedProxies } = app.config;
  const peer = server.requestIP(request)?.address ?? (socketPathOf(app.config) === null ? "" : socketPeer);
  const forwardedFor = request.headers.get("x-forwarded-for");
  return {
    request,
    address: clientAddress(peer, forwardedFor, trustedProxies),
    keepAlive: () => server.timeout(request, 0),
  };
}

export function browserOf({ request, address }: RequestContext): Browser {
  return { address, userAgent: request.headers.get("user-agent") ?? "" };
}

type Carrier = Request & { context?: RequestContext };

/** The request of this context, for Elysia. */
export function carryingRequest(context: RequestContext): Request {
  const carrier: Carrier = context.request;
  carrier.context = context;
  return carrier;
}

export function contextOf(request: Request): RequestContext {
  const { context } = request as Carrier;
  if (!context) throw new Error("The request did not come by way of the server.");
  return context;
}
