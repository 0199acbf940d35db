// docs/configuration.md names every variable that the program reads, and no other.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { parseConfig } from "../../src/config/config.ts";
import { Glob } from "bun";
import { readPage, root } from "./pages.ts";

/** Of each kind one, so that every branch asks for what it needs. */
const environments: Record<string, string>[] = [
  {},
  { DB_CONNECTION: "pgsql" },
  { DIST_DISK: "s3", MAIL_MAILER: "smtp", REDIS_HOST: "redis.test" },
  { REDIS_CLUSTER: "redis.test" },
  { REDIS_SENTINELS: "redis.test" },
  { REDIS_URL: "redis://redis.test" },
  { TLS: "files" },
  { TLS: "acme", ACME_CHALLENGE: "dns-01" },
  { OIDC_ISSUER: "https://id.test", OIDC_CLIENT_ID: "a", OIDC_CLIENT_SECRET: "b" },
];

function variablesRead(): Set<string> {
  const read = new Set<string>();
  for (const environment of environments) {
    const watched = new Proxy(environment, {
      get(target, name) {
        if (typeof name === "string") read.add(name);
        return Reflect.get(target, name);
      },
    });
    parseConfig(watched);
  }
  // Every variable can be in a file; the credentials are no setting.
  const isFile = (name: string) => name.endsWith("_FILE") && read.has(name.slice(0, -"_FILE".length));
  return new Set([...read].filter((name) => !isFile(name) && name !== "CREDENTIALS_DIRECTORY"));
}

/** Secrets that commands ask for. */
async function variablesOfCommands(): Promise<string[]> {
  const texts = [...new Glob("src/cli/*.ts").scanSync(root)].map((file) => Bun.file(join(root, file)).text());
  return (await Promise.all(texts)).flatMap((text) => text.match(/(?<=")PRICORE_[A-Z_]+(?=")/g) ?? []);
}

/** In the first column of a table, as code. */
export function variablesIn(page: string): string[] {
  const cells = [...page.matchAll(/^\| (`[^|]*?)\|/gm)].map(([, cell = ""]) => cell);
  return cells.flatMap((cell) => cell.match(/(?<=`)[A-Z][A-Z0-9_]+(?=`)/g) ?? []);
}

test("every variable is documented once, and every documented variable is read", async () => {
  const read = new Set([...variablesRead(), ...(await variablesOfCommands())]);
  expect(read.size).toBeGreaterThan(70);
  expect(variablesIn(readPage("docs/configuration.md")).toSorted()).toEqual([...read].toSorted());
});

test("names in the text of src/config are those that it was seen to read", async () => {
  const files = [...new Glob("src/config/*.ts").scanSync(root)].map((file) =>
    Bun.file(join(root, file)).text(),
  );
  const text = (await Promise.all(files)).join("\n");
  const named = text.match(/(?<=\((?:read, )?")[A-Z][A-Z0-9]*_[A-Z0-9_]+(?=")/g) ?? [];
  expect(named.length).toBeGreaterThan(40);
  const documented = new Set(variablesIn(readPage("docs/configuration.md")));
  // Those of the bucket are written there without their prefix.
  const isKnown = (name: string) => documented.has(name) || documented.has(`S3_${name}`);
  expect(named.filter((name) => !isKnown(name))).toEqual([]);
});
