// Generates versions, branches, constraints and manifests in realistic shapes, and mutations of them.
import fc from "fast-check";

const number = fc.oneof(
  { weight: 6, arbitrary: fc.nat(12).map(String) },
  fc.constantFrom("0", "00", "01", "007", "9999999", "2024", "20240115", "99999", "100000", "201903", "15"),
  fc.nat(999999999).map(String),
);
const hugeNumber = fc.constantFrom("9223372036854775807", "9223372036854775808", "99999999999999999999999");
const stabilityWord = fc.constantFrom(
  "stable",
  "beta",
  "b",
  "RC",
  "rc",
  "Rc",
  "alpha",
  "a",
  "patch",
  "pl",
  "p",
  "dev",
  "Beta",
  "ALPHA",
  "STABLE",
  "DEV",
  "SNAPSHOT",
  "final",
  "foo",
  "m",
  "pre",
);
const separator = fc.constantFrom("", "-", ".", "_", "-", "-");

const numbers = (part: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("."));

const modifier = fc
  .tuple(separator, stabilityWord, separator, fc.option(number, { nil: "" }))
  .map((parts) => parts.join(""));

const date = fc
  .tuple(
    fc.constantFrom("2024", "1999", "2010"),
    fc.array(fc.tuple(fc.constantFrom(".", "-", ":", ""), fc.constantFrom("01", "15", "1", "123", "59")), {
      maxLength: 7,
    }),
  )
  .map(([year, parts]) => year + parts.flat().join(""));

const plainVersion = fc
  .tuple(
    fc.constantFrom("", "", "", "v", "V", "release-"),
    fc.oneof(
      { weight: 4, arbitrary: numbers(number) },
      date,
      numbers(fc.oneof(number, fc.constantFrom("x", "X", "*"))),
    ),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant("") },
      modifier,
      fc.tuple(modifier, modifier).map((two) => two.join("")),
    ),
    fc.constantFrom(
      "",
      "",
      "",
      "",
      "-dev",
      ".x-dev",
      ".dev",
      "+build.5",
      "+20130313144700",
      "@dev",
      "@beta",
      "@STABLE",
      " as 1.0.x-dev",
    ),
  )
  .map((parts) => parts.join(""));

const branchName = fc.oneof(
  fc.constantFrom(
    "main",
    "master",
    "trunk",
    "default",
    "next",
    "gh-pages",
    "feature/foo",
    "bugfix/JIRA-123",
    "Feature/Foo",
    "release/1.2",
    "foo#bar",
    "foo,bar",
    "foo|bar",
    "foo@bar",
    "foo@dev",
    "foo>bar",
    "$foo",
    "föö",
    "x",
    "x.x",
    "1.0-dev",
    "dev-foo",
    "foo-dev",
    "renovate/php-8.x",
    "a as b",
    "foo-as-bar",
    "9999999-dev",
    "123abc",
    "as",
    "foo&bar",
    "it's",
    "日本語",
    "x-1.x",
    "-",
    "1.x.3",
  ),
  numbers(fc.oneof(number, fc.constantFrom("x", "X", "*"))),
  numbers(fc.oneof(number, fc.constantFrom("x", "X"))).map((text) => `v${text}`),
  plainVersion,
);

const edits = fc.array(
  fc.tuple(fc.nat(40), fc.nat(2), fc.constantFrom(..."0123456789.-_+@ vVxX*abRCdevpl#/~^<>=!|,")),
  { maxLength: 3 },
);

/** The text with up to three characters inserted, deleted or replaced. */
const mutated = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(text, edits).map(([start, changes]) =>
    changes.reduce((current, [position, kind, character]) => {
      const at = position % (current.length + 1);
      return current.slice(0, at) + (kind === 1 ? "" : character) + current.slice(kind === 0 ? at : at + 1);
    }, start),
  );

const mostlyPlain = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 2, arbitrary: text }, mutated(text));

export const versionTexts = mostlyPlain(
  fc.oneof(
    { weight: 6, arbitrary: plainVersion },
    branchName,
    branchName.map((name) => `dev-${name}`),
    hugeNumber.map((n) => `1.${n}.2`),
    fc.string({ maxLength: 12, unit: fc.constantFrom(..."v1.0-betaRCxd@+ ") }),
  ),
);

export const branchNames = mostlyPlain(branchName);

const constraintPart = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.constantFrom("", "^", "~", ">=", "<", "<=", ">", "!=", "<>", "=", "==", "~>", ">= ", "< "),
        plainVersion,
        fc.constantFrom("", "", "", "", "@dev", "@beta", "@RC", "@stable", "#abc123"),
      )
      .map((parts) => parts.join("")),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom("^", "~", ">=", "<", "", "<=", ">", "!="), numbers(number))
      .map((parts) => parts.join("")),
  },
  numbers(number).map((text) => `${text}.*`),
  numbers(number).map((text) => `v${text}.x`),
  fc.tuple(plainVersion, fc.constantFrom(" - ", "  -  ", " -"), plainVersion).map((parts) => parts.join("")),
  fc.tuple(numbers(number), numbers(number)).map((parts) => parts.join(" - ")),
  branchName.map((name) => `dev-${name}`),
  branchName,
  fc.constantFrom(
    "*",
    "x",
    "X.x",
    "v*",
    "@dev",
    "*@beta",
    "self.version",
    "",
    " ",
    "@stable",
    "dev-main#abc",
    "1.x-dev#abc as 1.0",
  ),
);

