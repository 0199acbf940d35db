// composer.json files as they come: what passes, what is left out with a note, what is refused.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseManifest, type Manifest } from "../../src/composer/manifest.ts";

const parsed = (content: unknown): ReturnType<typeof parseManifest> =>
  parseManifest(typeof content === "string" ? content : JSON.stringify(content));

function manifest(content: unknown): Manifest {
  const result = parsed(content);
  if ("reason" in result) throw new Error(result.reason);
  return result.manifest;
}

function reason(content: unknown): string {
  const result = parsed(content);
  return "reason" in result ? result.reason : "";
}

const acme = (fields: object): object => ({ name: "acme/blog", ...fields });

describe("A good composer.json", () => {
  test("keeps what clients may see, in one order, and names what is ours to know", () => {
    const { name, version, timeMs, fields, notes } = manifest({
      require: { php: ">=8.1", "acme/core": "^1.0 || ^2.0" },
      version: "1.0.0",
      name: "acme/blog",
      time: "2024-01-15 10:00:00",
      type: "Symfony-Bundle",
      license: "MIT",
      bin: "bin/blog",
      abandoned: "acme/journal",
      replace: { "acme/news": "self.version" },
      autoload: { "psr-4": { "Acme\\Blog\\": "src/", "": ["lib/"] }, files: ["functions.php"] },
      extra: { "branch-alias": { "dev-main": "2.x-dev" }, anything: { at: ["all"] } },
      authors: [{ name: "Ann", email: "ann@example.org", shoe: 42 }],
      support: { issues: "https://example.org/issues", email: "ann@example.org" },
    });
    expect([name, version, timeMs, notes]).toEqual(["acme/blog", "1.0.0", Date.UTC(2024, 0, 15, 10), []]);
    expect(JSON.stringify(fields)).toBe(
      JSON.stringify({
        type: "symfony-bundle",
        license: ["MIT"],
        authors: [{ name: "Ann", email: "ann@example.org" }],
        support: { email: "ann@example.org", issues: "https://example.org/issues" },
        autoload: { "psr-4": { "Acme\\Blog\\": "src/", "": ["lib/"] }, files: ["functions.php"] },
        bin: ["bin/blog"],
        extra: { "branch-alias": { "dev-main": "2.x-dev" }, anything: { at: ["all"] } },
        require: { php: ">=8.1", "acme/core": "^1.0 || ^2.0" },
        replace: { "acme/news": "self.version" },
        abandoned: "acme/journal",
      }),
    );
  });

  test("may lack a name, a version and all else", () => {
    expect(manifest({ description: "x" })).toEqual({
      name: null,
      version: null,
      timeMs: null,
      fields: { type: "library", description: "x" },
      notes: [],
    });
  });

  test("cannot speak for the registry", () => {
    const ours = ["dist", "source", "notification-url", "transport-options", "installation-source", "uid"];
    const more = [
      "version_normalized",
      "default-branch",
      "published-time",
      "repositories",
      "config",
      "prefer-stable",
    ];
    const content = Object.fromEntries(
      [...ours, ...more].map((key) => [key, { type: "zip", url: "https://evil.example" }]),
    );
    expect(manifest(acme(content)).fields).toEqual({ type: "library" });
  });

  test("has a time in any of Composer's spellings, UTC without a zone", () => {
    const times = [
      "2024-01-15",
      "2024-01-15 00:00:00",
      "2024-01-15T00:00:00Z",
      "2024-01-15T02:00:00+02:00",
      "1705276800",
      1705276800,
    ];
    for (const time of times) expect(manifest(acme({ time })).timeMs).toBe(Date.UTC(2024, 0, 15));
    for (const time of ["yesterday", "2024-13-45", "99999999999999999", { toString: 1 }]) {
      expect(manifest(acme({ time }))).toMatchObject({
        timeMs: null,
        notes: [expect.stringContaining("time was left out")],
      });
    }
  });
});

