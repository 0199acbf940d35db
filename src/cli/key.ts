import { expectDatabase } from "../app.ts";
import { replaceKey } from "../app-key.ts";
import { invalid } from "../errors.ts";
import { forgetSecrets, type Forgotten } from "../registry/forget-secrets.ts";
import { migrate, openDatabase } from "../store/database.ts";
import { lockForServing } from "../store/serve-lock.ts";
import type { Command } from "./command.ts";

export const key: Record<string, Command> = {
  replace: {
    summary: "Go on without the encryption key that was lost",
    usage: "",
    arity: [0, 0],
    options: {
      "forget-credentials": {
        type: "boolean",
        help: "Give up what only the old key opens: credentials must be entered again",
      },
    },
    async runOn(config, args, out) {
      if (!args.flag("forget-credentials"))
        throw invalid("Without the old key, what was stored with it is lost.", {
          code: "usage",
          remedy:
            "If that key is nowhere to be found: pricore key replace --forget-credentials. " +
            "Credentials and code apps must then be entered again.",
        });
      await expectDatabase(config);
      const lock = lockForServing(config.database);
      try {
        const db = await openDatabase(config.database);
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
    ...listed("Enter these credentials again, under Settings → Credentials of the organization:", [
      ...credentials.map(({ organization, name }) => `${organization}: ${name}`),
    ]),
    ...listed("These SSH keys are new; add each public key at its host in place of the old one:", [
      ...sshKeys.flatMap(({ organization, name, publicKey }) => [
        `${organization}: ${name}`,
        `  ${publicKey}`,
      ]),
    ]),
    ...listed(
      "These webhooks need a new secret; make one on the page of the repository and enter it there:",
      [...manualWebhooks.map(({ organization, repository }) => `${organization}: ${repository}`)],
    ),
    ...listed("No code of these people's code apps is right any more:", codeApps),
    ...(codeApps.length > 0
      ? [
          "They sign in with a recovery code or a passkey and set the app up again. For others: pricore user disable-2fa",
        ]
      : []),
    ...counted(webhooks, "Webhooks that get a new secret once the account at their forge is entered again"),
    ...counted(mails, "Mails that waited and cannot be sent"),
    ...counted(leftHooks, "Hooks that were to be removed and stay at their forges"),
    "Browsers that were known count as new ones, and setup links of before lead nowhere.",
  ];
}

function listed(head: string, lines: string[]): string[] {
  return lines.length > 0 ? [head, ...lines.map((line) => `  ${line}`)] : [];
}

function counted(count: number, what: string): string[] {
  return count > 0 ? [`${what}: ${count}.`] : [];
}
