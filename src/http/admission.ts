// What a request must pass before a route sees it: the host is ours, the body is not too large, and on Composer's
// routes no credential stands in the address.
import { json } from "./answers.ts";

const bodyBytes = 256 * 1024;
const reportBytes = 64 * 1024;
/** Where Bun itself ends a body whose size was not announced. */
export const bodyCapBytes = 1024 * 1024;

/** The answer to a request that no route may see; null lets it in. */
export type Admission = (request: Request) => Response | null;

export function createAdmission(appUrl: string): Admission {
  const { host: own, hostname, protocol } = new URL(appUrl.toLowerCase());
  const withPort = `${hostname}:${protocol === "https:" ? 443 : 80}`;
  return (request) => {
    const host = request.headers.get("host")?.toLowerCase() ?? "";
    if (host !== own && (own !== hostname || host !== withPort)) return wrongHost(host, own);
    const length = request.headers.get("content-length");
    return length === null || Number(length) <= limitOf(request) ? null : tooLarge(limitOf(request));
  };
}

/** A body that comes without its size is read here. */
export async function withKnownBody(request: Request): Promise<Request | Response> {
  if (!request.headers.has("transfer-encoding")) return request;
  const { url, method, headers } = request;
  const body = await request.bytes().catch(() => null);
  if (body === null || body.length > limitOf(request)) return tooLarge(limitOf(request));
  return new Request(url, { method, headers, body });
}

const credential =
  /[?&](?:(?:(?:access|private|auth|api|job)[_-]?)?token|password|secret|api_?key|auth|authorization)=[^&]|prc_[0-9a-z]{20}/i;

/** Addresses are kept in logs and histories: a token in one is refused, right or wrong. */
export function refuseCredentialInAddress(request: Request): Response | null {
  const { url } = request;
  if (!url.includes("?") || !credential.test(url)) return null;
  const message =
    "A token does not belong in an address. Put it into auth.json: composer config http-basic.HOST token TOKEN";
  return json({ message, warning: message }, { status: 400 });
}

/** No document and no mail is ever built for a host that somebody invented. */
function wrongHost(host: string, own: string): Response {
  if (host.includes(",")) return json({ message: "One Host header, not several." }, { status: 400 });
  const message = `This registry is at ${own}. Use the address it was set up with (APP_URL).`;
  return json({ message, warning: message }, { status: 421 });
}

function limitOf(request: Request): number {
  return /\/notify-batch(\?|$)/.test(request.url) ? reportBytes : bodyBytes;
}

function tooLarge(limit: number): Response {
  const message = `The body of this request may have ${limit / 1024} KB at most.`;
  return json({ message, warning: message }, { status: 413, headers: { Connection: "close" } });
}
