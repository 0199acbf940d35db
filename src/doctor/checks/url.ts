// Whether this installation can be reached by its own address. Only from this machine: what the world sees may differ.
import { askOwnServer } from "../../outbound/own-server.ts";
import { fail, ok, withApp, type Check } from "../check.ts";
import { probe } from "../probe.ts";

export const urlSelf: Check = {
  id: "url.self",
  title: "Address of this server",
  run: withApp(async (app) => {
    const { appUrl, host, port, tls } = app.config;
    const probed = await probe(app, { kind: "arrival" });
    if ("arrival" in probed) return ok(`${appUrl} leads here, seen from this machine.`);
    const isRunning = await askOwnServer(
      { host, port, isSecure: tls.kind !== "off" },
      { path: "/health", timeoutMs: 2000 },
    ).then(
      () => true,
      () => false,
    );
    if (!isRunning && !probed.status)
      return fail(`The server is not running: nothing answers at ${host}:${port}.`, {
        advice: "Start it, and look at its log if it ends.",
      });
    return fail(`${appUrl} does not lead here, seen from this machine. ${probed.problem}`, {
      advice:
        tls.kind === "off"
          ? `Check APP_URL, the DNS entry and the firewall, and that the proxy passes requests to ${host}:${port}.`
          : "Check APP_URL, the DNS entry, the firewall and the certificate.",
    });
  }),
};
