// Smart HTTP. gitprotocol-http(5), protocol version 0: one GET for the refs, one POST for the pack.

import { outbound } from "../outbound/outbound.ts";
import { advertisementBytes } from "./advertisement.ts";
import { refusalOf } from "./http-refusal.ts";
import type { Credential } from "./mirror.ts";
import { protocolFailure, readPktLines, type PktLines } from "./pkt-line.ts";
import type { RemoteUrl } from "./remote.ts";
import { secretForms, withoutSecrets } from "./server-message.ts";
import type { TransportOptions, Transport } from "./transport.ts";

type HttpUrl = Extract<RemoteUrl, { kind: "http" }>;
type Basic = Extract<Credential, { kind: "basic" }>;

const service = "git-upload-pack";
const agent = { "user-agent": "git/pricore" };
const framingBytes = 16 * 1024 * 1024;

export async function openSmartHttp(
  { url }: HttpUrl,
  credential: Basic | null,
  options: TransportOptions,
): Promise<Transport> {
  const headers = { ...agent, ...authorization(credential) };
  const refsUrl = `${url}/info/refs?service=${service}`;
  const answer = await ask(refsUrl, { headers, bodyBytes: advertisementBytes + framingBytes }, options);
  await expectContent(answer, `application/x-${service}-advertisement`, credential);
  const lines = readLines(answer, credential);
  await skipServiceHeader(lines);
  const base = movedBase(answer.url, refsUrl, url);
  const packUrl = `${base}/${service}`;
  return {
    lines,
    packUrl,
    hostKey: null,
    movedTo: isElsewhere(base, url) ? base : null,
    close: () => void lines.return(),
    async request(body) {
      await lines.return();
      return requestPack({ url, credential, packUrl, body }, options);
    },
  };
}

type PackRequest = {
  /** The repository's own URL; the credential is sent to no other origin. */
  url: string;
  credential: Basic | null;
  packUrl: string;
  body: Uint8Array;
};

/** Answers the lines of the response. */
export async function requestPack(
  { url, credential, packUrl, body }: PackRequest,
  options: TransportOptions,
): Promise<PktLines> {
  const posted = {
    method: "POST",
    headers: {
      ...agent,
      ...(sameOrigin(packUrl, url) ? authorization(credential) : {}),
      "content-type": `application/x-${service}-request`,
      accept: `application/x-${service}-result`,
    },
    body,
    bodyBytes: options.limits.packBytes + framingBytes,
  };
  const result = await ask(packUrl, posted, options);
  await expectContent(result, `application/x-${service}-result`, credential);
  return readLines(result, credential);
}

type HttpRequest = { method?: string; headers: Record<string, string>; body?: Uint8Array; bodyBytes: number };

function ask(
  url: string,
  { bodyBytes, ...request }: HttpRequest,
  { policy, limits, resolve }: TransportOptions,
): Promise<Response> {
  const { connectMs, firstByteMs, silenceMs, totalMs } = limits;
  return outbound(policy, url, {
    ...request,
    resolve,
    limits: { connectMs, firstByteMs, silenceMs, totalMs, bodyBytes },
  });
}

function authorization(credential: Basic | null): Record<string, string> {
  if (!credential) return {};
  const pair = Buffer.from(`${credential.username}:${credential.password}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}

async function* bytesOf(answer: Response): AsyncGenerator<Uint8Array> {
  if (answer.body) yield* answer.body;
}

/** Text from the server may repeat the credential, so it is masked before a line is used. */
async function* readLines(answer: Response, credential: Basic | null): PktLines {
  const secrets = credential ? secretForms(credential) : [];
  for await (const line of readPktLines(bytesOf(answer)))
    yield line && isText(line) ? masked(line, secrets) : line;
}

const progressBand = 2;
const errorBand = 3;

function isText(line: Buffer): boolean {
  return line[0] === progressBand || line[0] === errorBand || line.toString("latin1", 0, 4) === "ERR ";
}

function masked(line: Buffer, secrets: string[]): Buffer {
  return secrets.length === 0 ? line : Buffer.from(withoutSecrets(line.toString("utf8"), secrets));
}

async function expectContent(answer: Response, type: string, credential: Basic | null): Promise<void> {
  if (answer.status === 200 && answer.headers.get("content-type")?.split(";")[0] === type) return;
  throw await refusalOf(answer, credential);
}

async function skipServiceHeader(lines: PktLines): Promise<void> {
  const { value: header } = await lines.next();
  const { value: end } = await lines.next();
  if (header?.toString("latin1").trimEnd() !== `# service=${service}` || end !== null) {
    throw protocolFailure("The list of refs is not in git's protocol.");
  }
}

/** The base URL for the POST: a redirect of the GET moves the repository. */
function movedBase(arrived: string, refsUrl: string, url: string): string {
  const suffix = refsUrl.slice(url.length);
  return arrived.endsWith(suffix) ? arrived.slice(0, -suffix.length) : url;
}

/** Forges also redirect to another spelling of the same repository: with .git at the end, or in another letter case. */
function isElsewhere(base: string, url: string): boolean {
  const plain = (text: string) => text.replace(/(?:\.git)?\/*$/, "").toLowerCase();
  return sameOrigin(base, url) && plain(base) !== plain(url);
}

function sameOrigin(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin;
}
