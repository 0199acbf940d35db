// Every check, in the order in which people read them: what all the others depend on comes first.
import type { Check } from "./check.ts";
import { backup, rehearsal } from "./checks/backup.ts";
import { clock } from "./checks/clock.ts";
import { config } from "./checks/config.ts";
import { databasePlace } from "./checks/database-place.ts";
import { database } from "./checks/database.ts";
import { diskSpeed } from "./checks/disk-speed.ts";
import { disk, inodes } from "./checks/disk.ts";
import { dns } from "./checks/dns.ts";
import { forgeTokens } from "./checks/forge-tokens.ts";
import { git } from "./checks/git.ts";
import { jit } from "./checks/jit.ts";
import { kernel, limits } from "./checks/limits.ts";
import { mail } from "./checks/mail.ts";
import { permissions } from "./checks/permissions.ts";
import { proxyHeaders, proxyLimits } from "./checks/proxy.ts";
import { queue } from "./checks/queue.ts";
import { redis } from "./checks/redis.ts";
import { slugs } from "./checks/slugs.ts";
import { storage } from "./checks/storage.ts";
import { tls } from "./checks/tls.ts";
import { urlSelf } from "./checks/url.ts";
import { version } from "./checks/version.ts";
import { webhooks } from "./checks/webhooks.ts";

export const checks: Check[] = [
  config,
  database,
  databasePlace,
  disk,
  inodes,
  diskSpeed,
  permissions,
  queue,
  redis,
  storage,
  backup,
  rehearsal,
  tls,
  urlSelf,
  proxyHeaders,
  proxyLimits,
  dns,
  git,
  forgeTokens,
  webhooks,
  mail,
  clock,
  limits,
  jit,
  kernel,
  slugs,
  version,
];
