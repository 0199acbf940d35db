// The door to the worlds of tests: a registry, and beside it what a test asks for. Each capability is a file of this
// folder; the shape of a world follows from what was asked for.
import type { Overrides } from "../../src/app.ts";
import type { ForgeName } from "../../src/forges/forge.ts";
import { makeApp, type TestApp } from "./process.ts";
import { attemptsEnvironment, withAttempts, type WithAttempts } from "./attempts.ts";
import { openBinary, type BinaryWorld } from "./binary.ts";
import { withForge, type WithForge } from "./forge.ts";
import { withGit, type WithGit } from "./git.ts";
import { openPublished, type Published } from "./published.ts";
import { openOperator, type OpenOptions, type Operator } from "./shell.ts";
import { startOAuthForges, withOAuth, type OAuthForge, type WithOAuth } from "./oauth.ts";

/** In this process, with a clock that a test can move. */
export type InProcess = {
  in: "process";
  environment?: Record<string, string>;
  /** Instead of an outbox or a mail server. */
  mail?: Overrides["mail"];
  /** A fake forge, acme with an account there, and acme/blog on it. */
  forge?: ForgeName;
  /** Forges that people may sign in with. */
  oauth?: readonly OAuthForge[];
};

/** The built binary, behind a recorder. */
export type InBinary = {
  in: "binary";
  environment?: Record<string, string>;
  /** A git server, whose repositories can be published. */
  git?: true;
  /** acme, and repositories of attackers that it mirrors. */
  attempts?: true;
};

/** Commands of the built binary, and servers that a test starts. */
export type InShell = OpenOptions & {
  in: "shell";
  /** A server is up, and acme has published acme/blog. */
  published?: true;
};

type Place<Wanted> = Wanted extends { in: "binary" }
  ? BinaryWorld
  : Wanted extends { in: "shell"; published: true }
    ? Published
    : Wanted extends { in: "shell" }
      ? Operator
      : TestApp;

export type World<Wanted> = Place<Wanted> &
  (Wanted extends { git: true } ? WithGit : unknown) &
  (Wanted extends { attempts: true } ? WithAttempts : unknown) &
  (Wanted extends { forge: ForgeName } ? WithForge : unknown) &
  (Wanted extends { oauth: readonly OAuthForge[] } ? WithOAuth : unknown);

/** Where clients of the registry are tested. */
export type ClientWorld = World<{ in: "binary"; git: true }>;

export async function openWorld<const Wanted extends InProcess | InBinary | InShell>(
  wanted: Wanted,
): Promise<World<Wanted>> {
  const world = await worldOf(wanted);
  // What was asked for is there, which the compiler cannot follow.
  return world as unknown as World<Wanted>;
}

function worldOf(wanted: InProcess | InBinary | InShell) {
  if (wanted.in === "binary") return binaryWorld(wanted);
  if (wanted.in === "process") return processWorld(wanted);
  const { published, in: _, ...options } = wanted;
  return published ? openPublished(options) : openOperator(options);
}

async function processWorld({ forge: forgeName, oauth: known, environment, mail }: InProcess) {
  const oauthForges = known ? startOAuthForges() : null;
  const app = await makeApp(
    {
      ...(forgeName && { OUTBOUND_ALLOW: "127.0.0.1" }),
      ...Object.assign({}, ...(known ?? []).map((name) => oauthForges?.[name].environment)),
      ...environment,
    },
    mail ? { mail } : {},
  );
  const forge = forgeName ? await withForge(app, forgeName) : null;
  return {
    ...app,
    ...forge,
    ...(oauthForges && withOAuth(app, oauthForges)),
    async close() {
      await Promise.all([forge?.forge.stop(), oauthForges?.github.stop(), oauthForges?.gitlab.stop()]);
      await app.close();
    },
  };
}

async function binaryWorld({ git: hasGit, attempts: hasAttempts, environment }: InBinary) {
  const binary = await openBinary({ ...(hasAttempts && attemptsEnvironment), ...environment });
  const git = hasGit ? withGit(binary) : null;
  return {
    ...binary,
    ...git,
    ...(hasAttempts && (await withAttempts(binary))),
    async close() {
      await git?.git.stop();
      await binary.close();
    },
  };
}
