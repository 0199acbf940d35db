// One HTTP request to addresses that were checked already, under its time limits, with a bounded body.
// node:http rather than fetch: it takes the addresses as its look-up and tells when the connection stands.

import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Failure, unavailable } from "./errors.ts";

export type OutboundLimits = {
  connectMs: number;
  firstByteMs: number;
  silenceMs: number;
  totalMs: number;
  /** Of the decoded body. */
  bodyBytes: number;
};

export type Clock = { signal: AbortSignal; stop(): void };

/** Limits the whole of an exchange, redirects and body included. */
export function startClock(totalMs: number): Clock {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), totalMs);
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}

type Sending = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  addresses: string[];
  limits: OutboundLimits;
  clock: Clock;
};

/** Resolves when the head of the answer is there. */
export function send(
  target: URL,
  { addresses, limits, clock, method, headers, body }: Sending,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    const secure = target.protocol === "https:";
    const options: https.RequestOptions & { autoSelectFamily: boolean } = {
      method: method ?? "GET",
      headers: { "user-agent": "pricore", "accept-encoding": "gzip", ...headers },
      agent: false,
      rejectUnauthorized: true,
      autoSelectFamily: true, // asks the look-up for every address
      lookup: (_host, _options, done) => done(null, found),
    };
    const outgoing = (secure ? https : http).request(target, options);
    const fail = (error: Error) => {
      clearTimeout(timer);
      outgoing.destroy();
      reject(error instanceof Failure ? error : connectionFailure(target.host, error));
    };
    const late = (what: string, ms: number) => setTimeout(() => fail(tooSlow(target.host, what, ms)), ms);
    let timer = late("could not be reached", limits.connectMs);
    outgoing.on("socket", (socket) => {
      socket.once(secure ? "secureConnect" : "connect", () => {
        clearTimeout(timer);
        timer = late("did not answer", limits.firstByteMs);
      });
    });
    clock.signal.addEventListener("abort", () => fail(tooSlow(target.host, "took too long", limits.totalMs)));
    outgoing.on("error", fail);
    outgoing.on("response", (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    outgoing.end(body);
  });
}

type Reading = { target: URL; limits: OutboundLimits; clock: Clock };

/** The answer as a Response whose body is decoded, bounded, and fails with a Failure. */
export function toResponse(answer: http.IncomingMessage, reading: Reading): Response {
  const status = answer.statusCode ?? 0;
  if (status < 200 || status > 599) throw unavailable(`${reading.target.host} sent no valid HTTP answer.`);
  const headers = new Headers();
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    headers.append(answer.rawHeaders[i] ?? "", answer.rawHeaders[i + 1] ?? "");
  }
  if (headers.has("content-encoding")) headers.delete("content-length");
  headers.delete("content-encoding");
  const body = [204, 205, 304].includes(status) ? null : toStream(answer, reading);
  if (!body) reading.clock.stop();
  const response = new Response(body, { status, headers });
  Object.defineProperty(response, "url", { value: reading.target.href });
  return response;
}

function toStream(answer: http.IncomingMessage, reading: Reading): ReadableStream<Uint8Array> {
  const chunks = readBody(decoded(answer, reading.target.host), reading);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel() {
      reading.clock.stop();
      answer.destroy();
    },
  });
}

async function* readBody(source: Readable, { target, limits, clock }: Reading): AsyncGenerator<Uint8Array> {
  const { host } = target;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let bytes = 0;
  let failure: Failure | null = null;
  const stop = (what: string, ms: number) => {
    failure = tooSlow(host, what, ms);
    source.destroy(failure);
  };
  const wait = () => {
    timer = setTimeout(() => stop("fell silent", limits.silenceMs), limits.silenceMs);
  };
  clock.signal.addEventListener("abort", () => stop("took too long", limits.totalMs));
  try {
    wait();
    for await (const chunk of source) {
      clearTimeout(timer);
      bytes += chunk.length;
      if (bytes > limits.bodyBytes) throw tooLarge(host, limits.bodyBytes);
      yield chunk;
      wait();
    }
  } catch (error) {
    throw failure ?? (error instanceof Failure ? error : connectionFailure(host, error as Error));
  } finally {
    clearTimeout(timer);
    clock.stop();
    source.destroy();
  }
}

function decoded(answer: http.IncomingMessage, host: string): Readable {
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return answer;
  if (encoding === "gzip") return pipeline(answer, createGunzip(), () => {});
  throw unavailable(`${host} answered in the encoding "${encoding}", which was not asked for.`);
}

function tooSlow(host: string, what: string, ms: number): Failure {
  return unavailable(`${host} ${what} (limit ${ms / 1000} s).`, { code: "outbound_timeout" });
}

function tooLarge(host: string, bytes: number): Failure {
  return unavailable(`The answer of ${host} is larger than ${Math.floor(bytes / 1024)} KB.`, {
    code: "outbound_too_large",
  });
}

function connectionFailure(host: string, error: Error & { code?: string }): Failure {
  const code = error.code ?? "";
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(code)) {
    return unavailable(`The certificate of ${host} can't be verified (${code}).`, { code: "outbound_tls" });
  }
  if (code === "ECONNRESET") {
    return unavailable(`${host} cut the connection.`, { code: "outbound_cut" });
  }
  return unavailable(`${host} can't be reached (${code || error.message}).`, {
    code: "outbound_unreachable",
  });
}
