// Names of the hosts that are needed, and whether each family of their addresses answers.
import type { App } from "../../app.ts";
import { isIP } from "../../net.ts";
import { listOrigins } from "../../store/repositories/origins.ts";
import { fail, ok, warn, withConfig, worstOf, type Check, type Finding } from "../check.ts";
import { hostsOf, type Host } from "../hosts.ts";
import type { Machine } from "../machine.ts";

export const dns: Check = {
  id: "dns",
  title: "Names and addresses",
  run: withConfig(async (config, { app, machine }) => {
    const hosts = hostsOf(config, await originsOf(app));
    const findings = await Promise.all(hosts.map((host) => findHost(machine, host)));
    return worstOf(
      findings,
      hosts.length === 0 ? "No host is needed yet." : `${hosts.length} hosts are found and answer.`,
    );
  }),
};

async function originsOf(app: App | null): Promise<string[]> {
  return app === null ? [] : listOrigins(app.db).catch(() => []);
}

async function findHost(machine: Machine, { name, port }: Host): Promise<Finding> {
  if (isIP(name) > 0) return ok(name);
  const found = await machine.addresses(name);
  if (found === null)
    return fail(`The name ${name} is not known here.`, {
      advice: "Check the name, and the name servers of this machine.",
    });
  const answers = async (addresses: string[]) =>
    addresses.length === 0 ? null : machine.accepts(addresses[0] ?? "", port);
  const [four, six] = await Promise.all([answers(found.v4), answers(found.v6)]);
  if (four !== true && six !== true)
    return fail(`${name} does not answer on port ${port}.`, {
      advice: "Check the firewall of this machine.",
    });
  if (six === false)
    return warn(
      `${name} has an IPv6 address that does not answer from here: every connection tries it first.`,
      {
        advice: "Repair IPv6 on this machine, or switch it off.",
      },
    );
  return ok(name);
}
