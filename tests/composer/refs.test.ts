// Refs to versions: Composer's own answers (vectors), then the registry's additions.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatConstraint, parseConstraint } from "../../src/composer/constraint.ts";
import { type Manifest, parseManifest } from "../../src/composer/manifest.ts";
import { type Candidate, planRefs, refReason, type Ref, versionOf } from "../../src/composer/refs.ts";
import { packageNameOf } from "../../src/composer/package-name.ts";
import { normalizeVersion } from "../../src/composer/version.ts";
import { versionTexts } from "./generators.ts";
import scenarios from "./vectors/vcs-scenarios.json";
import versionVectors from "./vectors/version-vectors.json";
import { versionsOf, type ReadRecord } from "./versions-of.ts";

const REFERENCE = "0123456789abcdef0123456789abcdef01234567";
const tag = (name: string): Ref => ({ kind: "tag", name, reference: REFERENCE });
const branch = (name: string): Ref => ({ kind: "branch", name, reference: REFERENCE });
const acme = (): string => '{"name":"acme/blog"}';

describe("One ref gives the version that Composer gives it", () => {
  for (const row of versionVectors) {
    test(`${row.kind} ${row.ref}`, () => {
      const ref = row.kind === "tag" ? tag(row.ref) : branch(row.ref);
      const { records, rejected } = versionsOf([ref], "main", acme);
      if (!row.accepted) {
        expect(records).toEqual([]);
        expect(rejected.map(({ name }) => name)).toEqual([row.ref]);
        return;
      }
      expect(rejected).toEqual([]);
      expect(records).toMatchObject([{ version: row.version, version_normalized: row.version_normalized }]);
    });
  }
});

type Step = [string, ...unknown[]];

function textFrom(content: unknown): string | null {
  return typeof content === "string" || content === null ? content : JSON.stringify(content);
}

/** Runs the steps of a scenario: the names of the refs and the composer.json at each of them. */
function play(steps: Step[]): { refs: Ref[]; defaultBranch: string; textOf: (ref: Ref) => string | null } {
  let defaultBranch = "main";
  let current: string | null = null;
  const texts = new Map<string, string | null>();
  const refs: Ref[] = [];
  const add = (ref: Ref, text: string | null): void => {
    refs.push(ref);
    texts.set(`${ref.kind} ${ref.name}`, text);
  };
  for (const [step, first, second] of steps) {
    if (step === "c") current = textFrom(first);
    else if (step === "t" || step === "ta") add(tag(String(first)), current);
    else if (step === "b") add(branch(String(first)), current);
    else if (step === "B") add(branch(String(first)), textFrom(second));
    else if (step === "rename") defaultBranch = String(first);
    else if (step !== "f") throw new Error(`Unknown step ${step}`);
  }
  add(branch(defaultBranch), current);
  return { refs, defaultBranch, textOf: (ref) => texts.get(`${ref.kind} ${ref.name}`) ?? null };
}

/** A record in the format of the vectors: `name version [normalized] (default) time req repl`. */
function printed(record: ReadRecord): string {
  const isDefault = record["default-branch"] ? " default" : "";
  const links = (type: string, verb: string): string =>
    Object.entries((record[type] ?? {}) as Record<string, string>)
      .map(
        ([target, text]) => `${record.name} ${verb} ${target} (${formatConstraint(parseConstraint(text))})`,
      )
      .join(",");
  const head = `${record.name} ${record.version} [${record.version_normalized}]${isDefault}`;
  return `${head} time=${record.time} req=${links("require", "requires")} repl=${links("replace", "replaces")}`;
}

/** Removes the commit ids, the custom dist that a registry never passes on, and links to the package itself. */
function expected(line: string): string {
  return line.replace(/ dist=\S+ src=\S+/, "").replace(/(\S+) requires \1 \([^)]*\),?/, "");
}

const normalizedIn = (line: string): string => /\[.*\]/.exec(line)![0];

describe("A whole repository gives the versions that Composer gives it", () => {
  for (const { scenario, steps, packages, skipped } of scenarios) {
    test(scenario, () => {
      const { refs, defaultBranch, textOf } = play(steps as Step[]);
      const { records, rejected } = versionsOf(refs, defaultBranch, textOf);
      // Composer lists two branches of one version twice; here the first in order wins and the other is rejected.
      const lines = packages.filter((line) => !line.startsWith("ALIAS"));
      const unique = lines.filter(
        (line, i) => lines.findIndex((other) => normalizedIn(other) === normalizedIn(line)) === i,
      );
      expect(records.map(printed).toSorted()).toEqual(unique.map(expected).toSorted());
      const skippedRefs = skipped.flatMap((line) => /^Skipped (?:tag|branch) ([^ ,]+)/.exec(line)?.[1] ?? []);
      expect(rejected.map(({ name }) => name)).toEqual(expect.arrayContaining(skippedRefs));
      expect(rejected).toHaveLength(skippedRefs.length + lines.length - unique.length);
      for (const record of records) expect(record).not.toHaveProperty("dist");
    });
  }
});

