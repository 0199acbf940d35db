// What a reverse proxy in front of this server makes of requests and answers.
import type { App } from "../../app.ts";
import { isIP } from "../../net.ts";
import { inNetwork } from "../../outbound/networks.ts";
import { fail, ok, unknown, warn, withApp, type Check, type Finding } from "../check.ts";
import { askProbe, probe, type Arrival } from "../probe.ts";

const noAnswer = "This server was not reached by its address.";
const bodyBytes = 20 * 1024 * 1024;
/** The server waits two seconds between the lines. */
const heldBackMs = 1000;

export const proxyHeaders: Check = {
  id: "proxy.headers",
  title: "Proxy: headers and streams",
  run: withApp(async (app) => {
    const probed = await probe(app, { kind: "arrival" });
    if (!("arrival" in probed)) return unknown(noAnswer);
    const problem = headersOf(app, probed.arrival);
    if (problem !== null) return problem;
    const gap = await gapOf(app);
    if (gap !== null && gap < heldBackMs)
      return warn("The proxy holds answers back, so pages are not updated live.", {
        remedy: { do: "configure-proxy", line: "proxy_buffering off;" },
      });
    if (probed.arrival.forwardedFor === null) return ok("Requests arrive as they were sent.");
    return ok(`The proxy at ${probed.arrival.peer} passes on host and client.`);
  }),
};

function headersOf({ config }: App, { host, forwardedFor, peer }: Arrival): Finding | null {
  const own = new URL(config.appUrl);
  const isOurs = host === own.host || host === own.hostname;
  if (!isOurs)
    return fail(`The proxy replaces the host by "${(host ?? "").slice(0, 100)}", which is refused.`, {
      remedy: { do: "configure-proxy", line: "proxy_set_header Host $http_host;" },
    });
  const isTrusted = config.trustedProxies.some((network) => inNetwork(network, peer));
  if (forwardedFor !== null && !isTrusted && isIP(peer) > 0)
    return fail(`The proxy at ${peer} is not trusted, so every client seems to have its address.`, {
      advice: "Limits for one client then count for all of them together.",
      remedy: { do: "change-setting", variable: "TRUSTED_PROXIES", to: peer.replace(/^::ffff:/, "") },
    });
  if (forwardedFor === null && isTrusted)
    return warn(`The proxy at ${peer} does not say for whom it asks.`, {
      remedy: { do: "configure-proxy", line: "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;" },
    });
  return null;
}

/** Milliseconds between the first and the last bytes of a stream; null when it did not come. */
async function gapOf(app: App): Promise<number | null> {
  try {
    const response = await askProbe(app, crypto.randomUUID(), { kind: "stream" });
    let first: number | null = null;
    for await (const _ of response.body ?? []) first ??= performance.now();
    return first === null || response.status !== 200 ? null : performance.now() - first;
  } catch {
    return null;
  }
}

export const proxyLimits: Check = {
  id: "proxy.limits",
  title: "Proxy: sizes and times",
  budgetMs: 50_000,
  run: withApp(async (app, { isThorough }) => {
    const large = await probe(app, { kind: "body", body: new Uint8Array(bodyBytes) });
    if (!("arrival" in large)) {
      // Some cut the connection without a word.
      const small = await probe(app, { kind: "arrival" });
      if (!("arrival" in small)) return unknown(noAnswer);
      return fail("The proxy refuses large requests, as pushes of many commits are.", {
        remedy: { do: "configure-proxy", line: "client_max_body_size 25m;" },
      });
    }
    if (!isThorough) return ok("A request of 20 MB arrives.");
    const late = await probe(app, { kind: "silence", totalMs: 40_000 });
    if ("arrival" in late) return ok("A request of 20 MB arrives, and so does an answer after 35 s.");
    return warn("An answer that takes 35 s is cut off by the proxy.", {
      remedy: { do: "configure-proxy", line: "proxy_read_timeout 300s;" },
    });
  }),
};
