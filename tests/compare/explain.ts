// Known reasons for differences, each a named rule. A difference without a rule fails the comparison.
import type { Contents } from "./archive.ts";
import type { Compared, Note, Synced } from "./sides.ts";

/** `why` is null without an explanation. */
export type Difference = { version: string; what: string; why: string | null };

/** A version that only one side has. */
export function explainMissing(found: Compared, { skipped }: Synced, log: string): Difference {
  if (found.only === "theirs") {
    const reason = reasonOf(found, skipped);
    return { version: found.version, what: "no version here", why: reason && `refused: ${kindOf(reason)}` };
  }
  const line = lineAbout(found.version, log);
  return { version: found.version, what: "no version in Composer", why: line && `Composer: ${kindOf(line)}` };
}

export function explainFields(found: Compared, synced: Synced): Difference[] {
  const notes = synced.notes.get(`${found.key.split(" ")[0]} ${found.version}`) ?? [];
  return Object.entries(found.fields ?? {}).map(([field, [theirs, ours]]) => ({
    version: found.version,
    what: `${field}: ${cut(theirs)} → ${cut(ours)}`,
    why: whyField(field, { theirs, ours, notes }),
  }));
}

function whyField(
  field: string,
  { theirs, ours, notes }: { theirs: string; ours: string; notes: Note[] },
): string | null {
  const note = notes.find(({ path }) => path?.split(".")[0] === field);
  if (note) return `noted: ${note.code} in ${field}`;
  if (field === "abandoned") return "abandoned is what the default branch says, for all versions";
  // Composer drops links of a package to itself only when it reads them from a registry.
  return theirs === ours ? "the same as JSON" : null;
}

/** Both records are of the same commit. */
export function explainArchive(
  found: Compared,
  { git, zip, synced }: { git: Contents; zip: Contents; synced: Synced },
): Difference[] {
  const notes = synced.notes.get(`${found.key.split(" ")[0]} ${found.version}`) ?? [];
  const hasExcludes = (found.excludes ?? []).length > 0;
  const paths = new Set([...git.keys(), ...zip.keys()]);
  return [...paths].flatMap((path) => {
    const [theirs = "nothing", ours = "nothing"] = [git.get(path), zip.get(path)];
    if (theirs === ours) return [];
    const noted = notes.find((note) => note.path === path);
    const why = noted
      ? `noted: ${noted.code}`
      : hasExcludes && (theirs === "nothing" || ours === "nothing")
        ? "archive.exclude of composer.json, which git archive does not know"
        : null;
    return [{ version: found.version, what: `archive ${path}: ${theirs} → ${ours}`, why }];
  });
}

/** The ref of a version: a tag's text or a branch's name is in the version nearly unchanged. */
function reasonOf({ version, key }: Compared, skipped: Map<string, string>): string | null {
  const normalized = key.split(" ").slice(1).join(" ");
  const names = new Set([
    version,
    `v${version}`,
    version.replace(/^dev-/, ""),
    version.replace(/(?:\.x)?-dev$/, ""),
  ]);
  for (const [ref, reason] of skipped)
    if (names.has(ref) || names.has(ref.replaceAll("release-", "")) || reason.includes(normalized))
      return reason;
  return null;
}

function lineAbout(version: string, log: string): string | null {
  const name = version.replace(/^dev-/, "").replace(/\.x-dev$/, "");
  const lines = log.split("\n").filter((line) => line.includes("Skipped"));
  return lines.find((line) => line.includes(` ${name},`) || line.includes(` v${name},`)) ?? null;
}

/** Removes the parts that are specific to one ref, so that similar reasons are counted together. */
function kindOf(reason: string): string {
  return reason
    .replace(/<[^>]*>/g, "")
    .replace(/^(?:Tag|Branch|Skipped tag|Skipped branch) \S+?[:,] /, "")
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\b[0-9a-f]{40}\b/g, "…")
    .trim()
    .slice(0, 120);
}

function cut(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
