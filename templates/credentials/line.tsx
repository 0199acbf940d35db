// One credential in a list, whatever its kind: who made it, what uses it, what can be done.
import type { RateLimit } from "../../src/registry/forges/access.ts";
import { ButtonLink } from "../parts/button.tsx";
import { counted } from "../parts/numbers.ts";
import { RowActions } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";

export type CredentialLine = {
  id: string;
  /** As it was called, or what it is when it came with a repository. */
  name: string;
  username: string | null;
  host: string | null;
  publicKey: string | null;
  fingerprint: string | null;
  createdAt: number;
  creator: string | null;
  usedBy: string[];
  /** Null for one that is for git alone. */
  forge: ForgeLine | null;
};

type ForgeLine = {
  provider: string;
  account: string;
  /** Null where the Git host does not say. */
  scopes: string[] | null;
  expiresAt: number | null;
  /** Granted by a user on the Git host; otherwise the token was pasted. */
  isGranted: boolean;
  refusedAt: number | null;
  /** What it said then, in our words. */
  error: string | null;
  rate: RateLimit | null;
};

export function Uses({ line, repositories }: { line: CredentialLine; repositories: string }) {
  const { usedBy } = line;
  if (usedBy.length === 0) return <span class="muted">not used</span>;
  const visible = usedBy.slice(0, 3);
  return (
    <>
      {visible.map((name, index) => [
        index === 0 ? "" : ", ",
        <a href={`${repositories}/${encodeURIComponent(name)}`}>{name}</a>,
      ])}
      {usedBy.length > visible.length
        ? ` and ${counted(usedBy.length - visible.length, "more", "more")}`
        : ""}
    </>
  );
}

export function Created({ line, now }: { line: CredentialLine; now: number }) {
  return (
    <>
      {line.creator === null ? "" : `${line.creator}, `}
      <Time at={line.createdAt} now={now} />
    </>
  );
}

export function RemoveLink({ line, base }: { line: CredentialLine; base: string }) {
  if (line.usedBy.length > 0) return <></>;
  return (
    <ButtonLink href={`${base}/${line.id}/remove`} variant="quiet" small destroys icon="trash-2">
      Remove
    </ButtonLink>
  );
}

/** The page that repairs the credential: with another token, or another sign-in on the Git host. */
export function remedyOf({ id, forge }: CredentialLine, base: string): string {
  return forge?.isGranted ? `${base}/connect?forge=${forge.provider}` : `${base}/${id}/edit`;
}

export function CredentialActions({ line, base }: { line: CredentialLine; base: string }) {
  return (
    <RowActions>
      <ButtonLink href={remedyOf(line, base)} variant="quiet" small icon="pencil">
        {line.forge?.isGranted ? "Connect again" : "Replace"}
      </ButtonLink>
      <RemoveLink {...{ line, base }} />
    </RowActions>
  );
}
