// Asks this installation by its public address, as a client does, and proves that it was this installation that answered.
import type { App } from "../app.ts";
import { Failure, messageOf, textOf } from "../errors.ts";
import { outbound } from "../outbound/outbound.ts";

type ProbeKind = "arrival" | "stream" | "silence" | "body";

/** How the request arrived. */
export type Arrival = {
  host: string | null;
  forwardedFor: string | null;
  /** Who is at the other end of the connection. */
  peer: string;
  /** Whom the server takes for the client. */
  client: string;
};

type Question = { kind: ProbeKind; body?: Uint8Array; totalMs?: number };

/** `problem` instead of an answer of ours: no connection, another program, another installation. */
type Probed = { arrival: Arrival } | { problem: string; status: number | null };

export async function probe(app: App, question: Question): Promise<Probed> {
  const nonce = crypto.randomUUID();
  try {
    const response = await askProbe(app, nonce, question);
    const { status } = response;
    const text = await response.text();
    const answer = parsed(text);
    if (answer !== null && proves(app, nonce, answer.proof)) return { arrival: answer };
    return {
      status,
      problem: `Another program or installation answers at ${app.config.appUrl} (${status}).`,
    };
  } catch (error) {
    return { status: null, problem: error instanceof Failure ? textOf(error) : messageOf(error) };
  }
}

/** The public address of this installation may be a private one. */
export function askProbe(
  app: App,
  nonce: string,
  { kind, body, totalMs = 8000 }: Question,
): Promise<Response> {
  const { appUrl, outboundAllow } = app.config;
  const { hostname } = new URL(appUrl);
  const allow = [...outboundAllow, { host: hostname.replace(/^\[|\]$/g, ""), port: null }];
  const sealed = app.secrets.seal("probe", "question", JSON.stringify({ nonce, at: Date.now(), kind }));
  return outbound({ allow }, `${appUrl}/.well-known/pricore/probe`, {
    headers: { "x-pricore-probe": sealed, "accept-encoding": "identity" },
    ...(body === undefined ? {} : { method: "POST", body }),
    limits: { connectMs: 5000, firstByteMs: totalMs, silenceMs: totalMs, totalMs, bodyBytes: 100_000 },
  });
}

function parsed(text: string): (Arrival & { proof: string }) | null {
  try {
    return JSON.parse(text) as Arrival & { proof: string };
  } catch {
    return null;
  }
}

function proves(app: App, nonce: string, proof: unknown): boolean {
  try {
    return typeof proof === "string" && app.secrets.open("probe", "answer", proof) === nonce;
  } catch {
    return false;
  }
}
