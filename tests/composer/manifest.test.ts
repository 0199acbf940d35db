// Real composer.json files: which fields pass, are left out with a note, or refuse the file.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseManifest } from "../../src/composer/manifest.ts";
import { noteText } from "../../src/registry/packages/notes.ts";

const parsed = (content: unknown): ReturnType<typeof parseManifest> =>
  parseManifest(typeof content === "string" ? content : JSON.stringify(content));

/** The manifest with parsed fields, and notes as sentences. */
function manifest(content: unknown) {
  const result = parsed(content);
  if ("reason" in result) throw new Error(result.reason);
  const { fields, notes, ...others } = result.manifest;
  const values = Object.entries(fields).map(([name, text]) => [name, JSON.parse(text)]);
  return {
    ...others,
    fields: Object.fromEntries(values) as Record<string, unknown>,
    texts: fields,
    notes: notes.map(noteText),
  };
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
        authors: [{ name: "Ann", email: "ann@example.org", shoe: 42 }],
        support: { issues: "https://example.org/issues", email: "ann@example.org" },
        autoload: { "psr-4": { "Acme\\Blog\\": "src/", "": ["lib/"] }, files: ["functions.php"] },
        bin: ["bin/blog"],
        extra: { "branch-alias": { "dev-main": "2.x-dev" }, anything: { at: ["all"] } },
        require: { "acme/core": "^1.0 || ^2.0", php: ">=8.1" },
        replace: { "acme/news": "self.version" },
        abandoned: "acme/journal",
      }),
    );
  });

  test("may lack a name, a version and all else", () => {
    expect(manifest({ description: "x" })).toMatchObject({
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
    ["a list", '["acme/blog"]', "must hold an object"],
    ["a text", '"acme/blog"', "must hold an object"],
    ["null", "null", "must hold an object"],
    ["a byte order mark", '\ufeff{"name":"acme/blog"}', "byte order mark"],
    ["NaN", '{"priority":NaN}', "not valid JSON"],
    ["a comment", '{"name":"acme/blog"} // blog', "not valid JSON"],
    ["a trailing comma", '{"name":"acme/blog",}', "not valid JSON"],
    ["half a surrogate in a value", '{"description":"\\ud800"}', "surrogate"],
    ["half a surrogate in a key", '{"extra":{"\\udc00x":1}}', "surrogate"],
    ["513 levels", `{"extra":${"[".repeat(512)}${"]".repeat(512)}}`, "deeper than 512"],
    ["a thousand open levels", "[".repeat(1000), "deeper than 512"],
    ["levels inside a cut text", `{"a":"${"[".repeat(70)}`, "not valid JSON"],
  ];
  for (const [title, text, message] of rows) test(title, () => expect(reason(text)).toContain(message));

  test("FC7: a version that is no text counts as Composer's validation reads it, on tags only", () => {
    expect(manifest(acme({ version: 1.1 })).version).toBe("1.1");
    expect(manifest(acme({ version: {} })).version).toBe("{}");
  });

  test("FC7: 512 levels and brackets inside texts are fine, as for PHP", () => {
    expect(manifest(`{"extra":{"a":${"[".repeat(498)}1${"]".repeat(498)}}}`).notes).toEqual([]);
    expect(manifest(`{"name":"acme/blog","extra":${"[".repeat(511)}1${"]".repeat(511)}}`)).toMatchObject({
      fields: { type: "library" },
      notes: ["composer.json: extra was left out; it must be nested at most 500 levels deep."],
    });
    expect(manifest({ description: `\\"${"[".repeat(70)}` }).fields["description"]).toBe(
      `\\"${"[".repeat(70)}`,
    );
  });
});

describe("FU26: What is wrong with the JSON is said with line and column", () => {
  const rows: [string, string, string][] = [
    [
      "a trailing comma in an object",
      '{\n  "name": "acme/blog",\n}',
      "at line 2, column 22: a comma stands after",
    ],
    [
      "a trailing comma in a list",
      '{\n"keywords": ["a",\r\n "b" , ]}',
      "at line 3, column 6: a comma stands after",
    ],
    ["a missing comma", '{"a": 1\n"b": 2}', "at line 2, column 1: a comma or the closing } is missing"],
    ["a missing colon", '{"a" 1}', "at line 1, column 6: a colon is missing"],
    ["a missing value", '{"a": }', "at line 1, column 7: a value is missing"],
    ["a key without quotes", "{\n\tname: 1}", "at line 2, column 2: a key in double quotes is missing"],
    ["single quotes", "{\"a\": 'x'}", "at line 1, column 7: texts stand in double quotes"],
    ["a comment", '{\n// x\n"a": 1}', "at line 2, column 1"],
    ["a cut file", '{"a": [1, 2', "at line 1, column 12: a comma or the closing ] is missing"],
    ["an open text", '{"a": "x', "at line 1, column 7: a text is not closed"],
    ["a line break in a text", '{"a": "x\ny"}', "at line 1, column 9: a text holds a line break"],
    [
      "an unknown escape",
      '{"a": "\\x"}',
      "at line 1, column 7: a text holds a backslash that begins no escape",
    ],
    ["something behind it", '{"a": 1}\n}', "at line 2, column 1: something follows"],
    [
      "a merge conflict",
      '{\n<<<<<<< HEAD\n"a": 1}',
      "at line 2, column 1: a key in double quotes is missing",
    ],
    ["columns count characters", '{"👩": ,}', "at line 1, column 7: a value is missing"],
  ];
  for (const [title, text, message] of rows)
    test(title, () => expect(reason(text)).toStartWith(`composer.json is not valid JSON ${message}`));
});

describe("A key that is there twice", () => {
  test("counts with its last value and is noted with its path", () => {
    const text =
      '{"name":"acme/a","require":{"php":"^7","php" : "^8"},"name":"acme/blog","authors":[{"name":"Ann"},{"name":"Ben"}]}';
    const { name, fields, notes } = manifest(text);
    expect([name, fields["require"]]).toEqual(["acme/blog", { php: "^8" }]);
    expect(notes).toEqual([
      "composer.json: require.php appears twice; the last one counts.",
      "composer.json: name appears twice; the last one counts.",
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
    const { fields, texts } = manifest(text);
    expect(texts).toEqual({
      type: '"library"',
      extra: '{"__proto__":{"x":1},"constructor":2}',
      suggest: '{"__proto__":"x"}',
    });
    expect({ ...(fields["extra"] as object) }).not.toHaveProperty("x");
  });
});

describe("What no client could install is refused", () => {
  const rows: [object, string][] = [
    [
      { require: { "acme/core": "lol what" } },
      "require.acme/core has a constraint that Composer cannot read",
    ],
    [{ conflict: { "acme/core": "" } }, "conflict.acme/core has a constraint"],
    [{ "require-dev": { "acme/core": "~>1.2" } }, "there is no operator ~>"],
    [{ require: { "acme/core": "1".repeat(70000) } }, "longer than 4096"],
    [{ autoload: { "psr-4": { "Acme\\Blog": "src/" } } }, "autoload.psr-4.Acme\\Blog must be a namespace"],
    [{ autoload: { "psr-4": ["src/"] } }, "autoload.psr-4.0 must be a namespace"],
    [
      { autoload: { "psr-4": { "A\\": "src" } }, "target-dir": "A" },
      "target-dir cannot go with autoload.psr-4",
    ],
  ];
  for (const [fields, message] of rows)
    test(JSON.stringify(fields).slice(0, 90), () => expect(reason(acme(fields))).toContain(message));

  const good: object[] = [
    { bin: ["bin/..blog", "a..b/c"] },
    { autoload: { "psr-0": { Acme: "src/" }, classmap: ["a", ["b"]] }, "target-dir": "Acme" },
    {
      type: "php-ext-zend",
      "php-ext": { "extension-name": "x", "download-url-method": "pre-packaged-source" },
    },
    { "php-ext": { priority: 80 } },
    { require: { "acme/core": "self.version", "ext-mbstring": "*", "acme/b": "dev-main#abc as 1.0" } },
    { require: [], extra: [], autoload: [] },
    { conflict: { "acme/core": "1" }, replace: { "acme/core": "*" } },
  ];
  for (const fields of good)
    test(`not refused: ${JSON.stringify(fields)}`, () => expect(manifest(acme(fields)).notes).toEqual([]));
});

describe("FC7: What only the root package means decides nothing", () => {
  const rows: [object, string[]][] = [
    [{ "minimum-stability": "rarely" }, ["minimum-stability"]],
    [{ "minimum-stability": 5 }, ["minimum-stability"]],
    [{ "minimum-stability": "Dev", config: { platform: { php: "8.1", "ext-x": false } } }, []],
    [
      { config: { platform: { php: "eight", "ext-x": 5 } } },
      ["config.platform.php", "config.platform.ext-x"],
    ],
    [{ config: "x", repositories: 5, "prefer-stable": [], scripts: null }, []],
    [{ name: null }, []],
  ];
  for (const [fields, paths] of rows)
    test(JSON.stringify(fields), () => {
      const read = manifest(acme(fields));
      expect(read.fields).toEqual({ type: "library" });
      expect(read.notes.map((note) => note.split(" ")[1])).toEqual(paths);
    });
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
    ["authors", 5],
    ["support", "ann@example.org"],
    ["funding", "money"],
    ["include-path", [1]],
    ["target-dir", 5],
    ["type", 5],
    ["type", "my\nplugin"],
    ["require", "x"],
    ["require", ["php"]],
    ["conflict", 1],
    ["replace", true],
    ["provide", [1]],
    ["archive", [1]],
    ["bin", true],
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

  const members: [object, object, string[]][] = [
    [{ require: { php: 8, "acme/x": "1" } }, { require: { "acme/x": "1" } }, ["require.php"]],
    [{ "require-dev": { "acme/x": ["1"] } }, {}, ["require-dev.acme/x"]],
    [
      { require: { "": "1.0", "123": "1.0", "acme/\u001b[31mcore": "1.0" } },
      {},
      ["require.123", "require.", "require.acme/core"],
    ],
    [{ extra: { a: 1, "branch-alias": "2.x-dev" } }, { extra: { a: 1 } }, ["extra.branch-alias"]],
    [
      { extra: { "branch-alias": { "5": "5.x-dev", "dev-main": 2, "dev-next": "3.x-dev" } } },
      { extra: { "branch-alias": { "dev-next": "3.x-dev" } } },
      ["extra.branch-alias.5", "extra.branch-alias.dev-main"],
    ],
    [{ abandoned: 1 }, { abandoned: true }, []],
    [{ abandoned: "0" }, {}, []],
    [{ archive: { exclude: "/tests", name: 5 } }, {}, ["archive.name", "archive.exclude"]],
    [{ archive: { exclude: ["/tests", 5] } }, { archive: { exclude: ["/tests"] } }, ["archive.exclude.1"]],
    [{ bin: "../../evil" }, {}, ["bin"]],
    [
      { bin: ["/bin/a", "bin\\..\\x", "bin/$(id)", "bin/a\nb", 5] },
      { bin: ["bin/a"] },
      ["bin.1", "bin.2", "bin.3", "bin.4"],
    ],
    [{ autoload: { "psr-5": {}, files: ["a"] } }, { autoload: { files: ["a"] } }, ["autoload.psr-5"]],
    [
      { "php-ext": { priority: "high", "os-families": ["amiga"], "configure-options": [{}], x: 1 } },
      { "php-ext": { x: 1 } },
      ["php-ext.priority", "php-ext.os-families", "php-ext.configure-options"],
    ],
    [
      { "php-ext": { "os-families": ["linux"], "os-families-exclude": ["bsd"] } },
      { "php-ext": { "os-families": ["linux"] } },
      ["php-ext.os-families-exclude"],
    ],
    [{ name: ["a"] }, {}, ["name"]],
    [{ type: "my plugin" }, { type: "my plugin" }, []],
  ];
  for (const [input, kept, paths] of members)
    test(`FC7: ${JSON.stringify(input)}`, () => {
      const { fields, notes } = manifest(acme(input));
      expect(fields).toEqual({ type: "library", ...kept });
      expect(notes.map((note) => note.split(" ")[1])).toEqual(paths);
    });

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
      keywords: ["5", "blog"],
      autoload: { classmap: ["a"] },
      scripts: { test: ["phpunit"] },
      support: { irc: "irc://irc.example.org/acme", source: "https://example.org" },
    });
    expect(notes.map((note) => note.split(" ")[1])).toEqual([
      "keywords.1",
      "authors.0.homepage",
      "authors.1",
      "support.issues",
      "autoload.classmap.1",
      "autoload.psr-4.A\\",
      "suggest.acme/x",
      "scripts.lint",
    ]);
  });

  test("the links of a package to itself go, whatever their letter case", () => {
    const { fields, notes } = manifest(
      acme({ require: { "Acme/Blog": "1.0", php: ">=7" }, replace: { "acme/blog": "*" } }),
    );
    expect(fields).toEqual({ type: "library", require: { php: ">=7" } });
    expect(notes).toContain("composer.json: a link from the package to itself was left out of require.");
  });

  test("a link to what cannot be a package stays, as in Composer, with a note", () => {
    const { fields, notes } = manifest(acme({ require: { "ext-zend opcache": "*", Foo: "1" } }));
    expect(fields["require"]).toEqual({ "ext-zend opcache": "*", foo: "1" });
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
    expect(manifest({ description: "Блог – 博客 – blogg é 👩‍💻" }).fields["description"]).toBe(
      "Блог – 博客 – blogg é 👩‍💻",
    );
  });

  test("in reasons and notes is short and clean", () => {
    const key = `\u001b[31m${"x".repeat(5000)}`;
    expect(reason(acme({ require: { [`acme/${key.slice(5)}`]: "?" } })).length).toBeLessThan(300);
    expect(manifest(acme({ suggest: { [key]: 5 } })).notes[0]).toMatch(
      /^composer\.json: suggest\.x{80}… was left out/,
    );
  });
});

describe("Nulls and other nothings", () => {
  test("are not there, but inside extra, which is anybody's", () => {
    const text =
      '{"name":"acme/blog","homepage":null,"description":"","extra":{"a":null,"b":[null,1],"c":1e999},"require":{},"abandoned":false}';
    expect(manifest(text)).toMatchObject({
      texts: { type: '"library"', extra: '{"a":null,"b":[null,1]}' },
      notes: ["composer.json: extra.c was left out; it must be a number of at most 1.7e308."],
    });
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
        else expect(Object.values(result.manifest.fields)).not.toContain("null");
      },
    ),
    { numRuns: 3000 },
  );
});
