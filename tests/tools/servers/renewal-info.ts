// Renewal information (RFC 9773), which pebble lacks: a proxy before it that adds it and keeps what was ordered.
import type { Pebble } from "./pebble.ts";
import type { Certificate } from "./authority.ts";

export type RenewalWindow = { start: Date; end: Date };

export type RenewalInfo = {
  directory: string;
  /** The window for the certificate with this id. */
  windowOf: (id: string) => RenewalWindow;
  /** Ids that were asked for. */
  asked: string[];
  /** What was ordered, in order. */
  orders: { replaces?: string }[];
  stop(): Promise<void>;
};

export function startRenewalInfo(pebble: Pebble, { cert, key }: Certificate, ca: string): RenewalInfo {
  const pebbleOrigin = new URL(pebble.directory).origin;
  const always: RenewalInfo["windowOf"] = () => ({ start: new Date(0), end: new Date(0) });
  const info: RenewalInfo = {
    directory: "",
    windowOf: always,
    asked: [],
    orders: [],
    stop: () => server.stop(true),
  };
  const server = Bun.serve({
    ...{ hostname: "127.0.0.1", port: 0, tls: { cert: Bun.file(cert), key: Bun.file(key) } },
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const id = /^\/renewal-info\/(.+)$/.exec(pathname)?.[1];
      if (id !== undefined) {
        info.asked.push(id);
        return Response.json({ suggestedWindow: info.windowOf(id) }, { headers: { "Retry-After": "21600" } });
      }
      const body = request.method === "POST" ? await request.text() : null;
      if (body !== null && pathname.endsWith("order-plz")) info.orders.push(payloadOf(body));
      // Pebble compares the signed addresses with Host.
      const answer = await fetch(pebbleOrigin + pathname, {
        ...{ method: request.method, headers: request.headers, body, tls: { ca } },
      } as RequestInit);
      if (pathname !== "/dir") return answer;
      const directory = (await answer.json()) as Record<string, unknown>;
      return Response.json({ ...directory, renewalInfo: new URL("/renewal-info", info.directory).href });
    },
  });
  info.directory = `https://localhost:${server.port}/dir`;
  return info;
}

function payloadOf(jws: string): { replaces?: string } {
  const { payload } = JSON.parse(jws) as { payload: string };
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as { replaces?: string };
}
