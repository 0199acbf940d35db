// The page for administrators of the instance: whether everything is all right and, if not, what to do.
import { OperationsPage, type ShownFinding } from "../../../../templates/operations/operations.tsx";
import packageJson from "../../../../package.json" with { type: "json" };
import type { App } from "../../../app.ts";
import { Failure, textOf } from "../../../errors.ts";
import { runSoon } from "../../../registry/enqueue-now.ts";
import { operationsOf } from "../../../registry/operations/overview.ts";
import type { Findings } from "../../../registry/operations/findings.ts";
import { findOrganization } from "../../../store/organizations/organizations.ts";
import { routesOf } from "../../access.ts";
import { seeOther } from "../../answers.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type PageContext, type PageSetup } from "../../page.ts";
import { pageRemedy } from "../remedies.ts";

const home = "/operations";
/** Where the page is while an organization has had the address /operations since before it came. */
const insteadOfHome = "/account/operations";

/** Looked up once for each process: the address is reserved, so no organization can take it later. */
export async function operationsAddress({ db }: Pick<App, "db">): Promise<string> {
  return (await findOrganization(db, "operations").catch(() => null)) ? insteadOfHome : home;
}

export function operationsPages(setup: PageSetup) {
  const { app } = setup;
  const address = setup.operations;
  const administrator = { person: "administrator" } as const;
  const routes = routesOf(app, "operations");
  for (const base of [home, insteadOfHome])
    routes
      .get(
        base,
        async ({ context }) =>
          base === (await address) ? show(setup, context, base) : seeOther(await address),
        administrator,
      )
      .post(
        `${base}/checks`,
        async () => {
          await runSoon(app, "run-doctor");
          return seeOther(await address, [toastCookie(app, "Checks are running")]);
        },
        administrator,
      )
      .post(
        `${base}/test-mail`,
        async ({ viewer }) =>
          seeOther(await address, [toastCookie(app, await sendTest(app, viewer.user.email))]),
        administrator,
      );
  return routes;
}

async function show(setup: PageSetup, context: PageContext, base: string): Promise<Response> {
  const { app } = setup;
  const operations = await operationsOf(app);
  const results = operations.findings?.results ?? [];
  return page(setup, context, {
    render: (shell) =>
      OperationsPage({
        ...{ shell, ...operations, base, now: app.now(), version: packageJson.version },
        at: operations.findings?.at ?? null,
        checks: results.map(shownFinding),
        jobs: `/${app.config.horizon.path}`,
        email: context.viewer.user.email,
      }),
  });
}

function shownFinding({
  id,
  title,
  status,
  seen,
  advice,
  remedy,
}: Findings["results"][number]): ShownFinding {
  const help = remedy === null ? null : pageRemedy(remedy);
  return { id, title, status, seen, advice, text: help?.text ?? null, link: help?.link ?? null };
}

/** What came of it, in one sentence. */
async function sendTest({ mail, config }: App, to: string): Promise<string> {
  try {
    const id = Bun.randomUUIDv7();
    const text = `This is a test from ${config.appUrl}. Mail from this server arrives.`;
    const result = await mail.send({ id, to, subject: `Test from ${config.appName}`, text });
    return result === "sent" ? `Test mail sent to ${to}` : "No mail server is set up";
  } catch (error) {
    if (error instanceof Failure) return `The test mail was not sent. ${textOf(error)}`;
    throw error;
  }
}
