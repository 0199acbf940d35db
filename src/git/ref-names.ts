// Which names of tags and branches can be used: the rules of `git check-ref-format`, and a length that every database takes.

const maximumLength = 255;

/** Null when the name can be used, otherwise the reason why not, in words for the sync report. */
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
