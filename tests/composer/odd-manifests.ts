// Generates composer.json files as text: what developers write in every field, with any JSON value in any place.
import fc from "fast-check";

/** Values of the wrong type. */
const oddities = [
  ..."null true false 0 1 -0 5 1.0 1.50 1e2 1e400 9007199254740993 12345678901234567890 -1.5E-3".split(" "),
  ...[
    '""',
    '"0"',
    '"x"',
    '"../x"',
    '"/x"',
    '"é \\u00e9 \\ud83d\\ude00"',
    '"a\\nb"',
    '"\\u0000"',
    '"self.version"',
  ],
  ...["[]", "{}", "[[]]", "[null]", '["a",5]', '{"b":1,"a":2}', '{"10":"x","9":"y"}', '{"1":"x","0":"y"}'],
  ...[
    '{"0":"x","1":"y"}',
    '{"":"x"}',
    '{"__proto__":{"a":1}}',
    '{"a":1,"b":2,"a":3}',
    '{"-1":1,"-0":2,"01":3}',
  ],
  `${"[".repeat(90)}1${"]".repeat(90)}`,
];
const odd = fc.constantFrom(...oddities);

type Text = fc.Arbitrary<string>;
const text = (...texts: string[]): Text => fc.constantFrom(...texts.map((each) => JSON.stringify(each)));
const mostly = (good: Text): Text => fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: odd });
const list = (member: Text): Text => fc.array(member, { maxLength: 3 }).map((all) => `[${all.join(", ")}]`);
const map = (keys: string[], member: Text): Text =>
  fc
    .array(fc.tuple(fc.constantFrom(...keys, "", "7", "x y", "__proto__"), member), { maxLength: 4 })
    .map((all) => `{${all.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(", ")}}`);

const names = [
  "acme/core",
  "Acme/Core",
  "php",
  "PHP",
  "ext-Json",
  "acme/blog",
  "Acme/Blog",
  "foo",
  "acme/con",
];
const constraint = mostly(
  fc.oneof(
    {
      weight: 9,
      arbitrary: text(
        ..."^1.0 * self.version ~2.1@beta 5.x-dev".split(" "),
        ">=1 <2 || dev-main",
        "dev-main#abc as 1.0",
      ),
    },
    text("<9999999.2", "20240115123045123456", ">=2024.01.15.1.2@dev || ^3", "1 - 100000.0.0", "~2024.01.15"),
  ),
);
const texts = mostly(text("Blog", " blog ", "9", "10", "9a", "Ölçü", "a\tb"));
const url = mostly(text("https://example.org", "http://example.org/a?b#c", "irc://example.org/x"));
const path = mostly(text("src/", "lib", "bin/blog", "a/../b", "/x", "./y", "..", "a b"));
const paths = fc.oneof(path, list(path));
const links = mostly(map(names, constraint));
const autoload = mostly(
  map(
    ["psr-4", "psr-0", "classmap", "files", "exclude-from-classmap", "psr-5"],
    fc.oneof(mostly(map(["Acme\\", "A\\B\\"], paths)), mostly(list(paths))),
  ),
);
const choice = mostly(list(mostly(text("linux", "windows", "amiga"))));
const phpExtension = map(
  ["extension-name", "priority", "support-zts", "os-families", "os-families-exclude", "configure-options"],
  fc.oneof(texts, choice, odd, list(map(["name", "needs-value", "description"], texts))),
);
const person = mostly(map(["name", "email", "homepage", "role", "shoe"], fc.oneof(texts, url)));

const fields: Record<string, Text> = {
  name: mostly(text("acme/blog", "Acme/Blog", "acme/old")),
  version: mostly(text("1.0.0", "v1")),
  description: texts,
  type: mostly(text("library", "metapackage", "Symfony-Bundle", "my_plugin", "my plugin", "ÄÖ")),
  keywords: mostly(list(texts)),
  homepage: url,
  license: fc.oneof(texts, mostly(list(texts))),
  authors: mostly(list(person)),
  support: mostly(map(["email", "issues", "irc", "docs", "chat", "other"], fc.oneof(texts, url))),
  funding: mostly(list(mostly(map(["type", "url", "x"], fc.oneof(texts, url))))),
  require: links,
  "require-dev": links,
  conflict: links,
  replace: links,
  provide: links,
  suggest: mostly(map(names, texts)),
  autoload,
  "autoload-dev": autoload,
  bin: paths,
  "include-path": paths,
  "target-dir": path,
  extra: mostly(
    map(["branch-alias", "patches", "10", "9"], fc.oneof(odd, map(["dev-main", "1.x-dev", "5"], texts))),
  ),
  scripts: mostly(map(["test", "post-install-cmd", "php", "3", "2"], paths)),
  archive: mostly(map(["name", "exclude", "x"], paths)),
  "php-ext": mostly(phpExtension),
  abandoned: mostly(text("acme/new", "")),
  "minimum-stability": mostly(text("stable", "RC", "rarely")),
  config: mostly(map(["platform", "bin-dir"], odd)),
  "default-branch": odd,
  repositories: odd,
  "no-field-of-composer": odd,
};

/** One to seven fields of a file, sometimes one of them twice. */
export const oddManifests: Text = fc
  .array(fc.constantFrom(...Object.keys(fields)), { minLength: 1, maxLength: 7 })
  .chain((keys) =>
    fc.tuple(...keys.map((key) => fields[key]!.map((value) => `${JSON.stringify(key)}: ${value}`))),
  )
  .map((members) => `{${members.join(",\n ")}}`);
