// `export-ignore` in .gitattributes, as `git archive` understands it: gitattributes(5). Paths and patterns are byte strings.

import { linearPattern, type Pattern } from "./linear-pattern.ts";

/** True, false, or null for "as if nothing had been said" (`!export-ignore`). */
type Verdict = boolean | null;
type Rule = { matches: (path: string, folder: boolean) => boolean; verdict: Verdict };

/** The rules of one .gitattributes, for paths relative to its folder; macros only count in the top one. */
export type Attributes = Rule[];

export function parseAttributes(text: string, macros: Map<string, Verdict>, isTop: boolean): Attributes {
  const rules: Rule[] = [];
  for (const line of text.split("\n")) {
    const { pattern, attributes } = splitLine(line.replace(/\r$/, ""));
    if (pattern === "" || pattern.startsWith("#") || pattern.startsWith("!")) continue;
    if (!attributes.every((attribute) => attributeForm.test(attribute))) continue;
    const verdict = verdictOf(attributes, macros);
    if (pattern.startsWith("[attr]")) {
      if (isTop && verdict !== undefined) macros.set(pattern.slice("[attr]".length), verdict);
    } else if (verdict !== undefined) {
      rules.push({ matches: pathMatcher(pattern), verdict });
    }
  }
  return rules;
}

/** The attributes of a folder's entries; `parents` of the folders above it, the innermost last. */
export type AttributeScope = { folder: string; attributes: Attributes }[];

/** `path` is relative to the top. The innermost file that says anything decides, and in a file its last line. */
export function isExportIgnored(scope: AttributeScope, path: string, isFolder: boolean): boolean {
  for (const { folder, attributes } of scope.toReversed()) {
    const relative = path.slice(folder.length);
    const rule = attributes.findLast((rule) => rule.matches(relative, isFolder));
    if (rule) return rule.verdict === true;
  }
  return false;
}

// git ignores a whole line for one attribute that is none.
const attributeForm = /^$|^[-!]?[A-Za-z0-9_.][A-Za-z0-9_.-]*(=.*)?$/s;

function splitLine(line: string): { pattern: string; attributes: string[] } {
  const text = line.replace(/^[ \t]+/, "");
  const quoted = /^"((?:[^"\\]|\\.)*)"(.*)$/.exec(text);
  const [first = "", ...rest] = (quoted ? (quoted[2] ?? "") : text).split(/[ \t]+/);
  return quoted
    ? { pattern: unquote(quoted[1] ?? ""), attributes: [first, ...rest] }
    : { pattern: first, attributes: rest };
}

const escapes: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

function unquote(text: string): string {
  return text.replace(/\\([0-3][0-7]{2}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
  );
}

/** Undefined when the line says nothing about export-ignore. The last word on a line wins. */
function verdictOf(attributes: string[], macros: Map<string, Verdict>): Verdict | undefined {
  let verdict: Verdict | undefined;
  for (const attribute of attributes) {
    const macro = macros.get(attribute);
    if (macro !== undefined) verdict = macro;
    else if (attribute === "export-ignore") verdict = true;
    else if (attribute === "-export-ignore" || attribute.startsWith("export-ignore=")) verdict = false;
    else if (attribute === "!export-ignore") verdict = null;
  }
  return verdict;
}

// A pattern without a slash is matched against the last part of the path, any other against the whole.
function pathMatcher(pattern: string): Rule["matches"] {
  const onlyFolders = pattern.endsWith("/");
  const body = onlyFolders ? pattern.slice(0, -1) : pattern;
  const wholePath = body.includes("/");
  const regex = globToPattern(body.replace(/^\//, ""));
  return (path, folder) => {
    if (onlyFolders && !folder) return false;
    return regex.test(wholePath ? path : path.slice(path.lastIndexOf("/") + 1));
  };
}

function globToPattern(glob: string): Pattern {
  const tokens = /^\*\*\/|\/\*\*\/|\/\*\*$|\*+|\?|\[[!^]?\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*\]|\\.|[^]/g;
  const source = glob.replace(tokens, (token) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "/**/") return "/(?:.*/)?";
    if (token === "/**") return "/.+";
    if (token.startsWith("*")) return "[^/]*";
    if (token === "?") return "[^/]";
    if (token.startsWith("[") && token.length > 1) return classToRegex(token);
    return literal(token.startsWith("\\") && token.length > 1 ? token.slice(1) : token);
  });
  return linearPattern(`^${source}$`);
}

const posixClasses: Record<string, string> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  xdigit: "A-Fa-f0-9",
};

function classToRegex(token: string): string {
  const [, negated = "", body = ""] = /^\[([!^]?)(.*)\]$/s.exec(token) ?? [];
  const source = body.replace(classParts, (_, name?: string, escaped?: string, special?: string) =>
    name === undefined ? literal(escaped ?? special ?? "") : (posixClasses[name] ?? ""),
  );
  const set = negated === "" ? `(?!/)[${source}]` : `[^/${source}]`;
  try {
    void new RegExp(set);
    return set;
  } catch {
    return "(?!)"; // a range that runs backwards matches nothing
  }
}

const classParts = /\[:([a-z]+):\]|\\(.)|([\][^])/g;

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
