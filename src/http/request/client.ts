// From where a request came. The server knows the client's address when it takes the request, and keeps it here.
import type { Browser } from "../../registry/accounts/sessions.ts";

const addresses = new WeakMap<Request, string>();

export function rememberAddress(request: Request, address: string): void {
  addresses.set(request, address);
}

const patience = new WeakMap<Request, () => void>();

/** `giveTime` lets the answer be silent for as long as it likes. */
export function keepPatience(request: Request, giveTime: () => void): void {
  patience.set(request, giveTime);
}

/** The server cuts off an answer that says nothing for half a minute; not this one. */
export function mayTakeLong(request: Request): void {
  patience.get(request)?.();
}

export function addressOf(request: Request): string {
  return addresses.get(request) ?? "";
}

export function browserOf(request: Request): Browser {
  return {
    address: addressOf(request),
    userAgent: request.headers.get("user-agent") ?? "",
  };
}