describe("A composer.json that is no proper JSON is refused", () => {
  const rows: [string, string, string][] = [
    ["nothing", "", "is empty"],
    ["blanks", " \n", "is empty"],
    ["an empty object", "{}", "is empty"],
    ["an empty list", "[]", "is empty"],
    ["an object of nulls", '{"name":null}', "is empty"],
    ["a list", '["acme/blog"]', "must hold an object"],
    ["a text", '"acme/blog"', "must hold an object"],
    ["null", "null", "must hold an object"],
    ["a byte order mark", '\ufeff{"name":"acme/blog"}', "byte order mark"],
    ["NaN", '{"priority":NaN}', "not valid JSON"],
    ["a comment", '{"name":"acme/blog"} // blog', "not valid JSON"],
    ["a trailing comma", '{"name":"acme/blog",}', "not valid JSON"],
    ["half a surrogate in a value", '{"description":"\\ud800"}', "surrogate"],
    ["half a surrogate in a key", '{"extra":{"\\udc00x":1}}', "surrogate"],
    ["65 levels", `{"extra":${"[".repeat(64)}${"]".repeat(64)}}`, "deeper than 64"],
    ["200,000 levels", "[".repeat(200000), "deeper than 64"],
    ["levels inside a cut text", `{"a":"${"[".repeat(70)}`, "not valid JSON"],
  ];
  for (const [title, text, words] of rows) test(title, () => expect(reason(text)).toContain(words));

  test("64 levels and brackets inside texts are fine", () => {
    expect(reason(`{"extra":{"a":${"[".repeat(62)}1${"]".repeat(62)}}}`)).toBe("");
    expect(manifest({ description: `\\"${"[".repeat(70)}` }).fields.description).toBe(`\\"${"[".repeat(70)}`);
  });
});

describe("A key that is there twice", () => {
  test("counts with its last value and is noted with its path", () => {
    const text =
      '{"name":"acme/a","require":{"php":"^7","php" : "^8"},"name":"acme/blog","authors":[{"name":"Ann"},{"name":"Ben"}]}';
    const { name, fields, notes } = manifest(text);
    expect([name, fields.require]).toEqual(["acme/blog", { php: "^8" }]);
    expect(notes).toEqual([
      "composer.json: require.php is there twice; the last one counts",
      "composer.json: name is there twice; the last one counts",
    ]);
  });

  test("is found when one of them is escaped", () => {
    expect(manifest('{"name":"acme/a","na\\u006de":"acme/b"}').notes).toHaveLength(1);
  });
});

describe("Keys that name parts of JavaScript", () => {
  test("do no harm", () => {
    const text =
      '{"name":"acme/blog","__proto__":{"abandoned":true},"constructor":{"prototype":{"x":1}},"extra":{"__proto__":{"x":1},"constructor":2},"suggest":{"__proto__":"x"}}';
    const { fields } = manifest(text);
    expect(JSON.stringify(fields)).toBe('{"type":"library","extra":{"constructor":2}}');
    expect(Object.assign({}, fields.extra)).not.toHaveProperty("x");
  });
});

describe("The wrong type is refused, with the path, in a field that the registry or every client uses", () => {
  const rows: [object, string][] = [
    [{ name: ["a"] }, "composer.json: name must be a text"],
    [{ version: {} }, "composer.json: version must be a text"],
    [{ version: 1.1 }, "composer.json: version must be a text"],
    [{ type: 5 }, "composer.json: type must be a text"],
    [{ require: "x" }, "composer.json: require must be an object"],
    [{ require: ["php"] }, "composer.json: require must be an object"],
    [{ require: { php: 8 } }, "composer.json: require.php must be a version constraint"],
    [
      { "require-dev": { "acme/x": ["1"] } },
      "composer.json: require-dev.acme/x must be a version constraint",
    ],
    [{ conflict: 1 }, "composer.json: conflict must be an object"],
    [{ replace: true }, "composer.json: replace must be an object"],
    [{ provide: [1] }, "composer.json: provide must be an object"],
    [{ extra: { "branch-alias": "2.x-dev" } }, "composer.json: extra.branch-alias must be an object"],
    [
      { extra: { "branch-alias": { "dev-main": 2 } } },
      "composer.json: extra.branch-alias.dev-main must be a text",
    ],
    [{ abandoned: 1 }, "composer.json: abandoned must be true, false or"],
    [{ archive: [1] }, "composer.json: archive must be an object"],
    [{ archive: { exclude: "/tests" } }, "composer.json: archive.exclude must be a list of texts"],
    [{ archive: { name: 5 } }, "composer.json: archive.name must be a text"],
    [{ bin: { a: "x" } }, "composer.json: bin must be a path or a list of paths"],
    [{ bin: [5] }, "composer.json: bin must be a path or a list of paths"],
  ];
  for (const [fields, words] of rows)
    test(JSON.stringify(fields), () => expect(reason(acme(fields))).toStartWith(words));
});

