// What the server knows of a request beyond what it says itself. The server makes it, and everything that answers is
// given it; Elysia hands its routes nothing but the request, so on the way through Elysia the request carries it.
import type { App } from "../../app.ts";
import type { Browser, Viewer } from "../../registry/accounts/sessions.ts";
import { clientAddress } from "./client-address.ts";

export type RequestContext = {
  request: Request;
  /** The client's; a trusted proxy may name it. */
  address: string;
  /** The server cuts off an answer that is silent for half a minute; this one it does not. */
  keepAlive(): void;
  /** Set by whoever looks first, so that the session is looked up once a request. */
  viewerLookup?: Promise<Viewer | null>;
};

export function createContext(app: App, request: Request, server: Bun.Server<undefined>): RequestContext {
  const peer = server.requestIP(request)?.address ?? "";
  const forwardedFor = request.headers.get("x-forwarded-for");
  return {
    request,
    address: clientAddress(peer, forwardedFor, app.config.trustedProxies),
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
