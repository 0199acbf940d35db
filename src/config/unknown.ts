// Settings that nothing reads: a slip of the pen leaves the default in force without a word. The process environment is
// full of strangers' names, so there only a name counts that is nearly one of ours; in the .env file every one counts.
import { parseConfig } from "./config.ts";
import type { Environment, Sources, UnknownSetting } from "./sources.ts";

const maxListed = 20;
/** Shorter names are a letter away from too many others: `PORT` and `SORT`. */
const minLetters = 6;

export function unknownSettings({ environment, inEnvFile }: Sources): UnknownSetting[] {
  const known = knownSettings();
  const ours = new Set(known.flatMap((name) => [name, `${name}_FILE`]));
  return Object.keys(environment)
    .filter((name) => !ours.has(name))
    .map((name) => ({ name, meant: nearest(name, known) }))
    .filter(({ name, meant }) => meant !== null || inEnvFile.has(name) || name.startsWith("PRICORE_"))
    .slice(0, maxListed);
}

/** Of each kind one, so that every branch reads what it needs. */
const kinds: Environment[] = [
  {},
  { DB_CONNECTION: "pgsql" },
  { DIST_DISK: "s3", MAIL_MAILER: "smtp", REDIS_HOST: "redis" },
  { REDIS_CLUSTER: "redis" },
  { REDIS_SENTINELS: "redis" },
  { REDIS_URL: "redis://redis" },
  { TLS: "files" },
  { TLS: "acme", ACME_CHALLENGE: "dns-01" },
  { OIDC_ISSUER: "https://id.example.com", OIDC_CLIENT_ID: "a", OIDC_CLIENT_SECRET: "b" },
];
/** Read by commands, and by what finds the other variables. */
const others = [
  "CREDENTIALS_DIRECTORY",
  "PRICORE_GIT_PASSWORD",
  "PRICORE_MOVE_TO",
  "PRICORE_PASSWORD",
  "PRICORE_RECOVERY_KEY",
];

/** Every variable of this version, whatever the environment is. */
export function knownSettings(): string[] {
  const read = kinds.flatMap((kind) => parseConfig(kind).settings.map(({ name }) => name));
  return [...new Set([...read, ...others])];
}

function nearest(name: string, known: string[]): string | null {
  if (bare(name).length < minLetters) return null;
  return (
    known.find((each) => bare(each) === bare(name)) ?? known.find((each) => isOneSlipAway(name, each)) ?? null
  );
}

function bare(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, "");
}

/** One letter too many, too few, wrong, or two in the wrong order. */
function isOneSlipAway(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  const ends = (a: number, b: number) => one.slice(start + a) === other.slice(start + b);
  const isSwapped = one[start] === other[start + 1] && one[start + 1] === other[start] && ends(2, 2);
  return ends(1, 1) || ends(1, 0) || ends(0, 1) || isSwapped;
}
