// Names of branches and tags: the rules of git check-ref-format, and no invisible characters.
import { hasControlCharacters } from "./text.ts";

const MAX_LENGTH = 255;
const FORBIDDEN = /[ ~^:?*[\\\u007f]|\.\.|@\{|\/\/|^\/|^-|\/$|\.$|^@$|(?:^|\/)\.|\.lock(?:\/|$)/;

/** The reason why a ref of this name is skipped; null for a valid name. The name has no `refs/heads/`. */
export function refNameProblem(name: string): string | null {
  if (name.length > MAX_LENGTH) return `the name is longer than ${MAX_LENGTH} characters`;
  if (name === "" || FORBIDDEN.test(name)) return "git does not allow this name";
  if (hasControlCharacters(name) || !name.isWellFormed())
    return "the name holds invisible control characters";
  return null;
}
