// Accounts at Git hosts: whether their tokens work, for how long, and how many requests are left.
import type { App } from "../../app.ts";
import { Failure, textOf } from "../../errors.ts";
import { forgeOf, userAt } from "../../registry/forges/access.ts";
import { nameOfCredential } from "../../registry/names.ts";
import { listAllAccounts } from "../../store/repositories/origins.ts";
import { createTurns } from "../../turns.ts";
import { fail, ok, unknown, warn, withApp, worstOf, type Check, type Finding } from "../check.ts";

const maxAccounts = 50;
const atOnce = 8;
const soonMs = 14 * 86_400_000;

type Account = Awaited<ReturnType<typeof listAllAccounts>>[number];

export const forgeTokens: Check = {
  id: "forge.tokens",
  title: "Git host accounts",
  run: withApp(async (app, { now }) => {
    const accounts = await listAllAccounts(app.db, maxAccounts);
    if (accounts.length === 0) return ok("No account at a Git host is connected.");
    const inTurn = createTurns(atOnce);
    const findings = await Promise.all(
      accounts.map((account) => inTurn(() => tryAccount(app, account, now()))),
    );
    return worstOf(findings, `${accounts.length} accounts at Git hosts work.`);
  }),
};

async function tryAccount(app: App, account: Account, now: number): Promise<Finding> {
  const name = `${account.slug}: "${nameOfCredential(account)}" at ${account.host ?? "a Git host"}`;
  const remedy = { do: "connect-account", organization: account.slug } as const;
  // Access that was granted is renewed by the sync that needs it, which is not for a look to do.
  const renewsItself = account.granted_at !== null && account.refresh_secret !== null;
  if (renewsItself && account.refused_at === null) return ok(name);
  try {
    const token = app.secrets.open("credentials", account.id, account.secret);
    const found = await forgeOf(app, account).findAccount({ token, username: userAt(account), limits: null });
    const expiresAt = found.expiresAt ?? account.expires_at;
    if (expiresAt !== null && expiresAt - now < soonMs) {
      const day = new Date(expiresAt).toISOString().slice(0, 10);
      return warn(`${name} expires on ${day}.`, { advice: "Create a new token there and enter it.", remedy });
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const isAway = ["forge_unavailable", "forge_rate_limited"].includes(error.code);
    return isAway ? unknown(`${name}: ${textOf(error)}`) : fail(`${name}: ${textOf(error)}`, { remedy });
  }
  const { rate_limit: limit, rate_remaining: left, rate_resets_at: resetsAt } = account;
  const isLow = limit !== null && left !== null && left < limit / 20 && (resetsAt ?? 0) > now;
  return isLow
    ? warn(`${name} has ${left} of ${limit} requests left.`, { advice: "Connect another account." })
    : ok(name);
}
