// From where a request came. The server knows the peer's address when it takes the request, and keeps it here.
import type { Browser } from "../registry/sessions.ts";

const addresses = new WeakMap<Request, string>();

export function keepAddress(request: Request, address: string | undefined): void {
  if (address !== undefined) addresses.set(request, address);
}

export function browserOf(request: Request): Browser {
  return {
    address: addresses.get(request) ?? "",
    userAgent: request.headers.get("user-agent") ?? "",
  };
}
