// A reverse proxy on loopback that writes down every request between a client and the registry, passes all of
// it on unchanged (the Host header too), and can be told to misbehave.

import {
  createServer,
  request as startRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export type Recorded = {
  method: string;
  /** With its query, exactly as it was sent. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** 0 when the client was cut off before an answer. */
  status: number;
  responseHeaders: IncomingHttpHeaders;
  /** Bytes of the body as they were sent, compressed or not. */
  size: number;
};

/** Called before a request is passed on; may wait, or answer itself and return true. */
export type Interception = (recorded: Recorded, response: ServerResponse) => Promise<boolean> | boolean;

export type Recorder = {
  /** `http://127.0.0.1:port`, or https with a certificate. */
  origin: string;
  host: string;
  port: number;
  requests: Recorded[];
  /** The requests since the last call. */
  take(): Recorded[];
  /** Where requests go. */
  target: number;
  intercept: Interception | null;
  /** Refuses connections until `up()`. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
};

export type RecorderOptions = { hostname?: string; tls?: { key: string; cert: string } };

export async function startRecorder(target: number, options: RecorderOptions = {}): Promise<Recorder> {
  const hostname = options.hostname ?? "127.0.0.1";
  const sockets = new Set<Socket>();
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    // The socket, because destroying the answer would end it as an empty success.
    void pass(recorder, incoming, outgoing).catch(() => incoming.socket.destroy());
  };
  const server = options.tls ? createTlsServer(options.tls, onRequest) : createServer(onRequest);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const down = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const recorder: Recorder = {
    origin: `${options.tls ? "https" : "http"}://${hostname}:${port}`,
    host: `${hostname}:${port}`,
    port,
    requests: [],
    take: () => recorder.requests.splice(0),
    target,
    intercept: null,
    down,
    up: () => listen(port),
    stop: down,
  };
  return recorder;
}

async function pass(recorder: Recorder, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await readAll(incoming);
  const recorded: Recorded = {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: incoming.headers,
    body: body.toString(),
    status: 0,
    responseHeaders: {},
    size: 0,
  };
  recorder.requests.push(recorded);
  if (await recorder.intercept?.(recorded, outgoing)) return;
  const answer = await ask(recorder.target, incoming, body);
  recorded.status = answer.statusCode ?? 0;
  recorded.responseHeaders = answer.headers;
  outgoing.writeHead(recorded.status, answer.rawHeaders);
  for await (const chunk of answer) {
    recorded.size += (chunk as Buffer).length;
    outgoing.write(chunk);
  }
  outgoing.end();
}

function ask(port: number, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = startRequest(
      {
        host: "127.0.0.1",
        port,
        agent: false,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
        setHost: false,
      },
      resolve,
    );
    request.once("error", reject);
    request.end(body);
  });
}

async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
