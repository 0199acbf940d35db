// The order of a package's versions on pages. Pure.
import { compareVersions } from "../../composer/version.ts";
import type { VersionRow } from "../../store/schema.ts";

type Ordered = Pick<VersionRow, "stability" | "is_default_branch" | "version_normalized">;

const stabilityOrder = ["stable", "RC", "beta", "alpha", "dev"];

/** The highest of the most stable versions. */
export function newestOf<Version extends Ordered>(versions: Version[]): Version | undefined {
  let newest = versions[0];
  for (const version of versions) if (newest && isBefore(version, newest)) newest = version;
  return newest;
}

function isBefore(a: Ordered, b: Ordered): boolean {
  const order =
    stabilityOrder.indexOf(a.stability) - stabilityOrder.indexOf(b.stability) ||
    b.is_default_branch - a.is_default_branch ||
    compareVersions(b.version_normalized, a.version_normalized);
  return order < 0;
}

/** Composer's order, newest first; the default branch comes before the other branches without a number. */
export function newestFirst<Version extends Ordered>(versions: Version[]): Version[] {
  return versions.toSorted(
    (a, b) =>
      Number(a.stability === "dev") - Number(b.stability === "dev") ||
      b.is_default_branch - a.is_default_branch ||
      compareVersions(b.version_normalized, a.version_normalized),
  );
}

type Grouping<Version> = { stable: Version[]; preRelease: Version[]; development: Version[] };

/** Each group newest first. */
export function grouped<Version extends Ordered>(versions: Version[]): Grouping<Version> {
  const sorted = newestFirst(versions);
  return {
    stable: sorted.filter(({ stability }) => stability === "stable"),
    preRelease: sorted.filter(({ stability }) => stability !== "stable" && stability !== "dev"),
    development: sorted.filter(({ stability }) => stability === "dev"),
  };
}

/** `^3.4` for a newest stable version of 3.4.2; null when nothing is stable. */
export function caretOf(versions: Ordered[]): string | null {
  const newest = newestOf(versions);
  if (newest?.stability !== "stable") return null;
  const [major = "0", minor = "0"] = newest.version_normalized.split(/[.-]/);
  return `^${major}.${minor}`;
}
