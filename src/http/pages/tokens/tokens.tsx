// Tokens of an organization, and those of a person: the same pages in two places.
import { NewTokenPage, type TokenForm } from "../../../../templates/tokens/new.tsx";
import { RevokeTokenPage, tokensPath, TokensPage } from "../../../../templates/tokens/tokens.tsx";
import { conflict, Failure, notFound } from "../../../errors.ts";
import { createToken, revokeToken } from "../../../registry/tokens.ts";
import type { App } from "../../../app.ts";
import { matchesPattern } from "../../../composer/name.ts";
import { listMemberships } from "../../../store/organizations/members.ts";
import { findNewestPackageName } from "../../../store/packages/packages.ts";
import { findTokenOf, listTokensOf, type Token, type TokenOwner } from "../../../store/tokens.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { orFailure, problemOf, type Problem } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { onceCookie, onceIn, shownOnceCookie } from "../../cookies/once.ts";
import { page, type PageContext, type PageSetup } from "../../page.ts";
import { emptyTokenForm, expiryOf, packagesOf, tokenForm, tokenLine } from "./form.ts";

/** An expired token stays in the list for so long, so that it is seen why something stopped. */
const expiredShownMs = 30 * 86_400_000;

export function tokenPages(setup: PageSetup) {
  const { app } = setup;
  // An object for each route: Elysia writes into the one it is given.
  const person = () => ({ person: "signed-in" }) as const;
  const admin = () => ({ member: "admin" }) as const;
  const organizations = "/organizations/:slug/settings/tokens";
  return routesOf(app, "tokens")
    .get(organizations, ({ context, query }) => list(setup, context, query["made"]), admin())
    .get(`${organizations}/new`, ({ context }) => form(setup, context), { ...admin(), confirmed: true })
    .post(organizations, ({ context, body }) => create(setup, context, body), { ...admin(), confirmed: true })
    .get(
      `${organizations}/:id/revoke`,
      ({ context, params }) => confirmPage(setup, context, params.id),
      admin(),
    )
    .post(`${organizations}/:id/revoke`, ({ context, params }) => revoke(setup, context, params.id), admin())
    .get("/account/tokens", ({ context, query }) => list(setup, context, query["made"]), person())
    .get("/account/tokens/new", ({ context }) => form(setup, context), { ...person(), confirmed: true })
    .post("/account/tokens", ({ context, body }) => create(setup, context, body), {
      ...person(),
      confirmed: true,
    })
    .get(
      "/account/tokens/:id/revoke",
      ({ context, params }) => confirmPage(setup, context, params.id),
      person(),
    )
    .post("/account/tokens/:id/revoke", ({ context, params }) => revoke(setup, context, params.id), person());
}

async function list(setup: PageSetup, context: PageContext, madeId: string | undefined): Promise<Response> {
  const { app } = setup;
  const now = app.now();
  const { owner, slug } = placeOf(context);
  const rows = await listTokensOf(app.db, owner, now - expiredShownMs);
  const row = rows.find(({ id }) => id === madeId);
  const secret = row ? onceIn(app, context.request, { viewer: context.viewer, id: row.id }) : null;
  const made = row
    ? { id: row.id, name: row.name, secret, example: await exampleFor(app, context, row) }
    : null;
  return page(setup, context, {
    cookies: secret === null ? [] : [shownOnceCookie(app)],
    hasSecret: secret !== null,
    render: (shell) => TokensPage({ shell, slug, tokens: rows.map(tokenLine), made, now }),
  });
}

/** A package to install with the token; null when none is published, or it may not see the newest one. */
async function exampleFor(
  app: App,
  { viewer, membership }: PageContext,
  { packages }: Token,
): Promise<string | null> {
  const [first] = membership ? [membership.organization] : await listMemberships(app.db, viewer.user.id);
  const name = first ? await findNewestPackageName(app.db, first.id) : null;
  const patterns = packages === null ? ["*"] : (JSON.parse(packages) as string[]);
  return name !== null && patterns.some((pattern) => matchesPattern(pattern, name)) ? name : null;
}

function form(
  setup: PageSetup,
  context: PageContext,
  { typed = emptyTokenForm, problem = null, status = 200 }: Partial<Refusal> = {},
): Promise<Response> {
  const { slug } = placeOf(context);
  return page(setup, context, {
    status,
    render: (shell) => NewTokenPage({ shell, slug, form: typed, problem }),
  });
}

type Refusal = { typed: TokenForm; problem: Problem | null; status: number };

/** The next page shows the token, once: its text goes there sealed in a cookie, and is in no address. */
async function create(setup: PageSetup, context: PageContext, body: unknown): Promise<Response> {
  const { app } = setup;
  const { owner, slug } = placeOf(context);
  const typed = tokenForm(body);
  const made = await orFailure(async () => {
    await refuseUsedName(setup, owner, typed.name);
    return createToken(app, {
      owner,
      name: typed.name,
      expiresAt: expiryOf(typed, app.now()),
      packages: packagesOf(typed),
      actor: context.actor,
    });
  });
  if (made instanceof Failure)
    return form(setup, context, { typed, problem: problemOf(made), status: statusOf[made.kind] });
  const { id } = made.token;
  const cookie = onceCookie(app, context.viewer, { id, secret: made.text });
  return seeOther(`${tokensPath(slug)}?made=${id}`, [cookie]);
}

/** Two valid tokens with one name would look the same in lists; commands use their ids. */
async function refuseUsedName({ app }: PageSetup, owner: TokenOwner, name: string): Promise<void> {
  const isSame = (other: string) => other.toLowerCase() === name.trim().toLowerCase();
  const used = (await listTokensOf(app.db, owner, app.now())).find((each) => isSame(each.name));
  if (used)
    throw conflict(`There is already a token named ${used.name}. Choose another name, or revoke that one.`, {
      code: "name_taken",
      field: "name",
    });
}

async function confirmPage(setup: PageSetup, context: PageContext, id: string): Promise<Response> {
  const { owner, slug } = placeOf(context);
  const token = tokenLine({ ...(await getTokenOf(setup, owner, id)), creator: null });
  const now = setup.app.now();
  return page(setup, context, { render: (shell) => RevokeTokenPage({ shell, slug, token, now }) });
}

async function revoke(setup: PageSetup, context: PageContext, id: string): Promise<Response> {
  const { app } = setup;
  const { owner, slug } = placeOf(context);
  const token = await getTokenOf(setup, owner, id);
  await revokeToken(app, token.id, context.actor);
  const isExpired = token.expires_at !== null && token.expires_at <= app.now();
  const word = isExpired ? "removed" : "revoked";
  return seeOther(tokensPath(slug), [toastCookie(app, `Token ${token.name} ${word}.`)]);
}

/** Also what is somebody else's is "not there". */
async function getTokenOf({ app }: PageSetup, owner: TokenOwner, id: string) {
  const token = await findTokenOf(app.db, owner, id);
  if (!token) throw notFound("There is no page at this address.");
  return token;
}

function placeOf({ viewer, membership }: PageContext): { owner: TokenOwner; slug: string | null } {
  if (!membership) return { owner: { userId: viewer.user.id }, slug: null };
  const { id, slug } = membership.organization;
  return { owner: { organizationId: id }, slug };
}
