// The door to the worlds of tests: a registry, and beside it what a test asks for. Each capability is a file of this
// folder; the shape of a world follows from what was asked for.
import type { ForgeName } from "../../src/forges/forge.ts";
import { makeApp, type TestApp } from "../tools/app.ts";
import { withForge, type WithForge } from "./forge.ts";
import { startOAuthForges, withOAuth, type OAuthForge, type WithOAuth } from "./oauth.ts";

/** In this process, with a clock that a test can move. */
export type InProcess = {
  in: "process";
  environment?: Record<string, string>;
  /** A fake forge, acme with an account there, and acme/blog on it. */
  forge?: ForgeName;
  /** Forges that people may sign in with. */
  oauth?: readonly OAuthForge[];
};

export type World<Wanted> = TestApp &
  (Wanted extends { forge: ForgeName } ? WithForge : unknown) &
  (Wanted extends { oauth: readonly OAuthForge[] } ? WithOAuth : unknown);

export async function openWorld<const Wanted extends InProcess>(wanted: Wanted): Promise<World<Wanted>> {
  const { forge: forgeName, oauth: known = [] } = wanted;
  const oauthForges = wanted.oauth ? startOAuthForges() : null;
  const app = await makeApp({
    ...(forgeName && { OUTBOUND_ALLOW: "127.0.0.1" }),
    ...Object.assign({}, ...known.map((name) => oauthForges?.[name].environment)),
    ...wanted.environment,
  });
  const forge = forgeName ? await withForge(app, forgeName) : null;
  const world = {
    ...app,
    ...forge,
    ...(oauthForges && withOAuth(app, oauthForges)),
    async close() {
      await Promise.all([forge?.forge.stop(), oauthForges?.github.stop(), oauthForges?.gitlab.stop()]);
      await app.close();
    },
  };
  // What was asked for is there, which the compiler cannot follow.
  return world as unknown as World<Wanted>;
}
