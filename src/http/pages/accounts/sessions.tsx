// Where the person is signed in, and how the pages look.
import { AppearancePage } from "../../../../templates/accounts/appearance.tsx";
import { SessionsPage } from "../../../../templates/accounts/sessions.tsx";
import { invalid } from "../../../errors.ts";
import { endOtherSessions, endSession, hasEnded } from "../../../registry/accounts/sessions.ts";
import { updateUser } from "../../../store/accounts/users.ts";
import { routesOf } from "../../access.ts";
import { ownPath, seeOther, wantsPart } from "../../answers.ts";
import { browserName } from "./browser-name.ts";
import { fields } from "../../forms.ts";
import { endedSessionCookie, toastCookie } from "../../cookies/session.ts";
import { page, type PageContext, type PageSetup } from "../../page.ts";

export function sessionPages(setup: PageSetup) {
  const { app } = setup;
  const person = { person: "signed-in" } as const;
  return routesOf(app, "sessions")
    .get("/account/sessions", ({ context }) => sessionsPage(setup, context), person)
    .post(
      "/account/sessions/:id/end",
      async ({ viewer, params }) => {
        await endSession(app, viewer, params.id);
        if (params.id === viewer.session.id) return seeOther("/sign-in", [endedSessionCookie(app)]);
        return seeOther("/account/sessions", [toastCookie(app, "Session signed out.")]);
      },
      person,
    )
    .post(
      "/account/sessions/end-others",
      async ({ viewer }) => {
        await endOtherSessions(app, viewer);
        return seeOther("/account/sessions", [toastCookie(app, "All other sessions signed out.")]);
      },
      person,
    )
    .get(
      "/account/appearance",
      ({ context }) => page(setup, context, { render: (shell) => AppearancePage({ shell }) }),
      person,
    )
    .post(
      "/account/theme",
      async ({ viewer, body, request }) => {
        const { theme } = fields(body, ["theme"]);
        if (theme !== "system" && theme !== "light" && theme !== "dark")
          throw invalid("A theme is system, light or dark.", { field: "theme" });
        await updateUser(app.db, viewer.user.id, { theme: theme === "system" ? null : theme });
        if (wantsPart(request)) return new Response(null, { status: 204 });
        const { pathname = "/", search = "" } = URL.parse(request.headers.get("referer") ?? "") ?? {};
        return seeOther(ownPath(pathname + search));
      },
      person,
    );
}

async function sessionsPage(setup: PageSetup, context: PageContext): Promise<Response> {
  const { app } = setup;
  const now = app.now();
  const sessions = await app.sessions.list(context.viewer.user);
  const lines = sessions
    .filter((each) => !hasEnded(each, now))
    .map((each) => ({
      id: each.id,
      browser: browserName(each.user_agent),
      address: each.address,
      seenAt: each.seen_at,
      startedAt: each.created_at,
      isRemembered: each.remembered === 1,
      isThis: each.id === context.viewer.session.id,
    }));
  const sorted = lines.toSorted((a, b) => Number(b.isThis) - Number(a.isThis));
  return page(setup, context, { render: (shell) => SessionsPage({ shell, sessions: sorted, now }) });
}
