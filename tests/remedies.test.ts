// What helps against a failure is data: no sentence below the command line names a command or an option of ours, and
// every remedy has its words for the command line and for the pages.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { commands } from "../src/cli/commands.ts";
import { remedyLine, remedyText } from "../src/cli/remedies.ts";
import { pageRemedy } from "../src/http/pages/remedies.ts";
import { causeOf, causes, remedyFor } from "../src/registry/syncs/causes.ts";
import type { Remedy, RemedyKind } from "../src/remedy.ts";

const root = join(import.meta.dir, "..");

type Literal = { file: string; text: string };

const literal = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;

/** Every text that the program may say; the transpiler takes the comments away. */
async function literals(): Promise<Literal[]> {
  const found: Literal[] = [];
  for (const file of new Bun.Glob("src/**/*.{ts,tsx}").scanSync(root)) {
    const loader = file.endsWith("x") ? "tsx" : "ts";
    const code = new Bun.Transpiler({ loader }).transformSync(await Bun.file(join(root, file)).text());
    for (const [text] of code.matchAll(literal)) found.push({ file, text: text.slice(1, -1) });
  }
  return found;
}

const nouns = [...new Set([...commands.keys()].map((name) => name.split(" ")[0] ?? ""))];
const ownCommand = new RegExp(`\\bpricore (?:${nouns.join("|")})\\b`);
/** An option of git or Composer belongs to its command. */
const option = /(?:^|[\s(`])--[a-z]/;
const foreign = /\b(?:git|composer) [a-z-]+ /;
const namesOne = (text: string) => ownCommand.test(text) || (option.test(text) && !foreign.test(text));

test("no sentence below the command line names a command or an option of it", async () => {
  const all = await literals();
  const below = all.filter(({ file }) => !file.startsWith("src/cli/") && !file.includes("/migrations/"));
  expect(below.filter(({ text }) => namesOne(text))).toEqual([]);
  const named = all.filter(({ file, text }) => file === "src/cli/remedies.ts" && namesOne(text));
  expect(named.length).toBeGreaterThan(5);
});

const at = { organization: "acme", repository: "blog" };
const samples: { [Kind in RemedyKind]: Extract<Remedy, { do: Kind }>[] } = {
  sync: [{ do: "sync", ...at }],
  "confirm-removals": [{ do: "confirm-removals", ...at }],
  "forget-host-key": [{ do: "forget-host-key", ...at }],
  "edit-repository": (["credentials", "url", "either"] as const).map((change) => ({
    do: "edit-repository",
    change,
    ...at,
  })),
  "check-webhook": [{ do: "check-webhook", ...at }],
  "add-repository": [{ do: "add-repository", organization: "acme" }],
  "name-repository": [{ do: "name-repository", organization: "acme" }],
  "choose-ssh-key": [{ do: "choose-ssh-key", organization: "acme" }],
  "restore-version": [{ do: "restore-version", organization: "acme", package: "acme/blog" }],
  "create-token": [{ do: "create-token", organization: "acme", package: null }],
  "create-administrator": [{ do: "create-administrator" }],
  "change-setting": [
    { do: "change-setting", variable: "TRUSTED_PROXIES", to: "10.0.0.1" },
    { do: "change-setting", variable: "MAIL_HOST", to: null },
  ],
  "check-settings": [{ do: "check-settings" }],
  mend: [{ do: "mend", check: "permissions" }],
  migrate: [{ do: "migrate" }],
  "run-worker": [{ do: "run-worker" }],
  "see-jobs": [{ do: "see-jobs" }],
  "configure-proxy": [{ do: "configure-proxy", line: "proxy_buffering off;" }],
  "configure-system": (["service", "kernel"] as const).map((place) => ({
    do: "configure-system",
    place,
    line: "net.core.somaxconn=4096",
  })),
  "connect-account": [{ do: "connect-account", organization: "acme" }],
  "rename-organization": [{ do: "rename-organization", organization: "docs" }],
  upgrade: [{ do: "upgrade", version: "1.2.3", href: null }],
  "back-up": [{ do: "back-up" }],
  rehearse: [{ do: "rehearse" }],
  "replace-key": [{ do: "replace-key" }],
  "make-recovery-key": [{ do: "make-recovery-key" }],
  "replace-recovery-key": [{ do: "replace-recovery-key" }],
  "give-recovery-key": [{ do: "give-recovery-key" }],
  "allow-missing-archives": [{ do: "allow-missing-archives" }],
  "choose-data-folder": [{ do: "choose-data-folder" }],
  "choose-port": [{ do: "choose-port" }],
  "print-service-steps": [{ do: "print-service-steps" }],
  "give-password": [{ do: "give-password", variable: "PRICORE_PASSWORD" }],
  list: (["organizations", "users", "repositories", "packages", "tokens"] as const).map((what) => ({
    do: "list",
    what,
    organization: what === "organizations" || what === "users" ? null : "acme",
  })),
};

/** Whether both surfaces say something that can be done. */
function isWorded(remedy: Remedy): boolean {
  const { text, link, post } = pageRemedy(remedy);
  const onPage = text !== null || link !== null || post !== null;
  const inTerminal =
    /\w/.test(remedyLine(remedy)) && /\w/.test(remedyText({ advice: null, action: remedy }, "") ?? "");
  return onPage && inTerminal;
}

test("every remedy has its words for the command line and for the pages", () => {
  const mute = Object.values(samples)
    .flat()
    .filter((remedy) => !isWorded(remedy));
  // Who is looking at pages cannot list the users of the server.
  expect(mute).toEqual([{ do: "list", what: "users", organization: null }]);
  const pages = JSON.stringify(
    Object.values(samples)
      .flat()
      .map((remedy: Remedy) => pageRemedy(remedy)),
  );
  expect(namesOne(pages)).toBe(false);
});

test("every code by which advice is chosen is one that a failure has", async () => {
  const codes = new Set<string>();
  for (const name of new Bun.Glob("src/**/*.ts").scanSync(root))
    for (const [, code = ""] of (await Bun.file(join(root, name)).text()).matchAll(/\bcode: "([a-z_]+)"/g))
      codes.add(code);
  expect(codes.size).toBeGreaterThan(100);
  expect(Object.keys(causes).filter((code) => !codes.has(code))).toEqual([]);
  for (const code of codes) {
    const remedy = remedyFor(causeOf(code), { organization: { slug: "acme" }, repository: { name: "blog" } });
    expect([code, remedy === null || isWorded(remedy)]).toEqual([code, true]);
  }
});
