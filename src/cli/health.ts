import { askOwnServer } from "../outbound/own-server.ts";
import type { Command } from "./command.ts";

/** Shorter than a container's usual patience with its health check. */
const timeoutMs = 4000;

export const health: Command = {
  summary: "Ask the running server whether it is well; the exit code says it",
  usage: "",
  arity: [0, 0],
  options: {},
  async runOn({ host, port, tls }, _args, out) {
    const server = { host, port, isSecure: tls.kind !== "off" };
    const { status } = await askOwnServer(server, { path: "/health", timeoutMs });
    const isWell = status === 200;
    out.result({ status: isWell ? "ok" : "failing" }, isWell ? "ok" : `failing (${status})`);
    return isWell ? 0 : 1;
  },
};
