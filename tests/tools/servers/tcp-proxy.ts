// A TCP proxy that carries the bytes between a client and a server until a test tells it to do harm with them.

import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What becomes of the bytes that the server sends, from the `after`th byte of each connection on. */
export type Harm = { after: number; does: "cut" | "reset" | "stop" | "corrupt" };

export type TcpProxy = {
  port: number;
  /** `http://<host>:<port>` */
  url: string;
  /** Connections that were taken, since the start. */
  connections(): number;
  /** Holds for the connections that begin from now on. */
  harm: Harm | null;
  /** How long every piece is kept on its way, in both directions. */
  delayMs: number;
  /** Lets nothing through, on no connection and in no direction, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Resets every connection that is open now. */
  cutAll(): void;
  /** A piece with this text is passed on to the server, and the client is cut off before the answer. Once. */
  loseAnswerTo: string | null;
  stop(): void;
};

/** Without `target` it takes connections and says nothing: a trap that counts who comes. */
export async function startTcpProxy(
  target: number | null,
  { host = "127.0.0.1", port = 0 } = {},
): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let connections = 0;
  let frozen = false;
  const keep = (socket: Socket) => {
    open.add(socket);
    if (frozen) socket.pause();
    socket.on("error", () => {}).on("close", () => open.delete(socket));
  };
  const server = createServer((client) => {
    connections++;
    keep(client);
    if (target === null) return;
    const upstream = connect(target, "127.0.0.1");
    keep(upstream);
    carry(client, upstream, proxy);
    if (frozen) for (const socket of [client, upstream]) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const bound = (server.address() as AddressInfo).port;
  const proxy: TcpProxy = {
    port: bound,
    url: `http://${host}:${bound}`,
    connections: () => connections,
    harm: null,
    delayMs: 0,
    freeze() {
      frozen = true;
      for (const socket of open) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of open) socket.resume();
    },
    cutAll() {
      for (const socket of open) socket.resetAndDestroy();
    },
    loseAnswerTo: null,
    stop() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
  return proxy;
}

function carry(client: Socket, upstream: Socket, proxy: TcpProxy): void {
  const { harm } = proxy;
  let passed = 0;
  let isLost = false;
  client.on("data", (bytes: Buffer) => {
    if (proxy.loseAnswerTo !== null && bytes.includes(proxy.loseAnswerTo)) {
      proxy.loseAnswerTo = null;
      isLost = true;
    }
    late(proxy, () => upstream.write(bytes));
  });
  client.on("close", () => upstream.destroy());
  upstream.on("data", (bytes: Buffer) => {
    if (isLost) return void client.resetAndDestroy();
    const sent = harm ? harmed(bytes, harm, passed) : bytes;
    passed += bytes.length;
    const isOver = harm !== null && passed > harm.after;
    late(proxy, () => {
      client.write(sent);
      if (isOver && harm.does === "cut") client.destroySoon();
      if (isOver && harm.does === "reset") client.resetAndDestroy();
    });
  });
  upstream.on("close", () => late(proxy, () => harm?.does !== "stop" && client.end()));
}

function late({ delayMs }: TcpProxy, work: () => void): void {
  if (delayMs === 0) work();
  else setTimeout(work, delayMs);
}

function harmed(bytes: Buffer, { after, does }: Harm, passed: number): Buffer {
  const rest = Math.max(0, after - passed);
  if (does !== "corrupt") return bytes.subarray(0, rest);
  if (rest >= bytes.length) return bytes;
  const changed = Buffer.from(bytes);
  if (passed <= after) changed[rest] = (changed[rest] ?? 0) ^ 0xff;
  return changed;
}
