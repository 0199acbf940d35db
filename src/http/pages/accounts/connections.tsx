// The providers that open the person's account.
import { ConnectionsPage, DisconnectPage } from "../../../../templates/accounts/connections.tsx";
import { Failure, notFound } from "../../../errors.ts";
import { disconnectIdentity, identityProviderOf, titleOf } from "../../../registry/accounts/identities.ts";
import type { Viewer } from "../../../registry/accounts/sessions.ts";
import { listIdentities, type Identity } from "../../../store/accounts/identities.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { sessionCookie, toastCookie } from "../../cookies/session.ts";
import { page, signInProviders, type PageContext, type PageSetup } from "../../page.ts";

const base = "/account/connections";

export function connectionPages(setup: PageSetup) {
  const { app } = setup;
  const confirmed = { person: "confirmed" } as const;
  return routesOf(app, "connections")
    .get(base, ({ context }) => connectionsPage(setup, context), { person: "signed-in" })
    .get(
      `${base}/:id/remove`,
      async ({ params, context }) =>
        disconnectPage(setup, context, { identity: await ownIdentity(setup, context.viewer, params.id) }),
      confirmed,
    )
    .post(
      `${base}/:id/remove`,
      async ({ params, body, context }) => {
        fields(body, []);
        const { viewer } = context;
        const identity = await ownIdentity(setup, viewer, params.id);
        const renewed = await orFailure(() => disconnectIdentity(app, viewer, identity));
        if (renewed instanceof Failure) return disconnectPage(setup, context, { identity, refused: renewed });
        const toast = toastCookie(app, `${titleOf(app, identity)} was disconnected.`);
        return seeOther(base, [sessionCookie(app, renewed.secret, renewed.maxAgeSeconds), toast]);
      },
      confirmed,
    );
}

async function connectionsPage(setup: PageSetup, context: PageContext): Promise<Response> {
  const { app } = setup;
  const identities = await listIdentities(app.db, context.viewer.user.id);
  const lines = identities.map((each) => ({
    id: each.id,
    provider: each.provider,
    title: titleOf(app, each),
    login: each.login,
    place: placeOf(each),
    connectedAt: each.created_at,
    lastUsedAt: each.last_used_at,
    isSetUp: identityProviderOf(app, each) !== null,
  }));
  const connected = new Set(identities.map(({ issuer }) => issuer));
  const open = app.oauth.identities.filter(({ issuer }) => !connected.has(issuer)).map(({ name }) => name);
  const others = signInProviders(app).filter(({ name }) => open.some((each) => each === name));
  const props = { lines, others, now: app.now() };
  return page(setup, context, { render: (shell) => ConnectionsPage({ shell, ...props }) });
}

function disconnectPage(
  setup: PageSetup,
  context: PageContext,
  { identity, refused: failure }: { identity: Identity; refused?: Failure },
): Promise<Response> {
  const { id, login } = identity;
  const props = {
    id,
    login,
    title: titleOf(setup.app, identity),
    problem: failure ? problemOf(failure) : null,
  };
  return page(setup, context, {
    status: failure ? statusOf[failure.kind] : 200,
    render: (shell) => DisconnectPage({ shell, ...props }),
  });
}

async function ownIdentity({ app }: PageSetup, { user }: Viewer, id: string): Promise<Identity> {
  const found = (await listIdentities(app.db, user.id)).find((each) => each.id === id);
  if (!found) throw notFound("There is no page at this address.");
  return found;
}

function placeOf({ issuer }: Identity): string {
  return URL.parse(issuer)?.host ?? issuer;
}
