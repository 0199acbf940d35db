// Every command by its name, in the order of the help.
import { backup, backupVerbs } from "./backup.ts";
import type { Command } from "./command.ts";
import { config } from "./config.ts";
import { doctor } from "./doctor.ts";
import { health } from "./health.ts";
import { jobs } from "./jobs.ts";
import { key } from "./key.ts";
import { licenses } from "./licenses.ts";
import { migrate } from "./migrate.ts";
import { move } from "./move.ts";
import { org, orgVendor } from "./org.ts";
import { packages } from "./package.ts";
import { repo } from "./repo.ts";
import { restore, restoreVerbs } from "./restore.ts";
import { serve } from "./serve.ts";
import { service } from "./service.ts";
import { sync } from "./sync.ts";
import { token } from "./token.ts";
import { user } from "./user.ts";
import { why } from "./why.ts";
import { worker } from "./worker.ts";

export type CommandTree = Map<string, Command>;

export const commands: CommandTree = new Map([
  ["serve", serve],
  ["worker", worker],
  ["migrate", migrate],
  ["doctor", doctor],
  ["health", health],
  ...under("config", config),
  ...under("key", key),
  ...under("move", move),
  ["backup", backup],
  ...under("backup", backupVerbs),
  ["restore", restore],
  ...under("restore", restoreVerbs),
  ...under("user", user),
  ...under("org", org),
  ...under("org vendor", orgVendor),
  ...under("token", token),
  ...under("repo", repo),
  ["sync", sync],
  ...under("package", packages),
  ["why", why],
  ...under("jobs", jobs),
  ...under("service", service),
  ["licenses", licenses],
]);

function under(noun: string, verbs: Record<string, Command>): [string, Command][] {
  return Object.entries(verbs).map(([verb, command]) => [`${noun} ${verb}`, command]);
}
