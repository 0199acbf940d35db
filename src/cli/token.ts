import { parseDuration } from "../duration.ts";
import { invalid } from "../errors.ts";
import { createToken, revokeToken } from "../registry/tokens.ts";
import { getOrganization } from "../store/organizations/organizations.ts";
import { listTokens } from "../store/tokens.ts";
import { getUser } from "../store/accounts/users.ts";
import { isoTime, table, type Command } from "./command.ts";

export const token: Record<string, Command> = {
  create: {
    summary: "Create an access token and print it once",
    usage: "",
    arity: [0, 0],
    options: {
      org: { type: "string", value: "SLUG", help: "For this organization" },
      user: {
        type: "string",
        value: "EMAIL",
        help: "Or for this user, with access to all their organizations",
      },
      name: { type: "string", value: "NAME", help: "What it is for" },
      expires: { type: "string", value: "90d", help: "How long it works; defaults to forever" },
      package: {
        type: "string",
        multiple: true,
        value: "PATTERN",
        help: "Only these packages, like acme/*; can be repeated",
      },
    },
    async run(app, args, out) {
      const [slug, email] = [args.text("org"), args.text("user")];
      if ((slug === null) === (email === null))
        throw invalid("Give either --org or --user.", { code: "usage" });
      const owner =
        slug === null
          ? { userId: (await getUser(app.db, email ?? "")).id }
          : { organizationId: (await getOrganization(app.db, slug)).id };
      const expires = args.text("expires");
      const lifetimeMs = expires === null ? null : parseDuration(expires);
      if (expires !== null && !lifetimeMs)
        throw invalid(`"${expires}" is not a duration like 12h or 90d.`, { code: "usage" });
      const { token, text } = await createToken(app, {
        owner,
        name: args.required("name"),
        expiresAt: lifetimeMs === null ? null : app.now() + lifetimeMs,
        packages: args.list("package"),
        actor: "cli",
      });
      const value = { id: token.id, name: token.name, token: text, expiresAt: isoTime(token.expires_at) };
      out.result(value, text);
    },
  },
  list: {
    summary: "List tokens, without their secrets",
    usage: "",
    arity: [0, 0],
    options: { org: { type: "string", value: "SLUG", help: "Only tokens of this organization" } },
    async run(app, args, out) {
      const slug = args.text("org");
      const organization = slug === null ? null : await getOrganization(app.db, slug);
      const found = await listTokens(app.db, organization?.id);
      const values = found.map((each) => ({
        id: each.id,
        name: each.name,
        ...(each.organization === null ? { user: each.user } : { organization: each.organization }),
        packages: each.packages === null ? [] : (JSON.parse(each.packages) as string[]),
        createdAt: isoTime(each.created_at),
        expiresAt: isoTime(each.expires_at),
        lastUsedAt: isoTime(each.last_used_at),
        revokedAt: isoTime(each.revoked_at),
      }));
      const rows = found.map((each) => [
        each.id,
        each.name,
        each.organization ?? each.user,
        isoTime(each.last_used_at) ?? "never used",
        each.revoked_at === null ? (isoTime(each.expires_at) ?? "never expires") : "revoked",
      ]);
      out.result(values, table(["ID", "NAME", "OF", "LAST USED", "EXPIRES"], rows));
    },
  },
  revoke: {
    summary: "Revoke a token, effective immediately",
    usage: "ID",
    arity: [1, 1],
    options: {},
    async run(app, args, out) {
      const id = args.positionals[0] ?? "";
      await revokeToken(app, id, "cli");
      out.result({ id }, `Revoked ${id}.`);
    },
  },
};
