// Sentences of the package pages that are composed from pieces.
import { counted, size } from "../parts/numbers.ts";
import type { DeletionProps } from "./view.ts";

/** What is lost with a package or version, who used it lately, and how it comes back. */
export function DeletionLoss(props: DeletionProps) {
  const { head, version, versions, archiveBytes, downloads, tokens } = props;
  const sentences = [
    version === null
      ? `${counted(versions, "version")} and ${size(archiveBytes)} of archives are deleted.`
      : `The version and its archive (${size(archiveBytes)}) are deleted.`,
    downloadsText(downloads.total),
    tokens.length === 0 ? "" : `Installed in the last few minutes with these tokens: ${tokens.join(", ")}.`,
    dependentsText(props),
    "Lock files that use it will no longer install. Syncs do not restore it; an admin can restore it while the commit exists in git.",
  ].filter((sentence) => sentence !== "");
  return (
    <>
      {`${sentences.join(" ")} The name `}
      <code>{version ?? head.name}</code> stays reserved.
    </>
  );
}

function downloadsText(total: number): string {
  if (total === 0) return "No downloads in the last 30 days.";
  return `Downloaded ${total === 1 ? "once" : counted(total, "time")} in the last 30 days.`;
}

function dependentsText({ version, dependents, dependentsTotal }: DeletionProps): string {
  if (dependentsTotal === 0) return "";
  if (version === null)
    return `${counted(dependentsTotal, "package")} here ${dependentsTotal === 1 ? "requires it; its" : "require it; their"} next composer update will fail.`;
  const broken = dependents.filter(({ only }) => only).length;
  if (broken === 0) return "";
  return `For ${counted(broken, "package")} here no other version fits; ${broken === 1 ? "its" : "their"} next composer update will fail.`;
}
