// One HTTP request to addresses that were already checked, with time limits and a bounded body. It uses node:http and
// not fetch, because that takes the checked addresses as its DNS lookup and reports when the connection is established.

import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Failure, unavailable } from "../errors.ts";

export type OutboundLimits = {
  connectMs: number;
  firstByteMs: number;
  silenceMs: number;
  totalMs: number;
  /** Limit of the decoded body. */
  bodyBytes: number;
};

export type Clock = { signal: AbortSignal; stop(): void };

/** Limits the whole exchange, including redirects and body. */
export function startClock(totalMs: number): Clock {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), totalMs);
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}

type Sending = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  ca?: string | null;
  addresses: string[];
  limits: OutboundLimits;
  clock: Clock;
};

/** Resolves when the response headers have arrived. */
export function send(
  target: URL,
  { addresses, limits, clock, method, headers, body, ca }: Sending,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    const secure = target.protocol === "https:";
    const options: https.RequestOptions & { autoSelectFamily: boolean } = {
      method: method ?? "GET",
      headers: { "user-agent": "pricore", "accept-encoding": "gzip", ...headers },
      agent: false,
      rejectUnauthorized: true,
      ...(ca ? { ca } : {}),
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

/** A Response with a decoded, bounded body whose errors are Failures. */
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
  if (!body) {
    reading.clock.stop();
    answer.resume();
  }
  const response = new Response(body, { status, headers });
  Object.defineProperty(response, "url", { value: reading.target.href });
  return response;
}

// A megabyte at a time, because pausing and resuming the socket for every chunk is slow.
const readAhead = new ByteLengthQueuingStrategy({ highWaterMark: 1024 * 1024 });

function toStream(
  answer: http.IncomingMessage,
  { target, limits, clock }: Reading,
): ReadableStream<Uint8Array> {
  const { host } = target;
  const source = decoded(answer, host);
  let bytes = 0;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  let whenSilent = () => {};
  const wait = () => {
    clearTimeout(silence);
    silence = setTimeout(whenSilent, limits.silenceMs);
  };
  const end = (tell?: () => void) => {
    if (ended) return;
    ended = true;
    clearTimeout(silence);
    clock.stop();
    source.destroy();
    answer.destroy();
    tell?.();
  };
  const read: UnderlyingDefaultSource<Uint8Array> = {
    start(controller) {
      const fail = (failure: Failure) => end(() => controller.error(failure));
      whenSilent = () => fail(tooSlow(host, "fell silent", limits.silenceMs));
      wait();
      clock.signal.addEventListener("abort", () => fail(tooSlow(host, "took too long", limits.totalMs)));
      source.on("error", (error) => fail(connectionFailure(host, error)));
      source.on("end", () => end(() => controller.close()));
      source.on("data", (chunk: Buffer) => {
        if (ended) return;
        bytes += chunk.length;
        if (bytes > limits.bodyBytes) return fail(tooLarge(host, limits.bodyBytes));
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 0) > 0) return void silence?.refresh();
        source.pause();
        clearTimeout(silence);
      });
    },
    pull() {
      if (ended || !source.isPaused()) return;
      wait();
      source.resume();
    },
    cancel: () => end(),
  };
  return new ReadableStream(read, readAhead);
}

function decoded(answer: http.IncomingMessage, host: string): Readable {
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return answer;
  if (encoding === "gzip") return pipeline(answer, createGunzip(), () => {});
  throw unavailable(`${host} answered in the encoding "${encoding}", which was not requested.`);
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
