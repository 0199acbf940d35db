// /.well-known/pricore/probe: how a request of ours arrives here, for the checks of an operator. Only who has the key of
// this installation is answered, so nobody else learns of it, and an answer proves that it is this installation.
import type { App } from "../../app.ts";
import { json } from "../answers.ts";
import type { RequestContext } from "../request/context.ts";
import { unread } from "../request/guard.ts";

const probeHeader = "x-pricore-probe";

/** `stream` sends a second line a while after the first one, `silence` answers late, `body` reads what it gets. */
type ProbeKind = "arrival" | "stream" | "silence" | "body";
type ProbeQuestion = { nonce: string; at: number; kind: ProbeKind };

const validMs = 60_000;
const betweenLinesMs = 2000;
const silentMs = 35_000;

type Arrived = { context: RequestContext; peer: string };

export function createProbe(app: App): (arrived: Arrived) => Promise<Response> {
  return async (arrived) => {
    const { request } = arrived.context;
    const question = questionIn(app, request.headers.get(probeHeader));
    if (question === null)
      return unread(json({ message: "This is for the installation itself." }, { status: 401 }));
    return answers[question.kind](app, { ...arrived, question });
  };
}

function questionIn(app: App, sealed: string | null): ProbeQuestion | null {
  if (sealed === null) return null;
  try {
    const question = JSON.parse(app.secrets.open("probe", "question", sealed)) as ProbeQuestion;
    return Math.abs(Date.now() - question.at) < validMs ? question : null;
  } catch {
    return null;
  }
}

type Probed = Arrived & { question: ProbeQuestion };

const answers: Record<ProbeKind, (app: App, probed: Probed) => Promise<Response> | Response> = {
  arrival: (app, probed) => json(arrivalOf(app, probed), { headers: noStore }),
  body: async (app, probed) => {
    let bytes = 0;
    for await (const piece of probed.context.request.body ?? []) bytes += (piece as Uint8Array).length;
    return json({ ...arrivalOf(app, probed), bytes }, { headers: noStore });
  },
  silence: async (app, probed) => {
    probed.context.keepAlive();
    await Bun.sleep(silentMs);
    return json(arrivalOf(app, probed), { headers: noStore });
  },
  stream: (_app, probed) => {
    probed.context.keepAlive();
    return new Response(twoLines(), { headers: { ...noStore, "X-Accel-Buffering": "no" } });
  },
};

const noStore = { "Cache-Control": "no-store" };

function arrivalOf(app: App, { context, peer, question }: Probed) {
  const { headers } = context.request;
  return {
    proof: app.secrets.seal("probe", "answer", question.nonce),
    host: headers.get("host"),
    forwardedFor: headers.get("x-forwarded-for"),
    peer,
    client: context.address,
  };
}

function twoLines(): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(text.encode("one\n"));
      await Bun.sleep(betweenLinesMs);
      controller.enqueue(text.encode("two\n"));
      controller.close();
    },
  });
}