export const constraintTexts = mostlyPlain(
  fc
    .array(
      fc.tuple(
        constraintPart,
        fc.constantFrom(" ", ",", ", ", " , ", " || ", "||", "|", " | ", "  ", "   ", ",,"),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.flat().slice(0, -1).join("")),
);

/** Two ranges that touch, overlap or leave a gap, as in `^1.0 || ^2.0`. */
export const rangeTexts = fc
  .array(
    fc.tuple(
      fc.constantFrom("^", "~", ">=1 <", ">", "<="),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom("", ".0", ".1", ".x"),
    ),
    { minLength: 2, maxLength: 4 },
  )
  .map((parts) => parts.map((part) => part.join("")).join(" || "));

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    5,
    1.5,
    "",
    "x",
    "../x",
    "self.version",
    "javascript:x",
    "2024-01-15",
    [],
    {},
    [[]],
    ["a", 5],
    [null],
    { a: 1 },
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Values as developers write them, mixed with invalid ones. */
const member = (...good: fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary: fc.oneof(...good) }, { weight: 1, arbitrary: junk });

const mapOf = (keys: string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4, noNullPrototype: true });

const path = member(fc.constantFrom("src/", "lib", "", "bin/blog", "tests/../x"));
const paths = member(path, fc.array(path, { maxLength: 3 }));
const texts = member(fc.constantFrom("Blog", "A blog\nof blogs", "\u001b[31mred", "é", "0"));
const url = member(
  fc.constantFrom("https://example.org", "http://example.org/a?b#c", "ftp://example.org", "example.org", ""),
);
const packageNames = [
  "acme/blog",
  "acme/core",
  "Acme/Core",
  "php",
  "ext-json",
  "ext-zend opcache",
  "foo",
  "acme/blog.json",
  "123",
  "acme/con",
];
// Excludes dates that only Semver 3.4 and newer can read: the oldest client would stop at them.
const simpleConstraint = fc
  .tuple(
    fc.constantFrom("^", "~", ">=", "<", "", "!", "^~"),
    fc.array(fc.nat(99), { minLength: 1, maxLength: 4 }),
  )
  .map(([operator, parts]) => operator + parts.join("."));
const links = member(
  mapOf(
    packageNames,
    member(
      fc.constantFrom("^1.0", "*", "self.version", ">=1 <2 || dev-main", "dev-main#abc as 1.0"),
      simpleConstraint,
    ),
  ),
);
const autoload = member(
  mapOf(
    ["psr-4", "psr-0", "classmap", "files", "exclude-from-classmap", "psr-5"],
    member(
      mapOf(["Acme\\", "", "Acme", "A\\B\\"], paths),
      fc.array(path, { maxLength: 2 }),
      fc.array(path, { maxLength: 2 }),
    ),
  ),
);
const branchAlias = mapOf(
  ["dev-main", "dev-master", "1.x-dev", "5"],
  member(fc.constantFrom("2.x-dev", "1.5.x-dev", "2.0", "dev-foo", "9999999-dev")),
);

const fields: Record<string, fc.Arbitrary<unknown>> = {
  name: fc.constantFrom("acme/blog", "acme/blog", "Acme/Blog", "acme/other"),
  version: fc.constantFrom("1.0.0", "v1"),
  description: texts,
  type: member(fc.constantFrom("library", "metapackage", "Symfony-Bundle", "php-ext", "my plugin")),
  keywords: member(fc.array(texts, { maxLength: 3 })),
  homepage: url,
  license: member(texts, fc.array(texts, { maxLength: 2 })),
  authors: member(
    fc.array(member(mapOf(["name", "email", "homepage", "role"], fc.oneof(texts, url))), { maxLength: 2 }),
  ),
  support: member(
    mapOf(["email", "issues", "irc", "docs", "security", "rss", "other"], fc.oneof(texts, url)),
  ),
  funding: member(fc.array(member(mapOf(["type", "url"], fc.oneof(texts, url))), { maxLength: 2 })),
  require: links,
  "require-dev": links,
  conflict: links,
  replace: links,
  provide: links,
  suggest: member(mapOf(packageNames, texts)),
  autoload,
  "autoload-dev": autoload,
  bin: paths,
  "include-path": paths,
  "target-dir": path,
  extra: member(mapOf(["branch-alias", "x", "__proto__"], member(branchAlias, branchAlias, texts))),
  scripts: member(mapOf(["test", "post-install-cmd", "php"], paths)),
  archive: member(mapOf(["name", "exclude", "x"], paths)),
  "php-ext": member(mapOf(["extension-name", "priority", "os-families", "configure-options"], texts)),
  abandoned: member(fc.constantFrom<unknown>(true, false, "acme/new")),
  time: member(fc.constantFrom<unknown>("2024-01-15", "1705276800", 1705276800, "yesterday")),
  "minimum-stability": member(fc.constantFrom("stable", "RC", "dev")),
  dist: junk,
  "transport-options": junk,
  "notification-url": junk,
};

/** composer.json files with a few fields each, most of them valid. */
export const manifestContents = fc
  .shuffledSubarray(Object.keys(fields), { minLength: 1, maxLength: 7 })
  .chain((keys) => fc.tuple(...keys.map((key) => fields[key]!.map((value) => [key, value] as const))))
  .map((entries): Record<string, unknown> => Object.fromEntries(entries));
