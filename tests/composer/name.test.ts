import { describe, expect, test } from "bun:test";
import { isPlatformPackage, matchesPattern, packageNameProblem, vendorOf } from "../../src/composer/name.ts";

describe("Package names", () => {
  const good = [
    "acme/blog",
    "a/b",
    "acme/foo.bar",
    "acme/foo--bar",
    "ac-me/x_y",
    "acme/x1",
    "0/0",
    "acme/constants",
    "console/con-sole",
  ];
  for (const name of good) test(`${name} is one`, () => expect(packageNameProblem(name)).toBeNull());

  const bad: [string, string][] = [
    ["Acme/blog", "lower case"],
    ["acme/Blog", "lower case"],
    ["acme", "not a package name"],
    ["", "not a package name"],
    ["a/b/c", "not a package name"],
    ["../x", "not a package name"],
    ["acme/../x", "not a package name"],
    ["acme/foo---bar", "not a package name"],
    ["ac--me/foo", "not a package name"],
    ["acme/foo..bar", "not a package name"],
    ["-acme/blog", "not a package name"],
    ["acme/blog-", "not a package name"],
    ["acme/blog\n", "not a package name"],
    ["acme/blög", "not a package name"],
    ["acme/blog~dev", "not a package name"],
    ["acme/con", "Windows"],
    ["lpt9/blog", "Windows"],
    ["acme/blog.json", ".json"],
    [`acme/${"x".repeat(300)}`, "191"],
    ["a".repeat(65536), "191"],
  ];
  for (const [name, text] of bad) {
    test(`${JSON.stringify(name.slice(0, 30))} is none: ${text}`, () =>
      expect(packageNameProblem(name)).toContain(text));
  }

  test("a name of 191 characters is one", () => {
    expect(packageNameProblem(`acme/${"x".repeat(186)}`)).toBeNull();
    expect(packageNameProblem(`acme/${"x".repeat(187)}`)).not.toBeNull();
  });

  test("a problem shows no control characters of the name", () => {
    expect(packageNameProblem("acme/\u001b[31mblog")).toBe(
      '"acme/blog" is not a package name such as acme/blog',
    );
  });

  test("the vendor is what stands before the slash", () => expect(vendorOf("acme/blog")).toBe("acme"));

  test("platform packages are told from others", () => {
    for (const name of [
      "php",
      "php-64bit",
      "hhvm",
      "ext-mbstring",
      "EXT-JSON",
      "lib-icu",
      "composer-plugin-api",
      "composer",
    ]) {
      expect(isPlatformPackage(name)).toBe(true);
    }
    for (const name of [
      "acme/blog",
      "phpunit",
      "ext-",
      "ext--json",
      "composer-api",
      "php-x",
      `ext-${"a_".repeat(40000)}`,
    ]) {
      expect(isPlatformPackage(name)).toBe(false);
    }
  });
});

describe("Patterns over names", () => {
  const rows: [string, string, boolean][] = [
    ["acme/*", "acme/blog", true],
    ["acme/*", "acme/", true],
    ["acme/*", "acmé/blog", false],
    ["acme/*", "x-acme/blog", false],
    ["*", "acme/blog", true],
    ["*/blog", "acme/blog", true],
    ["*/blog", "acme/blog-theme", false],
    ["ACME/b*g", "acme/blog", true],
    ["a*e/b*l*g", "acme/blog", true],
    ["ab*ba", "aba", false],
    ["ab*ba", "abba", true],
    ["acme/blog", "acme/blog", true],
    ["acme/blog", "acme/blog2", false],
    ["acme.blog", "acme/blog", false],
    ["", "", true],
    ["", "acme/blog", false],
    ["**", "", true],
    ["a*b*c", "a-c-b", false],
  ];
  for (const [pattern, name, matches] of rows) {
    test(`${pattern} ${matches ? "takes in" : "leaves out"} ${name}`, () =>
      expect(matchesPattern(pattern, name)).toBe(matches));
  }

  test("a pattern of many stars is decided without trying all their combinations", () => {
    expect(matchesPattern(`${"*a".repeat(20000)}*b`, "a".repeat(40000))).toBe(false);
  });
});
