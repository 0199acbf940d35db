// Starts OAuth flows: to sign in, to connect an account, to confirm the user, to connect a forge for an organization.
import { notFound } from "../../../errors.ts";
import type { IdentityProvider, OAuthFlow } from "../../../forges/oauth.ts";
import { passwordInstead } from "../../../registry/accounts/identity-failures.ts";
import type { Viewer } from "../../../registry/accounts/sessions.ts";
import type { Purpose } from "../../../registry/accounts/oauth-flow.ts";
import { routesOf } from "../../access.ts";
import { ownPath, seeOther } from "../../answers.ts";
import { fields } from "../../forms.ts";
import { startRedirect, getIdentityProvider, oauthFailed, returnLink } from "./oauth-redirects.tsx";
import type { PageSetup } from "../../page.ts";
import { isPasswordHash } from "../../../registry/accounts/password-forms.ts";

export function oauthPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "oauth")
    .get(
      "/auth/:provider/redirect",
      ({ context, params, query, request, viewer }) => {
        const provider = getIdentityProvider(setup, params.provider);
        const next = ownPath(query["next"]);
        if (viewer) return seeOther(next);
        // A user who was sent here by another site decides first whether to sign in.
        if (request.headers.get("sec-fetch-site") === "cross-site")
          return seeOther(`/sign-in?next=${encodeURIComponent(next)}`);
        const purpose = { to: "sign-in", next } as const;
        return startRedirect(setup, context, { by: "link", ...redirectTo(provider, purpose, null) });
      },
      { visitor: true },
    )
    .post(
      "/auth/:provider/link",
      ({ context, params, body, viewer }) => {
        fields(body, []);
        const provider = getIdentityProvider(setup, params.provider);
        const purpose = { to: "link", sessionId: viewer.session.id } as const;
        return startRedirect(setup, context, { by: "form", ...redirectTo(provider, purpose, viewer) });
      },
      { person: "confirmed" },
    )
    .post(
      "/auth/:provider/confirm",
      ({ context, params, body, viewer }) => {
        const next = ownPath(fields(body, ["next"]).next);
        const provider = getIdentityProvider(setup, params.provider);
        const purpose = { to: "confirm", next, sessionId: viewer.session.id } as const;
        if (isPasswordHash(viewer.user.password_hash))
          return oauthFailed(setup, passwordInstead(), returnLink(purpose, { viewer }));
        return startRedirect(setup, context, { by: "form", ...redirectTo(provider, purpose, viewer) });
      },
      { person: "signed-in" },
    )
    .post(
      "/organizations/:slug/settings/credentials/connect/:provider",
      ({ context, params, body, viewer, membership }) => {
        fields(body, []);
        const forge = app.oauth.forges.find(({ name }) => name === params.provider);
        if (!forge) throw notFound("There is no page at this address.");
        const { id: organizationId, slug } = membership.organization;
        const purpose = { to: "connect", sessionId: viewer.session.id, organizationId, slug } as const;
        const { name, title, connectionAddress: address } = forge;
        return startRedirect(setup, context, { by: "form", name, title, purpose, viewer, address });
      },
      { member: "admin", confirmed: true },
    );
}

function redirectTo<E extends Purpose>(provider: IdentityProvider, purpose: E, viewer: Viewer | null) {
  const { name, title } = provider;
  const address = (flow: OAuthFlow) => provider.identityAddress(flow, purpose.to === "confirm");
  return { name, title, purpose, viewer, address };
}
