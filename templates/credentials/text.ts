// Sentences of the credential pages that are composed from pieces.
import { counted } from "../parts/numbers.ts";
import type { CredentialLine } from "./line.tsx";

/** Of credentials that their Git hosts rejected; at least one. */
export function rejectedTitle(rejected: CredentialLine[]): string {
  const [first, ...others] = rejected;
  return others.length === 0
    ? `${first?.host} rejected the token “${first?.name}”`
    : `${rejected.length} tokens were rejected by their Git hosts`;
}

export function rejectedText(rejected: CredentialLine[]): string {
  const [first, ...others] = rejected;
  const reason = others.length === 0 ? `${first?.forge?.error ?? ""} ` : "";
  const repositories = rejected.reduce((sum, { usedBy }) => sum + usedBy.length, 0);
  const waiting =
    repositories === 0
      ? ""
      : `, but ${counted(repositories, "repository gets", "repositories get")} no new versions until this is fixed`;
  return `${reason}Published versions stay installable${waiting}.`;
}

export function repairText({ name, forge }: CredentialLine, isOnly: boolean): string {
  if (forge?.isGranted) return isOnly ? "Connect it again" : `Connect ${name} again`;
  return isOnly ? "Replace the token" : `Replace ${name}`;
}

/** What replacing a token does. */
export function usesText(uses: number): string {
  return uses > 0
    ? `${counted(uses, "repository", "repositories")} will use the new one from the next sync.`
    : "No repository uses it yet.";
}

export function removalText(uses: number): string {
  return uses > 0
    ? `${counted(uses, "repository uses", "repositories use")} it, so it cannot be removed. Switch them to another one first.`
    : "No repository uses it. This cannot be undone.";
}
