// Orders a certificate with the account that the database has, and proves what it gets.
import type { App } from "../../app.ts";
import type { AcmeTls } from "../../config/tls.ts";
import {
  addAcmeAccount,
  findAcmeAccount,
  findChallenge,
  putChallenge,
  removeChallenge,
} from "../../store/certificates.ts";
import { importAccountKey, newAccountKey, type AccountKey } from "../../tls/acme/account-key.ts";
import { orderCertificate, type Solver } from "../../tls/acme/acme.ts";
import type { Authority } from "../../tls/acme/connection.ts";
import { dnsSolver } from "../../tls/acme/dns-hook.ts";
import { provePair, type Pair } from "../../tls/pair.ts";

export function authorityOf({ config }: App, { directory, ca }: AcmeTls): Authority {
  return { directory, ca, policy: { allow: config.outboundAllow } };
}

/** `replaces`: PEM of the certificate before. Fails as `AcmeRefusal`, `unavailable` or `invalid`. */
export async function orderPair(app: App, tls: AcmeTls, replaces: string | null): Promise<Pair> {
  const { names, profile, email, externalAccount } = tls;
  const account = { key: await accountKeyFor(app, tls.directory), email, externalAccount };
  const solver = tls.challenge.type === "dns-01" ? dnsSolver(tls.challenge.hook) : httpSolver(app);
  const ordered = await orderCertificate(authorityOf(app, tls), account, {
    names,
    solver,
    profile,
    replaces,
  });
  return provePair(ordered, names);
}

/** What the authority wants to read at this challenge; null when it is none of ours. */
export async function findChallengeAnswer(app: App, token: string): Promise<string | null> {
  const sealed = await findChallenge(app.db, token);
  return sealed === null ? null : app.secrets.open("tls", challengeName(token), sealed);
}

/** In the database, so that any server answers. */
function httpSolver(app: App): Solver {
  return {
    type: "http-01",
    async set({ token, value }) {
      const authorization = app.secrets.seal("tls", challengeName(token), value);
      await putChallenge(app.db, { token, authorization, created_at: app.now() });
    },
    clear: ({ token }) => removeChallenge(app.db, token),
  };
}

async function accountKeyFor(app: App, directory: string): Promise<AccountKey> {
  const name = `acme account ${directory}`;
  if ((await findAcmeAccount(app.db, directory)) === null) {
    const privateKey = app.secrets.seal("tls", name, await newAccountKey());
    await addAcmeAccount(app.db, { directory, privateKey, now: app.now() });
  }
  const sealed = (await findAcmeAccount(app.db, directory)) ?? "";
  return importAccountKey(app.secrets.open("tls", name, sealed));
}

function challengeName(token: string): string {
  return `acme challenge ${token}`;
}
