// What listens with TLS: HTTPS, and the plain port beside it.
import type { App } from "../../app.ts";
import { findChallengeAnswer } from "../../registry/certificates/order.ts";
import { renewSoon } from "../../registry/certificates/renew.ts";
import { sourceOf } from "../../registry/certificates/source.ts";
import { drain, type Handlers, type HeldPort } from "../listen.ts";
import { createHttp3 } from "./http3.ts";
import { startPlainPort } from "./plain-port.ts";
import { startSecureServer } from "./secure-server.ts";

type Encrypted = Exclude<App["config"]["tls"], { kind: "off" }>;

export async function listenWithTls(
  app: App,
  tls: Encrypted,
  { handlers, held }: { handlers: Handlers; held: HeldPort | null },
): Promise<{ stop(): Promise<void> }> {
  const source = sourceOf(app, tls);
  const http3 = tls.http3 ? createHttp3(app, handlers) : null;
  const secure = await startSecureServer(app, {
    ...{ source, held, mayWait: tls.kind === "acme" },
    handlers: http3?.announcing(handlers) ?? handlers,
    onPair: (pair) => http3?.serve(pair),
  });
  const waiting = () => (secure.isServing() ? null : (source.problem() ?? ""));
  const challenge = async (token: string) => (tls.kind === "acme" ? findChallengeAnswer(app, token) : null);
  const plain =
    tls.httpPort === null ? null : startPlainPort(app, { port: tls.httpPort, challenge, waiting });
  if (tls.kind === "acme") await renewSoon(app);
  return {
    async stop() {
      await Promise.all([secure.stop(), http3?.stop(), plain && drain(plain)]);
    },
  };
}
