// Version records and their documents; Composer itself can load our output.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { splitVersions } from "../../src/composer/document.ts";
import { parseManifest, type Manifest } from "../../src/composer/manifest.ts";
import { expand, minify, recordsText, recordText } from "../../src/composer/minify.ts";
import { versionRecord, type VersionRecordInput } from "../../src/composer/record.ts";
import { manifestContents } from "./generators.ts";
import { askComposer } from "./oracle.ts";

const REFERENCE = "0123456789abcdef0123456789abcdef01234567";

function manifest(content: object): Manifest {
  return (parseManifest(JSON.stringify(content)) as { manifest: Manifest }).manifest;
}

function input(content: object, changes: Partial<VersionRecordInput> = {}): VersionRecordInput {
  return {
    manifest: manifest(content),
    name: "acme/blog",
    version: "v1.0.0",
    versionNormalized: "1.0.0.0",
    time: Date.UTC(2024, 0, 2, 3, 4, 5, 678),
    source: { url: "https://git.example/acme/blog.git", reference: REFERENCE },
    dist: { url: "https://reg.example/blog.zip", reference: REFERENCE, shasum: "a".repeat(40) },
    isDefaultBranch: false,
    ...changes,
  };
}

/** The record as a client parses it. */
const read = (content: object, changes: Partial<VersionRecordInput> = {}): Record<string, unknown> =>
  JSON.parse(recordText(versionRecord(input(content, changes)))) as Record<string, unknown>;

const abandoned = (field: unknown, decided?: boolean | string): unknown =>
  read({ name: "x/y", abandoned: field }, decided === undefined ? {} : { abandoned: decided })["abandoned"];

