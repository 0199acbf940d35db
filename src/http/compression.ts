// Compresses bodies for clients that accept it, on threads beside the serving one.
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

export type Encoding = "br" | "gzip";

const byGzip = promisify(gzip);
const byBrotli = promisify(brotliCompress);
/** Below this, the headers cost more than compression saves. */
const minBytes = 1024;
/** `Accept-Encoding` of a browser has 30 characters. */
const maxHeaderLength = 500;

/** The encoding that the request prefers, Brotli where it likes both; null when it accepts neither. */
export function encodingFor(request: Request): Encoding | null {
  const accepted = new Map<string, number>();
  for (const part of (request.headers.get("accept-encoding") ?? "").slice(0, maxHeaderLength).split(",")) {
    const [name = "", ...parameters] = part.toLowerCase().split(";");
    const weight = parameters.map((each) => /^q=([\d.]+)$/.exec(each.trim())?.[1]).find(Boolean) ?? "1";
    accepted.set(name.trim(), Number(weight));
  }
  const weightOf = (name: Encoding) => accepted.get(name) ?? accepted.get("*") ?? 0;
  const [br, gz] = [weightOf("br"), weightOf("gzip")];
  if (br > 0 && br >= gz) return "br";
  return gz > 0 ? "gzip" : null;
}

/** `once` takes ten times as long as `each` and saves a tenth more. */
export async function compress(
  body: Uint8Array<ArrayBuffer>,
  encoding: Encoding,
  effort: "once" | "each",
): Promise<Uint8Array<ArrayBuffer>> {
  if (encoding === "gzip") return owned(await byGzip(body, { level: effort === "once" ? 9 : 5 }));
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: effort === "once" ? 9 : 4,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  };
  return owned(await byBrotli(body, { params }));
}

/**
 * Compresses a page. The size of a compressed page tells what in it repeats what the address says, so a
 * page is left as it is when another site opened it, and when it shows a secret (`no-transform`).
 */
export async function compressedPage(request: Request, answer: Response): Promise<Response> {
  const { headers } = answer;
  if (!headers.get("content-type")?.startsWith("text/html")) return answer;
  headers.append("Vary", "Accept-Encoding");
  const encoding = encodingFor(request);
  const isWhole = headers.get("cache-control")?.includes("no-transform") || headers.has("content-encoding");
  if (encoding === null || isWhole || isFromElsewhere(request) || request.method === "HEAD") return answer;
  const body = await answer.bytes();
  const { status } = answer;
  if (body.length < minBytes) return new Response(body, { status, headers });
  const small = await compress(body, encoding, "each");
  headers.set("Content-Encoding", encoding);
  return new Response(small, { status, headers });
}

function isFromElsewhere(request: Request): boolean {
  return ["cross-site", "same-site"].includes(request.headers.get("sec-fetch-site") ?? "");
}

function owned(bytes: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