describe("What Composer refuses is refused", () => {
  const rows: [object, string][] = [
    [
      { require: { "acme/core": "lol what" } },
      "require.acme/core has a constraint that Composer cannot read",
    ],
    [{ conflict: { "acme/core": "" } }, "conflict.acme/core has a constraint"],
    [{ require: { "acme/core": "~>1.2" } }, "there is no operator ~>"],
    [{ require: { "acme/core": "1".repeat(70000) } }, "longer than 4096"],
    [{ require: { "": "1.0" } }, "is not a package name"],
    [{ require: { "123": "1.0" } }, "is not a package name"],
    [{ require: { "acme/\u001b[31mcore": "1.0" } }, "is not a package name"],
    [{ conflict: { "acme/core": "1" }, replace: { "acme/core": "*" } }, "conflict names"],
    [{ bin: "../../evil" }, 'must not leave the package with ".."'],
    [{ bin: ["bin\\..\\x"] }, 'must not leave the package with ".."'],
    [{ bin: ["bin/$(id)"] }, "shell or control characters"],
    [{ bin: "bin/a\nb" }, "shell or control characters"],
    [{ autoload: { "psr-4": { "Acme\\Blog": "src/" } } }, "autoload.psr-4.Acme\\Blog must be a namespace"],
    [{ autoload: { "psr-4": ["src/"] } }, "autoload.psr-4.0 must be a namespace"],
    [{ autoload: { "psr-5": {} } }, "autoload.psr-5 is none of"],
    [
      { autoload: { "psr-4": { "A\\": "src" } }, "target-dir": "A" },
      "target-dir cannot go with autoload.psr-4",
    ],
    [{ "php-ext": { priority: 80 } }, "php-ext needs the type php-ext"],
    [{ type: "php-ext", "php-ext": { priority: "high" } }, "php-ext.priority must be a number"],
    [
      { type: "php-ext", "php-ext": { "os-families": ["linux"], "os-families-exclude": ["bsd"] } },
      "both os-families",
    ],
    [{ type: "php-ext", "php-ext": { "os-families": ["amiga"] } }, "php-ext.os-families must be a list"],
    [
      { type: "php-ext", "php-ext": { "download-url-method": [] } },
      "php-ext.download-url-method must be a list",
    ],
    [
      { type: "php-ext", "php-ext": { "configure-options": [{}] } },
      "php-ext.configure-options.0.name must be a text",
    ],
    [{ "minimum-stability": "rarely" }, "minimum-stability must be"],
    [{ "minimum-stability": 5 }, "minimum-stability must be"],
    [{ config: { platform: { php: "eight" } } }, "config.platform.php must be a version or false"],
  ];
  for (const [fields, words] of rows)
    test(JSON.stringify(fields).slice(0, 90), () => expect(reason(acme(fields))).toContain(words));

  const good: object[] = [
    { bin: ["bin/..blog", "a..b/c"] },
    { "minimum-stability": "RC" },
    { "minimum-stability": "Dev" },
    { config: { platform: { php: "8.1", "ext-x": false } } },
    { autoload: { "psr-0": { Acme: "src/" }, classmap: ["a", ["b"]] }, "target-dir": "Acme" },
    {
      type: "php-ext-zend",
      "php-ext": { "extension-name": "x", "download-url-method": "pre-packaged-source" },
    },
    { require: { "acme/core": "self.version", "ext-mbstring": "*", "acme/b": "dev-main#abc as 1.0" } },
    { require: [], extra: [], autoload: [] },
  ];
  for (const fields of good)
    test(`not refused: ${JSON.stringify(fields)}`, () => expect(manifest(acme(fields)).notes).toEqual([]));
});