describe("A version record", () => {
  test("holds what a client needs, in one order and without nulls", () => {
    const record = read({ name: "acme/blog", require: { php: ">=8" }, license: "MIT", homepage: null });
    expect(JSON.stringify(record)).toBe(
      JSON.stringify({
        name: "acme/blog",
        version: "v1.0.0",
        version_normalized: "1.0.0.0",
        source: { type: "git", url: "https://git.example/acme/blog.git", reference: REFERENCE },
        dist: {
          type: "zip",
          url: "https://reg.example/blog.zip",
          reference: REFERENCE,
          shasum: "a".repeat(40),
        },
        time: "2024-01-02T03:04:05+00:00",
        type: "library",
        license: ["MIT"],
        require: { php: ">=8" },
      }),
    );
  });

  test("says default-branch only of the default branch", () => {
    expect(read({ name: "x/y" }, { isDefaultBranch: true })["default-branch"]).toBe(true);
    expect(versionRecord(input({ name: "x/y" }))).not.toHaveProperty("default-branch");
  });

  test("has neither source nor dist where there is none, and a metapackage no dist at all", () => {
    const bare = versionRecord(input({ name: "x/y" }, { source: null, dist: null }));
    expect(Object.keys(bare)).toEqual(["name", "version", "version_normalized", "time", "type"]);
    expect(versionRecord(input({ name: "x/y", type: "Metapackage" }))).not.toHaveProperty("dist");
  });

  test("has the time of composer.json before that of the commit, in four digits of a year", () => {
    expect(read({ time: "2001-01-01 00:00:00" })["time"]).toBe("2001-01-01T00:00:00+00:00");
    for (const time of [-1, 8.64e15, 1e300]) {
      expect(read({ name: "x/y" }, { time })["time"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    }
  });

  test("has the time when the registry published it, if that is known", () => {
    const publishedAt = Date.UTC(2024, 5, 1);
    expect(read({ name: "x/y" }, { publishedAt })["published-time"]).toBe("2024-06-01T00:00:00+00:00");
    expect(versionRecord(input({ name: "x/y" }))).not.toHaveProperty("published-time");
  });

  test("is abandoned as composer.json says, unless an administrator says otherwise", () => {
    expect([abandoned(true), abandoned("acme/new"), abandoned(false)]).toEqual([true, "acme/new", undefined]);
    expect([abandoned(false, "acme/new"), abandoned(true, false)]).toEqual(["acme/new", undefined]);
  });

  test("has no link from the package to itself under the name that it goes out with", () => {
    const links = { require: { "acme/blog": "1", php: "*" }, replace: { "Acme/Blog": "1" } };
    const record = read({ name: "acme/old", ...links });
    expect([record["require"], record["replace"]]).toEqual([{ php: "*" }, undefined]);
  });
});

const record = (version: string, isDefault = false) => ({
  version_normalized: version,
  is_default_branch: isDefault ? 1 : 0,
});

const normalized = (versions: { version_normalized: string }[]): string[] =>
  versions.map((each) => each.version_normalized);

describe("The two documents of a package", () => {
  test("part dev versions from all others, each newest first, the default branch before all", () => {
    const versions = [
      "1.0.0.0",
      "dev-feature",
      "1.10.0.0-RC1",
      "1.9.0.0",
      "2.9999999.9999999.9999999-dev",
    ].map((version) => record(version));
    const { stable, dev } = splitVersions([...versions, record("dev-main", true)]);
    expect(normalized(stable)).toEqual(["1.10.0.0-RC1", "1.9.0.0", "1.0.0.0"]);
    expect(normalized(dev)).toEqual(["dev-main", "2.9999999.9999999.9999999-dev", "dev-feature"]);
  });

  test("do not put a numeric default branch first", () => {
    const { dev } = splitVersions([
      record("1.9999999.9999999.9999999-dev", true),
      record("2.9999999.9999999.9999999-dev"),
    ]);
    expect(normalized(dev)).toEqual(["2.9999999.9999999.9999999-dev", "1.9999999.9999999.9999999-dev"]);
  });
});

/** Warnings of `composer validate` about names and types that Composer's loaders accept unchanged. */
function areNoMatter(errors: string[]): boolean {
  const known =
    /^(?:conflict\..* : you cannot conflict with a package that is also replaced|type : invalid value)/;
  return errors.every((error) => known.test(error));
}

describe("Whatever a developer writes into composer.json, Composer can load what comes out", () => {
  const seed = Number(process.env.COMPOSER_SEED ?? 20260801);
  const contents = fc.sample(manifestContents, { seed, numRuns: Number(process.env.COMPOSER_CASES ?? 6000) });
  const results = contents.map((content) => parseManifest(JSON.stringify(content)));
  const accepted = results.flatMap((result) => ("manifest" in result ? [result.manifest] : []));
  const records = accepted.map((each) => versionRecord({ ...input({}), manifest: each }));

  test("of thousands of files some are refused and most are accepted", () => {
    console.log(
      `composer.json files: COMPOSER_SEED=${seed}, ${accepted.length} of ${results.length} accepted`,
    );
    expect(accepted.length).toBeGreaterThan(results.length / 4);
    expect(accepted.length).toBeLessThan(results.length);
  });

  test("FC7: a client loads every record, and Composer's validation finds nothing that loaders mind", async () => {
    const answers = await askComposer(
      records.flatMap((record) => [
        { ask: "load", records: [JSON.parse(recordText(record))] },
        { ask: "validate", record: JSON.parse(recordText(record)) },
      ]),
    );
    const failures = answers.flatMap((answer, i) => {
      const isFine =
        "answer" in answer && (i % 2 === 0 ? answer.answer === 1 : areNoMatter(answer.answer as string[]));
      return isFine ? [] : [{ answer, record: records[i >> 1] }];
    });
    expect(failures.slice(0, 5)).toEqual([]);
  });

  test("a client does not load some of the files as they were, so that the test above means something", async () => {
    const ours = { name: "acme/blog", version: "1.0.0", dist: undefined, source: undefined };
    const raw = contents.slice(0, 2000).map((content) => Object.assign({}, content, ours));
    const answers = await askComposer(raw.map((record) => ({ ask: "load", records: [record] })));
    expect(answers.filter((answer) => "error" in answer).length).toBeGreaterThan(50);
  });

  test("minifying loses nothing of them", () => {
    expect(expand(JSON.parse(recordsText(minify(records))))).toEqual(JSON.parse(recordsText(records)));
  });
});
