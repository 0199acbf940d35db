// A git server whose every byte is chosen by the test.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { flush, pktLine } from "../../src/git/pkt-line.ts";

/** `cut` breaks the connection after the body; `silent` keeps it open without another byte. */
export type Saying = {
  status?: number;
  type?: string;
  headers?: Record<string, string>;
  body?: Buffer;
  end?: "cut" | "silent";
};

export type EvilServer = {
  url: string;
  /** Method, path and credential of every request. */
  requests: { method: string; path: string; authorization: string | undefined }[];
  /** The bodies of all POST requests, in order. */
  bodies: string[];
  stop(): void;
};

type Script = { advertise?: Saying; upload?: Saying };

export async function startEvilServer({ advertise, upload }: Script): Promise<EvilServer> {
  const requests: EvilServer["requests"] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push({ method, path: url, authorization: headers.authorization });
    if (method === "GET") say(response, "advertisement", advertise);
    else answerUpload(request, response, { upload, bodies });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/acme/blog.git`,
    requests,
    bodies,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Uploading = { upload: Saying | undefined; bodies: string[] };

function answerUpload(
  request: IncomingMessage,
  response: ServerResponse,
  { upload, bodies }: Uploading,
): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    bodies.push(Buffer.concat(chunks).toString("latin1"));
    say(response, "result", upload);
  });
}

function say(
  response: ServerResponse,
  kind: string,
  { status = 200, type, headers, body, end }: Saying = {},
): void {
  response.writeHead(status, { "content-type": type ?? `application/x-git-upload-pack-${kind}`, ...headers });
  response.write(body ?? Buffer.alloc(0), () => {
    if (end === "cut") response.destroy();
    else if (end !== "silent") response.end();
  });
}

export const someCommit = "1".repeat(40);

const capabilities = "multi_ack_detailed no-done side-band-64k ofs-delta shallow symref=HEAD:refs/heads/main";

/** A complete advertisement of `refs`, each as `<object> <name>`. */
export function advertisement(refs: (string | Buffer)[], offered: string = capabilities): Buffer {
  const lines = refs.map((ref, index) => {
    const end = Buffer.from(index === 0 ? `\0${offered}\n` : "\n");
    return pktLine(Buffer.concat([Buffer.from(ref as string), end]));
  });
  return Buffer.concat([pktLine("# service=git-upload-pack\n"), flush, ...lines, flush]);
}

/** The answer to a request for one shallow commit: its pack, in side band 1. */
export function packAnswer(pack: Buffer, shallow: string = someCommit): Buffer {
  const bands: Buffer[] = [];
  for (let at = 0; at < pack.length; at += 60_000) {
    bands.push(pktLine(Buffer.concat([Buffer.from([1]), pack.subarray(at, at + 60_000)])));
  }
  return Buffer.concat([pktLine(`shallow ${shallow}`), flush, pktLine("NAK\n"), ...bands, flush]);
}
