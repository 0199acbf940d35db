// `archive.exclude` of composer.json, as `composer archive` reads it (Composer's ComposerExcludeFilter over Symfony's
// Glob): rules apply in order, the last match wins, and `!` includes again, even what export-ignore excluded.

import { invalid } from "../errors.ts";
import { linearPattern, type Pattern } from "./linear-pattern.ts";

type Rule = { pattern: Pattern; excludes: boolean };

/** Limits on patterns, because each file of an archive is tested against each of them. */
export const excludeLimits = { patterns: 1000, characters: 1000 } as const;

/** Decides on `path` (byte string, relative to the top folder); `ignored` is the decision of `.gitattributes`. */
export type Exclude = (path: string, ignored: boolean) => boolean;

/** Throws invalid (`git_exclude_limit`) for too many patterns, or one that is too long. */
export function parseExclude(patterns: string[]): { excludes: Exclude; takesBackIn: boolean } {
  const { patterns: most, characters } = excludeLimits;
  if (patterns.length > most || patterns.some((each) => each.length > characters))
    throw invalid(
      `archive.exclude of composer.json may hold ${most} patterns of ${characters} characters each.`,
      { code: "git_exclude_limit" },
    );
  const rules = patterns.flatMap((pattern) => parseRule(Buffer.from(pattern, "utf8").toString("latin1")));
  return {
    excludes: (path, ignored) => rules.findLast((rule) => rule.pattern.test(`/${path}`))?.excludes ?? ignored,
    takesBackIn: rules.some((rule) => !rule.excludes),
  };
}

// Only a rule with a leading slash is anchored at the top; one with a slash further on matches anywhere.
function parseRule(text: string): Rule[] {
  const rule = text.replace(/^!+/, "");
  const slash = rule.indexOf("/");
  const start = slash === 0 ? "^/" : slash === -1 || slash === rule.length - 1 ? "/" : "";
  try {
    const pattern = linearPattern(`${start}${globToRegex(rule.replace(/^\/+|\/+$/g, ""))}(?=$|/)`);
    return [{ pattern, excludes: !text.startsWith("!") }];
  } catch {
    return []; // Composer ignores a rule that makes an invalid expression
  }
}

// A part that does not begin with a dot never matches a name that does.
const noDot = "(?=[^.])";

// Throws for patterns that make an invalid expression in Composer, such as an unbalanced brace.
function globToRegex(glob: string): string {
  let source = "";
  let open = 0;
  let escaped = false;
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? "";
    const folders = /^\/\*\*(\/|$)/.exec(glob.slice(at));
    if ((at === 0 || glob[at - 1] === "/") && character !== ".") source += noDot;
    if (character === "\\" && !escaped) {
      escaped = true;
      continue;
    }
    if (folders) {
      source += `/(?:${noDot}[^/]+/${folders[1] === "" ? "?" : ""})*`;
      at += folders[0].length - 1;
    } else if (escaped) source += /[*?{\\.()|+^$]/.test(character) ? `\\${character}` : character;
    else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "{") source += "(";
    else if (character === "}") source += ")";
    else if (character === "," && open > 0) source += "|";
    else source += /[.()|+^$]/.test(character) ? `\\${character}` : character;
    if (!escaped && character === "{") open++;
    if (character === "}") open--;
    if (open < 0) throw new SyntaxError("a closing brace without an opening one");
    escaped = false;
  }
  return source;
}
