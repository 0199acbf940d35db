// Which tag and branch names are usable: the rules of `git check-ref-format`, and a length that every database
// supports.

const maximumLength = 255;

/** Null for a usable name, otherwise the reason for the sync report. */
export function refNameProblem(name: string): string | null {
  if (name.length > maximumLength) return `the name is longer than ${maximumLength} characters`;
  if (name.startsWith("-")) return "the name begins with a dash";
  if (name.includes("\uFFFD")) return "the name is not valid UTF-8";
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(name)) return "the name holds a character that git does not allow";
  if (name === "" || name.includes("..") || name.includes("@{") || /\.$|\/\/|^\/|\/$/.test(name)) {
    return "the name is not one that git allows";
  }
  const parts = name.split("/");
  if (parts.some((part) => part.startsWith(".") || part.endsWith(".lock"))) {
    return "the name is not one that git allows";
  }
  return null;
}
