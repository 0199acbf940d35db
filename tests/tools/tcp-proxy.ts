// A TCP proxy that carries the bytes of a server until a test tells it to do harm with them.

import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What becomes of the bytes that the server sends, from the `after`th byte of each connection on. */
export type Harm = { after: number; does: "cut" | "stop" | "corrupt" };

export type TcpProxy = {
  port: number;
  /** `http://<host>:<port>` */
  url: string;
  /** Connections that were taken, since the start. */
  connections(): number;
  harm: Harm | null;
  stop(): void;
};

/** Without `target` it takes connections and says nothing: a trap that counts who comes. */
export async function startTcpProxy(
  target: number | null,
  { host = "127.0.0.1", port = 0 } = {},
): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let connections = 0;
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket));
  };
  const server = createServer((client) => {
    connections++;
    keep(client);
    if (target === null) return;
    const upstream = connect(target, "127.0.0.1");
    keep(upstream);
    client.on("data", (bytes) => upstream.write(bytes)).on("close", () => upstream.destroy());
    const { harm } = proxy;
    let passed = 0;
    upstream.on("data", (bytes: Buffer) => {
      client.write(harm ? harmed(bytes, harm, passed) : bytes);
      passed += bytes.length;
      if (harm?.does === "cut" && passed > harm.after) client.destroySoon();
    });
    upstream.on("close", () => harm?.does !== "stop" && client.end());
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const bound = (server.address() as AddressInfo).port;
  const proxy: TcpProxy = {
    port: bound,
    url: `http://${host}:${bound}`,
    connections: () => connections,
    harm: null,
    stop() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
  return proxy;
}

function harmed(bytes: Buffer, { after, does }: Harm, passed: number): Buffer {
  const rest = Math.max(0, after - passed);
  if (does !== "corrupt") return bytes.subarray(0, rest);
  if (rest >= bytes.length) return bytes;
  const changed = Buffer.from(bytes);
  if (passed <= after) changed[rest] = (changed[rest] ?? 0) ^ 0xff;
  return changed;
}
