import { expectDatabase } from "../app.ts";
import { replaceKey } from "../app-key.ts";
import { invalid } from "../errors.ts";
import { openLiveDatabase } from "../moved.ts";
import { forgetSecrets, type Forgotten } from "../registry/forget-secrets.ts";
import { migrate } from "../store/engine/database.ts";
import { lockAlone } from "../store/engine/serve-lock.ts";
import type { Command } from "./command.ts";

export const key: Record<string, Command> = {
  replace: {
    summary: "Continue without the encryption key that was lost",
    usage: "",
    arity: [0, 0],
    options: {
      "forget-credentials": {
        type: "boolean",
        help: "Delete everything that only the old key can decrypt; credentials must then be entered again",
      },
    },
    async runOn(config, args, out) {
      if (!args.flag("forget-credentials"))
        throw invalid("Without the old key, what was stored with it is lost.", {
          code: "usage",
          advice: "Credentials must then be entered again, and authenticator apps set up again.",
          remedy: { do: "replace-key" },
        });
      await expectDatabase(config);
      const lock = lockAlone(config.database);
      try {
        const { db } = await openLiveDatabase(config);
        try {
          await migrate(db);
          const now = Date.now();
          const forgotten = await replaceKey(config, db, (open, secrets) =>
            forgetSecrets(open, { secrets, now }),
          );
          out.result(forgotten, linesOf(forgotten));
        } finally {
          await db.close();
        }
      } finally {
        lock.release();
      }
    },
  },
};

function linesOf(forgotten: Forgotten): string[] {
  const { credentials, sshKeys, manualWebhooks, webhooks, codeApps, mails, leftHooks } = forgotten;
  return [
    "The registry has a new key. Packages, archives, tokens, passwords and passkeys are as before.",
    ...listed(
      "Enter these credentials again, under Settings → Credentials of the organization:",
      credentials.map(({ organization, name }) => `${organization}: ${name}`),
    ),
    ...listed(
      "These SSH keys are new; add each public key at its host in place of the old one:",
      sshKeys.flatMap(({ organization, name, publicKey }) => [`${organization}: ${name}`, `  ${publicKey}`]),
    ),
    ...listed(
      "These webhooks need a new secret; make one on the page of the repository and enter it at the Git host:",
      manualWebhooks.map(({ organization, repository }) => `${organization}: ${repository}`),
    ),
    ...listed("The authenticator apps of these people no longer work:", codeApps),
    ...(codeApps.length > 0
      ? [
          "They sign in with a recovery code or a passkey and set the app up again. For others: pricore user disable-2fa",
        ]
      : []),
    ...counted(
      webhooks,
      "Webhooks that get a new secret once the account at their Git host is connected again",
    ),
    ...counted(mails, "Emails that were waiting and cannot be sent"),
    ...counted(leftHooks, "Webhooks that were about to be removed and stay at their Git hosts"),
    "Known browsers count as new ones at the next sign-in, and earlier setup links no longer work.",
  ];
}

function listed(head: string, lines: string[]): string[] {
  return lines.length > 0 ? [head, ...lines.map((line) => `  ${line}`)] : [];
}

function counted(count: number, what: string): string[] {
  return count > 0 ? [`${what}: ${count}.`] : [];
}