describe("What clients would trip over is left out with a note, and the version goes out", () => {
  const rows: [string, unknown][] = [
    ["autoload", 5],
    ["autoload-dev", "src"],
    ["extra", "x"],
    ["scripts", ["x"]],
    ["suggest", 5],
    ["description", { a: 1 }],
    ["homepage", "javascript:alert(1)"],
    ["keywords", "blog"],
    ["license", 5],
    ["authors", { name: "Ann" }],
    ["support", "ann@example.org"],
    ["funding", "money"],
    ["include-path", [1]],
    ["target-dir", 5],
    ["type", "my plugin"],
    ["php-ext", 5],
  ];
  for (const [key, value] of rows) {
    test(`${key}: ${JSON.stringify(value)}`, () => {
      const { fields, notes } = manifest(acme({ [key]: value }));
      expect(fields).toEqual({ type: "library" });
      expect(notes).toHaveLength(1);
      expect(notes[0]).toStartWith(`composer.json: ${key} was left out; it must be `);
    });
  }

  test("single members are left out alone", () => {
    const { fields, notes } = manifest(
      acme({
        suggest: { "ext-apcu": "for speed", "acme/x": 5 },
        authors: [{ name: "Ann", homepage: "ftp://example.org" }, "Ben"],
        keywords: ["blog", {}, 5],
        autoload: { classmap: ["a", 5], "psr-4": { "A\\": 7 } },
        scripts: { test: ["phpunit"], lint: 5 },
        support: { issues: 5, irc: "irc://irc.example.org/acme", source: "https://example.org" },
      }),
    );
    expect(fields).toMatchObject({
      suggest: { "ext-apcu": "for speed" },
      authors: [{ name: "Ann" }],
      keywords: ["blog", "5"],
      autoload: { classmap: ["a"] },
      scripts: { test: ["phpunit"] },
      support: { irc: "irc://irc.example.org/acme", source: "https://example.org" },
    });
    expect(notes.map((note) => note.split(" ")[1])).toEqual([
      "keywords.1",
      "authors.0.homepage",
      "authors.1",
      "support.issues",
      "autoload.psr-4.A\\",
      "autoload.classmap.1",
      "suggest.acme/x",
      "scripts.lint",
    ]);
  });

  test("the links of a package to itself go, whatever their letter case", () => {
    const { fields, notes } = manifest(
      acme({ require: { "Acme/Blog": "1.0", php: ">=7" }, replace: { "acme/blog": "*" } }),
    );
    expect(fields).toEqual({ type: "library", require: { php: ">=7" } });
    expect(notes).toContain("composer.json: a link from the package to itself was left out");
  });

  test("a link to what cannot be a package stays, as in Composer, with a note", () => {
    const { fields, notes } = manifest(acme({ require: { "ext-zend opcache": "*", Foo: "1" } }));
    expect(fields.require).toEqual({ "ext-zend opcache": "*", Foo: "1" });
    expect(notes).toHaveLength(2);
  });

  test("notes end at fifty", () => {
    const suggest = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`acme/x${i}`, i]));
    expect(manifest(acme({ suggest })).notes).toHaveLength(50);
  });
});

describe("Text for people", () => {
  test("loses terminal sequences, control characters and overrides of the writing direction", () => {
    const dirty =
      "A \u001b[31mred\u001b[0m\u001b]8;;https://evil.example\u0007 blog\u0000\u009b\u202e\u2066!\r\nSecond\tline";
    const { fields } = manifest(
      acme({
        description: dirty,
        keywords: [dirty],
        authors: [{ name: dirty }],
        abandoned: dirty,
        license: dirty,
        suggest: { "acme/x": dirty },
      }),
    );
    const clean = "A red blog! Second line";
    expect(fields).toEqual({
      type: "library",
      description: clean,
      keywords: [clean],
      license: [clean],
      authors: [{ name: clean }],
      suggest: { "acme/x": clean },
      abandoned: clean,
    });
  });

  test("keeps the letters of all languages", () => {
    expect(manifest({ description: "Блог – 博客 – blogg é 👩‍💻" }).fields.description).toBe(
      "Блог – 博客 – blogg é 👩‍💻",
    );
  });

  test("in reasons and notes is short and clean", () => {
    const key = `\u001b[31m${"x".repeat(5000)}`;
    expect(reason(acme({ require: { [key]: 5 } })).length).toBeLessThan(300);
    expect(manifest(acme({ suggest: { [key]: 5 } })).notes[0]).toMatch(
      /^composer\.json: suggest\.x{80}… was left out/,
    );
  });
});

describe("Nulls and other nothings", () => {
  test("are not there", () => {
    const text =
      '{"name":"acme/blog","homepage":null,"description":"","extra":{"a":null,"b":[null,1],"c":1e999},"require":{},"abandoned":false}';
    expect(JSON.stringify(manifest(text).fields)).toBe('{"type":"library","extra":{"b":[1]}}');
  });
});

test("For any JSON the answer is a manifest or a reason", () => {
  const keys = fc.constantFrom(
    "name",
    "version",
    "type",
    "require",
    "extra",
    "autoload",
    "bin",
    "archive",
    "authors",
    "support",
    "php-ext",
    "time",
  );
  const content = fc.dictionary(keys, fc.jsonValue(), { noNullPrototype: true });
  fc.assert(
    fc.property(
      fc.oneof(
        content.map((map) => JSON.stringify(map)),
        fc.json(),
        fc.string(),
      ),
      (text) => {
        const result = parseManifest(text);
        if ("reason" in result) expect(result.reason).toStartWith("composer.json");
        else expect(Object.values(result.manifest.fields)).not.toContain(null);
      },
    ),
    { numRuns: 3000 },
  );
});