const manifest = (content: object): Manifest =>
  (parseManifest(JSON.stringify(content)) as { manifest: Manifest }).manifest;

function candidate(ref: Ref, defaultBranch: string | null = null): Candidate {
  return planRefs([ref], defaultBranch).groups[0]!.candidates[0]!;
}

const names = (refs: Ref[], defaultBranch: string | null): string[][] =>
  planRefs(refs, defaultBranch).groups.map(({ candidates }) => candidates.map(({ name }) => name));

describe("The plan of a sync", () => {
  test("takes the default branch first, then tags from new to old, then the other branches", () => {
    const tags = ["1.0.0", "v1.10.0", "1.9.0", "2.0.0-beta1", "2.0.0-RC1"].map(tag);
    const branches = ["1.x", "feature/foo", "main", "2.x"].map(branch);
    expect(names([...tags, ...branches], "main").flat()).toEqual([
      "main",
      "2.0.0-RC1",
      "2.0.0-beta1",
      "v1.10.0",
      "1.9.0",
      "1.0.0",
      "2.x",
      "1.x",
      "feature/foo",
    ]);
  });

  test("puts tags of one version together in the order of their bytes", () => {
    const tags = ["v1.0.0", "1.0.0.0", "1.0", "01.0", "release-1.0.0", "1.0.0-stable", "1.0.0+a"].map(tag);
    expect(names(tags, null)).toEqual([
      ["01.0", "1.0", "1.0.0+a", "1.0.0-stable", "1.0.0.0", "release-1.0.0", "v1.0.0"],
    ]);
  });

  test("puts branches of one version together, the default branch before all", () => {
    expect(names(["1.0", "1.0.x", "v1.0.x"].map(branch), "v1.0.x")).toEqual([["v1.0.x", "1.0", "1.0.x"]]);
    expect(names(["feature-1", "feature-01"].map(branch), null)).toHaveLength(2);
  });

  test("never puts a tag and a branch together", () => {
    expect(names([tag("1.0.0"), branch("1.0.0")], null)).toEqual([["1.0.0"], ["1.0.0"]]);
  });

  test("rejects names that git would not allow or that deceive, and goes on with the others", () => {
    const bad = [
      "--output=x",
      "a b",
      "a\nb",
      "../../x",
      "refs/heads/../../x",
      "a..b",
      "a@{1}",
      "a^",
      "a~1",
      "a:b",
      "x.lock",
      ".x",
      "a//b",
      "/a",
      "a/",
      "a.",
      "@",
      "",
      "a\\b",
      "a*",
      "a?",
      "a[",
      "dev\u202egpj",
      "a\u0085b",
      "x\ud800",
      "x".repeat(65536),
    ];
    const { groups, rejected } = planRefs([...bad, "main", "$(id)"].map(branch), "main");
    expect(groups.map(({ versionNormalized }) => versionNormalized)).toEqual(["dev-main", "dev-$(id)"]);
    expect(rejected).toHaveLength(bad.length);
    for (const ref of rejected) {
      const reason = refReason(ref, ref.reason);
      expect(reason).toStartWith("Branch ");
      expect(reason.length).toBeLessThan(200);
      expect(reason).not.toMatch(/[\u0000-\u001f\u0085\u202e]/);
    }
  });

  test("rejects names that are no version in words for a developer", () => {
    const { rejected } = planRefs(
      [tag("nightly"), tag("1.2.3-dev"), tag("1.0.0@dev"), tag("dev-foo"), branch("a|b")],
      "main",
    );
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'the tag name is not a version without its "dev" (use e.g. 1.2.3)',
      "a tag cannot be a dev version; use a branch for that",
      "Composer cannot ask for a branch of this name; rename it without , and |",
      "a tag cannot be a dev version; use a branch for that",
      "the tag name is not a version (use e.g. 1.2.3)",
    ]);
  });

  test("does not depend on the order of the refs", () => {
    const refs = [...["1.0", "v1.0", "2.0", "x"].map(tag), ...["main", "1.x", "1", "b"].map(branch)];
    const all = fc.shuffledSubarray(refs, { minLength: refs.length });
    fc.assert(
      fc.property(all, (shuffled) => expect(planRefs(shuffled, "main")).toEqual(planRefs(refs, "main"))),
    );
  });

  test("takes no default branch for one where there is none", () => {
    expect(candidate(branch("main")).isDefaultBranch).toBe(false);
    expect(candidate(tag("1.0"), "1.0").isDefaultBranch).toBe(false);
  });
});

