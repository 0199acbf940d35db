// Redis, where it is configured: it must not drop or lose jobs, nor be open to others.
import type { RedisAddress } from "../../redis/address.ts";
import { fail, ok, warn, withApp, worstOf, type Check, type Finding } from "../check.ts";

export const redis: Check = {
  id: "redis",
  title: "Redis",
  run: withApp(async ({ config, redis: connection }) => {
    if (config.redis === null || connection === null) return ok("Redis is not used.");
    const info = await connection.ask((client) => client.info()).catch(() => null);
    if (info === null)
      return fail(`Redis does not answer: ${connection.problem() ?? "it is silent"}.`, {
        advice: "Start it, or check the REDIS_ settings.",
      });
    const figure = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
    const findings = [versionIn(figure("redis_version")), loginIn(config.redis)];
    if (config.jobs.kind === "redis")
      findings.push(policyIn(figure("maxmemory_policy")), persistenceIn(figure("aof_enabled")));
    return worstOf(findings, `Redis ${figure("redis_version")} answers.`);
  }),
};

const oldestMajor = 6;

function versionIn(version: string): Finding {
  if (Number(version.split(".")[0]) >= oldestMajor) return ok(version);
  return warn(`Redis ${version} is old.`, { advice: `Use Redis ${oldestMajor} or newer.` });
}

function policyIn(policy: string): Finding {
  if (policy === "noeviction" || policy === "") return ok(policy);
  return fail(`Redis drops keys when its memory is full (${policy}), jobs among them.`, {
    advice: "Set maxmemory-policy noeviction in its configuration.",
  });
}

function persistenceIn(enabled: string): Finding {
  if (enabled !== "0") return ok("");
  return warn("Redis forgets the latest jobs when it is restarted.", {
    advice: "Set appendonly yes in its configuration.",
  });
}

function loginIn(address: RedisAddress): Finding {
  const [hosts, hasPassword] = "url" in address ? oneServer(address.url) : manyServers(address);
  if (hasPassword || hosts.every(isLoopback)) return ok("");
  return fail("Redis on another machine asks for no password.", {
    advice:
      "Set requirepass there and the password here: everybody on that network can read sessions and jobs.",
  });
}

function oneServer(text: string): [hosts: string[], hasPassword: boolean] {
  const url = URL.parse(text);
  return [[url?.hostname ?? ""], url?.password !== ""];
}

function manyServers(address: Exclude<RedisAddress, { url: string }>): [string[], boolean] {
  const nodes = "cluster" in address ? address.cluster : address.sentinels;
  return [nodes.map(({ host }) => host), address.login.password !== null];
}

function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|127(\.\d{1,3}){3})$/.test(host);
}
