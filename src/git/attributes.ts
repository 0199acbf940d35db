// Parses .gitattributes as `git archive` does: gitattributes(5). Paths and patterns are byte strings.

import { pathMatcher, type PathMatcher } from "./path-pattern.ts";

/** `null` resets an attribute to unspecified (`!text`). */
export type AttributeValue = boolean | string | null;
type Assignment = { name: string; value: AttributeValue };
type Rule = { matches: PathMatcher; assignments: Assignment[] };

/** One .gitattributes file, its lines in order; paths are relative to its folder. Macros only count in the top one. */
type AttributeFile = { rules: Rule[]; macros: Map<string, Assignment[]> };

/** The files that apply to a folder's entries: the top folder's first, even when empty, the innermost last. */
export type AttributeScope = { folder: string; file: AttributeFile }[];

const longestLine = 2048;

/** The attributes that affect an archive. */
const used = new Set([
  "export-ignore",
  "export-subst",
  "text",
  "crlf",
  "eol",
  "ident",
  "working-tree-encoding",
  "binary",
]);

/** `top` is the top folder's file; null when parsing that file itself. */
export function parseAttributes(text: string, top: AttributeFile | null): AttributeFile {
  const rules: Rule[] = [];
  const macros = new Map<string, Assignment[]>();
  for (const line of text.split("\n")) {
    if (line.length >= longestLine) continue;
    const { pattern, attributes } = splitLine(line.replace(/\r$/, ""));
    if (pattern === "" || pattern.startsWith("#") || pattern.startsWith("!")) continue;
    if (!attributes.every((attribute) => attributeForm.test(attribute))) continue;
    const assignments = attributes.flatMap(assignmentOf);
    if (pattern.startsWith("[attr]")) macros.set(pattern.slice("[attr]".length), assignments);
    else rules.push({ matches: pathMatcher(pattern), assignments });
  }
  const names = (top ?? { macros }).macros;
  const counts = ({ name }: Assignment) => used.has(name) || names.has(name);
  return { rules: rules.filter(({ assignments }) => assignments.some(counts)), macros };
}

const binary: Assignment[] = ["diff", "merge", "text"].map((name) => ({ name, value: false }));

/**
 * The attributes of `path`, which is relative to the top folder. For each attribute the innermost file that mentions it
 * decides, and within a file the last line. A set macro expands to its attributes, but only those that are still
 * undecided.
 */
export function attributesOf(
  scope: AttributeScope,
  path: string,
  isFolder: boolean,
): Map<string, AttributeValue> {
  const found = new Map<string, AttributeValue>();
  const [top] = scope;
  const macros = top?.file.macros;
  const assign = (assignments: Assignment[]) => {
    for (let at = assignments.length - 1; at >= 0; at--) {
      const { name, value } = assignments[at] as Assignment;
      if (found.has(name)) continue;
      found.set(name, value);
      if (value !== true) continue;
      const macro = macros?.get(name) ?? (name === "binary" ? binary : undefined);
      if (macro) assign(macro);
    }
  };
  for (let at = scope.length - 1; at >= 0; at--) {
    const { folder, file } = scope[at] as AttributeScope[number];
    const relative = folder === "" ? path : path.slice(folder.length);
    for (let line = file.rules.length - 1; line >= 0; line--) {
      const rule = file.rules[line] as Rule;
      if (rule.matches(relative, isFolder)) assign(rule.assignments);
    }
  }
  return found;
}

// git ignores the whole line when one attribute name is invalid.
const attributeForm = /^$|^[-!]?[A-Za-z0-9_.][A-Za-z0-9_.-]*(=.*)?$/s;

function assignmentOf(text: string): Assignment[] {
  if (text === "") return [];
  if (text.startsWith("-")) return [{ name: text.slice(1).replace(/=.*$/s, ""), value: false }];
  if (text.startsWith("!")) return [{ name: text.slice(1).replace(/=.*$/s, ""), value: null }];
  const equals = text.indexOf("=");
  if (equals < 0) return [{ name: text, value: true }];
  return [{ name: text.slice(0, equals), value: text.slice(equals + 1) }];
}

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
