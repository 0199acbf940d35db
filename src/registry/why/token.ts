// Whether a token sees the package: any token, or the one in the question.
import { matchesPattern } from "../../composer/name.ts";
import { listTokensOf, type Token } from "../../store/tokens.ts";
import { failed, ok, syncOf, timeText, type Context, type Found } from "./step.ts";

const namedTokens = 5;

export async function checkVisibility(context: Context): Promise<Found> {
  const { pkg, token } = context;
  if (!pkg || pkg.removed_at !== null)
    return failed("The package is not listed.", { action: syncOf(context) });
  const renamed = pkg.renamed_to === null ? "" : ` It was renamed to ${pkg.renamed_to}.`;
  const found = token ? withThe(token, context) : ok(await withAny(context));
  return { ...found, detail: found.detail + renamed };
}

function withThe(token: Token, { app, organization, name }: Context): Found {
  const another = (only: string | null) => ({
    action: { do: "create-token", organization: organization.slug, package: only } as const,
  });
  if (token.revoked_at !== null)
    return failed(`Token "${token.name}" was revoked at ${timeText(token.revoked_at)}.`, another(null));
  if (token.expires_at !== null && token.expires_at <= app.now())
    return failed(`Token "${token.name}" expired at ${timeText(token.expires_at)}.`, another(null));
  const patterns = patternsOf(token);
  if (patterns && !patterns.some((pattern) => matchesPattern(pattern, name)))
    return failed(
      `Token "${token.name}" is limited to ${patterns.join(", ")} and cannot read ${name}.`,
      another(name),
    );
  const used =
    token.last_used_at === null
      ? "It was never used."
      : `It was last used at ${timeText(token.last_used_at)}.`;
  return ok(`Token "${token.name}" can read it. ${used}`);
}

async function withAny({ app, organization, name }: Context): Promise<string> {
  const usable = await listTokensOf(app.db, { organizationId: organization.id }, app.now());
  const limited = usable.filter((token) => {
    const patterns = patternsOf(token);
    return patterns !== null && !patterns.some((pattern) => matchesPattern(pattern, name));
  });
  if (limited.length === 0) return "Every token of the organization can read it.";
  const names = limited.slice(0, namedTokens).map((each) => `"${each.name}"`);
  const others = limited.length - names.length;
  const list = others > 0 ? `${names.join(", ")} and ${others} more` : names.join(", ");
  return `Every token of the organization can read it, except those limited to other packages: ${list}.`;
}

/** Whether the token of the question, or any token, may see this name. */
export function maySee(token: Token | null, name: string): boolean {
  const patterns = token && patternsOf(token);
  return patterns === null || patterns.some((pattern) => matchesPattern(pattern, name));
}

function patternsOf({ packages }: Pick<Token, "packages">): string[] | null {
  return packages === null ? null : (JSON.parse(packages) as string[]);
}
