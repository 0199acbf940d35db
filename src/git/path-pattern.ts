// The patterns of .gitattributes: gitattributes(5), gitignore(5). Paths and patterns are byte strings.

import { linearPattern, type Pattern } from "./linear-pattern.ts";

export type PathMatcher = (path: string, folder: boolean) => boolean;

/** A pattern without a slash matches the last part of a path, any other the whole path. */
export function pathMatcher(pattern: string): PathMatcher {
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
    return "(?!)"; // a reversed range matches nothing
  }
}

const classParts = /\[:([a-z]+):\]|\\(.)|([\][^])/g;

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
