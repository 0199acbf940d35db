// What listens with TLS: HTTPS, and the plain port beside it.
import type { App } from "../../app.ts";
import { findChallengeAnswer } from "../../registry/certificates/order.ts";
import { renewSoon } from "../../registry/certificates/renew.ts";
import { sourceOf } from "../../registry/certificates/source.ts";
import { drain, type Handlers, type HeldPort } from "../listen.ts";
import { startPlainPort } from "./plain-port.ts";
import { startSecureServer } from "./secure-server.ts";

type Encrypted = Exclude<App["config"]["tls"], { kind: "off" }>;

export async function listenWithTls(
  app: App,
  tls: Encrypted,
  { handlers, held }: { handlers: Handlers; held: HeldPort | null },
): Promise<{ stop(): Promise<void> }> {
  const source = sourceOf(app, tls);
  const secure = await startSecureServer(app, { source, handlers, held, mayWait: tls.kind === "acme" });
  const waiting = () => (secure.isServing() ? null : (source.problem() ?? ""));
  const challenge = async (token: string) => (tls.kind === "acme" ? findChallengeAnswer(app, token) : null);
  const plain =
    tls.httpPort === null ? null : startPlainPort(app, { port: tls.httpPort, challenge, waiting });
  if (tls.kind === "acme") await renewSoon(app);
  return {
    async stop() {
      await Promise.all([secure.stop(), plain && drain(plain)]);
    },
  };
}
