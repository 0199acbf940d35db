import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { App } from "../app.ts";
import { secretVariable } from "../config/environment.ts";
import { invalid, messageOf } from "../errors.ts";
import { userOfAddress } from "../registry/repositories/addresses.ts";
import type { GivenCredential } from "../registry/credentials/credentials.ts";
import { causeOf, remedyFor } from "../registry/syncs/causes.ts";
import { freshnessOf } from "../registry/syncs/freshness.ts";
import { addRepository, forgetHostKey, removeRepository } from "../registry/repositories/repositories.ts";
import { findCredentialByName } from "../store/repositories/credentials.ts";
import type { Organization } from "../store/organizations/organizations.ts";
import {
  findRepositoryById,
  getRepository,
  listRepositories,
  type Repository,
} from "../store/repositories/repositories.ts";
import { isoTime, table, type Arguments, type Command } from "./command.ts";
import { organizationIn, organizationOption } from "./organization.ts";
import { readSecret } from "./secret-input.ts";
import { syncAndReport } from "./sync.ts";

export const repo: Record<string, Command> = {
  add: {
    summary: "Mirror a git repository: https://…, ssh://…, git@host:path, or a folder of this machine",
    usage: "URL",
    arity: [1, 1],
    options: {
      ...organizationOption,
      name: {
        type: "string",
        value: "NAME",
        help: "Name of the repository; defaults to the last part of the URL",
      },
      provider: { type: "string", value: "KIND", help: "github, gitlab, bitbucket, gitea or git" },
      credential: {
        type: "string",
        value: "NAME",
        help: "Name of a saved credential, or a user name; then you are asked for the password or token",
      },
      "password-stdin": {
        type: "boolean",
        help: "Read that password from standard input (or PRICORE_GIT_PASSWORD)",
      },
      "ssh-key": {
        type: "string",
        value: "FILE",
        help: "A private key without a passphrase, or `new` to create one",
      },
      sync: { type: "boolean", help: "Queue the first sync" },
      wait: { type: "boolean", help: "With --sync: wait for it, and fail if it fails" },
    },
    async run(app, args, out) {
      if (args.flag("wait") && !args.flag("sync")) throw invalid("--wait needs --sync.", { code: "usage" });
      const organization = await organizationIn(app, args);
      const url = args.positionals[0] ?? "";
      const added = await addRepository(app, organization, {
        url: /^\.{1,2}(\/|$)/.test(url) ? resolve(url) : url,
        name: args.text("name"),
        provider: args.text("provider"),
        credential: await credentialIn(app, organization, args),
        allowLocal: true,
        actor: "cli",
      });
      const { repository, publicKey, fingerprint } = added;
      const key =
        publicKey === null ? [] : [`Deploy key (read access is enough), ${fingerprint}:`, publicKey];
      const lines = [`Added ${repository.name} (${repository.url}).`, ...key];
      const value = {
        ...toJson(repository, organization),
        ...(publicKey === null ? {} : { publicKey, fingerprint }),
      };
      if (!args.flag("sync"))
        return out.result(value, [
          ...lines,
          `Next: pricore sync --org ${organization.slug} ${repository.name} --wait`,
        ]);
      for (const line of lines) out.note(line);
      const wait = args.flag("wait");
      const { reports, code, human } = await syncAndReport(
        app,
        { organization, repositories: [repository], wait, confirmRemovals: false },
        out,
      );
      const now = (await findRepositoryById(app.db, repository.id)) ?? repository;
      out.result({ ...value, ...toJson(now, organization), sync: reports[0] ?? null }, human);
      return code;
    },
  },
  list: {
    summary: "List repositories and whether they are up to date",
    usage: "",
    arity: [0, 0],
    options: organizationOption,
    async run(app, args, out) {
      const organization = await organizationIn(app, args);
      const repositories = await listRepositories(app.db, organization.id);
      const clock = { now: app.now(), intervalMs: app.config.syncIntervalMs };
      const rows = repositories.map((each) => {
        const state = each.state === "waiting" ? each.state : freshnessOf(each, clock).kind;
        return [each.name, state, isoTime(each.last_proven_fresh_at), each.url, each.error];
      });
      const found = repositories.map((each) => toJson(each, organization));
      out.result(found, table(["NAME", "STATE", "CHECKED", "URL", "ERROR"], rows));
    },
  },
  remove: {
    summary: "Remove a repository; its packages are no longer listed, archives stay for lock files",
    usage: "NAME",
    arity: [1, 1],
    options: organizationOption,
    async run(app, args, out) {
      const organization = await organizationIn(app, args);
      const repository = await getRepository(app.db, organization, args.positionals[0] ?? "");
      await removeRepository(app, { organization, repository, actor: "cli" });
      out.result({ id: repository.id, name: repository.name }, `Removed ${repository.name}.`);
    },
  },
  "forget-host-key": {
    summary: "Accept a new SSH host key at the next sync, once its owner has confirmed it",
    usage: "NAME",
    arity: [1, 1],
    options: organizationOption,
    async run(app, args, out) {
      const organization = await organizationIn(app, args);
      const repository = await getRepository(app.db, organization, args.positionals[0] ?? "");
      const host = await forgetHostKey(app, { organization, repository, actor: "cli" });
      const next = `pricore sync --org ${organization.slug} ${repository.name} --wait`;
      out.result({ host }, `Forgot the host key of ${host}. Next: ${next}`);
    },
  },
};

async function credentialIn(
  app: App,
  organization: Organization,
  args: Arguments,
): Promise<GivenCredential | null> {
  const keyFile = args.text("ssh-key");
  const hasPassword = args.flag("password-stdin") || secretVariable("PRICORE_GIT_PASSWORD") !== null;
  const named = hasPassword && keyFile === null ? userOfAddress(args.positionals[0] ?? "") : null;
  const username = args.text("credential") ?? named;
  if (username !== null && keyFile !== null)
    throw invalid("Give either --credential or --ssh-key.", { code: "usage" });
  if (keyFile === "new") return { kind: "new-ssh-key" };
  if (keyFile !== null) return { kind: "ssh-key", privateKey: await readKey(keyFile) };
  if (username === null) return null;
  const stored = await findCredentialByName(app.db, organization.id, username);
  if (stored && !args.flag("password-stdin")) return { kind: "stored", id: stored.id };
  const password = await readSecret({
    fromStandardInput: args.flag("password-stdin"),
    variable: "PRICORE_GIT_PASSWORD",
    prompt: `Password or token of ${username}`,
  });
  if (!password)
    throw invalid(
      "No password was given. Use --password-stdin or PRICORE_GIT_PASSWORD, or run it in a terminal.",
      {
        code: "usage",
      },
    );
  return { kind: "basic", username, password };
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw invalid(`The SSH key ${path} cannot be read: ${messageOf(error)}.`, { field: "ssh-key" });
  }
}

function toJson(repository: Repository, organization: Organization) {
  const cause = causeOf(repository.error_code);
  return {
    id: repository.id,
    name: repository.name,
    url: repository.url,
    provider: repository.provider,
    state: repository.state,
    lastSyncedAt: isoTime(repository.last_synced_at),
    lastProvenFreshAt: isoTime(repository.last_proven_fresh_at),
    error: repository.error,
    errorCode: repository.error_code,
    action: repository.error === null ? null : remedyFor(cause, { organization, repository }),
  };
}