const versionIn = (name: string, content: object): unknown =>
  versionOf(candidate(tag(name)), manifest(content));

describe("The version of a tag", () => {
  test("is spelled as in composer.json, where both mean the same", () => {
    const result = { versionNormalized: "1.0.0.0", stability: "stable", isDefaultBranch: false };
    for (const [written, version] of [
      ["v1.0.0", "v1.0.0"],
      [" 1.0 ", "1.0"],
      ["1.0.0-dev", "1.0.0"],
    ]) {
      expect(versionIn("1.0.0", { version: written })).toEqual({ ...result, version });
    }
    expect(versionIn("1.0.0", { description: "x" })).toEqual({ ...result, version: "1.0.0" });
  });

  test("is refused where composer.json says another one", () => {
    const { reason } = versionIn("1.0.0", { version: "1.0.1" }) as { reason: string };
    expect(reason).toBe("composer.json says version 1.0.1; remove the version field or change the tag");
    for (const version of ["dev-foo", "hello world", "", "1.0.0-beta1", "x".repeat(65536), "1.0.0\n-dev"]) {
      expect(versionIn("1.0.0", { name: "acme/blog", version })).toHaveProperty("reason");
    }
  });

  test("FC7: is refused where self.version would stop an old client", () => {
    const replace = { "acme/old": "self.version" };
    const { reason } = versionIn("100000.0.0", { replace }) as { reason: string };
    expect(reason).toBe(
      "old versions of Composer cannot read self.version for 100000.0.0; write a constraint or use a shorter version",
    );
    expect(versionIn("100000.0.0", { replace: { "acme/old": "*" } })).toMatchObject({
      version: "100000.0.0",
    });
    expect(versionIn("10000.0.0", { replace })).toMatchObject({ version: "10000.0.0" });
  });

  test("is the branch's own on branches, whatever composer.json says", () => {
    const version = versionOf(candidate(branch("2.x"), "2.x"), manifest({ version: "hello world" }));
    expect(version).toEqual({
      version: "2.x-dev",
      versionNormalized: "2.9999999.9999999.9999999-dev",
      stability: "dev",
      isDefaultBranch: true,
    });
  });

  test("can be read from a lock file again, where only the text is", () => {
    fc.assert(
      fc.property(versionTexts, (text) => {
        const { groups } = planRefs([tag(text)], null);
        for (const { candidates } of groups) {
          for (const { version, versionNormalized } of candidates)
            expect(normalizeVersion(version)).toBe(versionNormalized);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe("The name of the package", () => {
  test("is the default branch's, else the ref's own", () => {
    const own = manifest({ name: "acme/old" });
    expect(packageNameOf(own, "acme/blog")).toEqual({ name: "acme/blog", notes: [] });
    expect(packageNameOf(own, null)).toEqual({ name: "acme/old", notes: [] });
  });

  test("FC6: goes out in lower case, with a note where composer.json has another", () => {
    const note = { code: "name_case" as const, written: "Acme/Old", name: "acme/old" };
    const cased = manifest({ name: "Acme/Old" });
    expect(packageNameOf(cased, null)).toEqual({ name: "acme/old", notes: [note] });
    expect(packageNameOf(cased, "acme/old")).toEqual({ name: "acme/old", notes: [note] });
    expect(packageNameOf(cased, "acme/blog")).toEqual({ name: "acme/blog", notes: [] });
    expect(packageNameOf(manifest({ name: "acme/old" }), "Acme/Old")).toEqual({
      name: "acme/old",
      notes: [],
    });
  });

  test("must be there and be one", () => {
    expect(packageNameOf(manifest({ description: "x" }), null)).toEqual({
      reason: "composer.json has no name; add one such as acme/blog",
    });
  });
});

test("The reason of a loser names both refs and the version", () => {
  const { rejected } = versionsOf([tag("1.0"), tag("v1.0.0")], null, acme);
  expect(rejected).toEqual([
    {
      kind: "tag",
      name: "v1.0.0",
      reason: "tag 1.0 already gives version 1.0.0.0; delete or rename one of the two",
      code: "rule",
    },
  ]);
});

test("A broken first ref leaves its version to the next one of the group", () => {
  const { records, rejected } = versionsOf([tag("1.0"), tag("v1.0.0")], null, (ref) =>
    ref.name === "1.0" ? "{bad" : acme(),
  );
  expect(records).toMatchObject([{ version: "v1.0.0" }]);
  expect(rejected).toMatchObject([
    {
      name: "1.0",
      reason:
        "composer.json is not valid JSON at line 1, column 2: a key in double quotes is missing; check it with: composer validate",
    },
  ]);
});
