// The providers that open an account besides a password.
import { ButtonLink } from "../parts/button.tsx";
import type { IconName } from "../parts/icons.ts";

/** `name` as in its addresses, `title` as people call it. */
export type SignInProvider = { name: string; title: string };

/** "Sign in with GitHub", one below the other; nothing where none is set up. */
export function ProviderLinks({
  providers,
  next,
  verb,
}: {
  providers: SignInProvider[];
  next: string;
  verb: string;
}) {
  if (providers.length === 0) return <></>;
  const query = next === "/" ? "" : `?next=${encodeURIComponent(next)}`;
  return (
    <div class="stack is-tight">
      {providers.map(({ name, title }) => (
        <ButtonLink href={`/auth/${name}/redirect${query}`} icon={providerIcon(name)} wide>
          {`${verb} with ${title}`}
        </ButtonLink>
      ))}
    </div>
  );
}

export function providerIcon(name: string): IconName {
  if (name === "github" || name === "gitlab") return name;
  return name === "oidc" ? "key-round" : "git-branch";
}
