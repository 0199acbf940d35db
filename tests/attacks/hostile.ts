// Connections as nobody sends them who means well, and what the server holds in memory meanwhile.
import { readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

const megabyte = 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, 32);
const chunk = Buffer.concat([Buffer.from("10000\r\n"), piece, Buffer.from("\r\n")]);

/** Of a process, in MB: the most that it has ever held, and what it holds now. */
export function memoryOf(pid: number): { peak: number; now: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { peak: of("VmHWM"), now: of("VmRSS") };
}

/** Lets the peak be counted anew. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

export type Upload = { port: number; method: string; path: string; megabytes: number; announced?: boolean };

/** Sends a body in pieces until the server has closed; the status that came, 0 for none. */
export function upload({ port, method, path, megabytes, announced = false }: Upload): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const size = megabytes * megabyte;
  const socket = connect(port, "127.0.0.1");
  let received = "";
  let sent = 0;
  const pump = () => {
    while (sent < size && socket.writable) {
      sent += piece.length;
      if (!socket.write(announced ? piece : chunk)) return void socket.once("drain", pump);
    }
    if (socket.writable && !announced) socket.write("0\r\n\r\n");
  };
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    if (sent >= size) socket.end();
  });
  socket.on("error", () => {});
  socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1] ?? 0)));
  const length = announced ? `Content-Length: ${size}` : "Transfer-Encoding: chunked";
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${length}\r\n\r\n`);
  pump();
  return promise;
}

/** Opens connections that say `text` and read nothing; each says `more` again and again when there is any. */
export async function open(
  port: number,
  count: number,
  { text, more = "", reads = true }: { text: string; more?: string; reads?: boolean },
): Promise<() => void> {
  const sockets = await Promise.all(Array.from({ length: count }, () => opened(port)));
  for (const socket of sockets) {
    if (!reads) socket.pause();
    if (text !== "") socket.write(text);
  }
  const timer = setInterval(() => {
    for (const socket of sockets) if (more !== "" && socket.writable) socket.write(more);
  }, 250);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", () => {});
  });
}
