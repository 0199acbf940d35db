// Every page of the program by the path of its route.
import { declaredBy } from "../../src/http/access.ts";
import { createRequestGuard } from "../../src/http/request/guard.ts";
import { createTokenAuth } from "../../src/http/composer/token-auth.ts";
import { createPages } from "../../src/http/pages.ts";
import { sampleOf, type Samples } from "../attacks/people/samples.ts";
import { openWorld } from "../worlds/world.ts";

/** The page of acme with something in it. */
export function addressOf(samples: Samples, path: string): string {
  return path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(sampleOf(samples, path, name)?.ours ?? name),
  );
}

/** Pages; what is downloaded, followed or there only for a moment is tried elsewhere. */
export async function pagesOfTheProgram(): Promise<string[]> {
  const closed = await openWorld({ in: "process" });
  const guards = { tokenAuth: createTokenAuth(closed.app), guard: createRequestGuard(closed.app) };
  const all = createPages(closed.app, guards).routes.filter(({ method }) => method === "GET");
  await closed.close();
  const elsewhere =
    /^\/$|^\/setup|:version\/archive$|\.(csv|ndjson)$|\/app\/remove|\/passkeys\/:id|\/connections\/:id|^\/auth\/|:user\/remove|^\/sign-|^\/live|:secret|\/(removals|host-key|export)|^\/account\/tokens\/:id|\/rail$|\/files\/\*$|^\/docs\/images\/|^\/account\/(docs|operations)/;
  return all
    .filter((route) => !declaredBy(route).some((declared) => declared.startsWith("access ")))
    .map(({ path }) => path)
    .filter((path) => !elsewhere.test(path));
}
