// Thousands of generated inputs, each evaluated by us and by the installed Composer: both must give the same answer or
// both refuse. COMPOSER_SEED repeats a run or tries another one, COMPOSER_CASES sets the number of inputs of each kind.
import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  formatConstraint,
  lowerBound,
  matchesConstraint,
  parseConstraint,
  upperBound,
  type Constraint,
} from "../../src/composer/constraint.ts";
import { ConstraintError } from "../../src/composer/constraint.ts";
import { minify, recordsText } from "../../src/composer/minify.ts";
import {
  compareVersions,
  isBranch,
  normalizeBranch,
  normalizeVersion,
  stabilityOf,
  VersionError,
} from "../../src/composer/version.ts";
import { branchNames, constraintTexts, rangeTexts, versionTexts } from "./generators.ts";
import { askComposer, type Answer, type Question } from "./oracle.ts";

const seed = Number(process.env.COMPOSER_SEED ?? 20260801);
const cases = Number(process.env.COMPOSER_CASES ?? 6000);

/** COMPOSER_AUTOLOAD names the autoloader of composer/semver 3.6 or newer; then no input is left out. */
const isNewest = process.env.COMPOSER_AUTOLOAD !== undefined;

beforeAll(() => console.log(`differential tests: COMPOSER_SEED=${seed} COMPOSER_CASES=${cases}`));

/** At least `cases` different samples. */
function sample<T>(arbitrary: fc.Arbitrary<T>): T[] {
  const found = new Map<string, T>();
  for (let round = 0; found.size < cases; round++) {
    for (const value of fc.sample(arbitrary, { seed: seed + round, numRuns: cases }))
      found.set(JSON.stringify(value), value);
  }
  return [...found.values()].slice(0, cases);
}

/** Our value, or "refused" for the documented error of the function. */
function attempt<T>(work: () => T): T | "refused" {
  try {
    return work();
  } catch (error) {
    if (error instanceof VersionError || error instanceof ConstraintError) return "refused";
    throw error;
  }
}

const theirs = (answer: Answer): unknown => ("answer" in answer ? answer.answer : "refused");

/** Compares answer by answer and shows the first twenty inputs with different answers. */
async function expectSameAnswers(
  questions: Question[],
  ours: (question: Question) => unknown,
): Promise<unknown[]> {
  const answers = await askComposer(questions);
  const differences = questions.flatMap((question, i) => {
    const [our, their] = [ours(question), theirs(answers[i]!)];
    return Bun.deepEquals(our, their) ? [] : [{ question, our, their, answer: answers[i] }];
  });
  expect(differences.slice(0, 20)).toEqual([]);
  return answers.map(theirs);
}

const refusals = (answers: unknown[]): number => answers.filter((answer) => answer === "refused").length;

/** Both answers must occur often enough for the comparison to mean something. */
function expectBothKinds(answers: unknown[]): void {
  expect(refusals(answers)).toBeGreaterThan(cases / 20);
  expect(answers.length - refusals(answers)).toBeGreaterThan(cases / 4);
}

// Semver 3.4 reads one more group of digits at the end of a date (100000.0.0, 2024.01.15.1.2) than Debian's 3.3. The
// vectors follow the newer version, so such texts are left out here and tested in version.test.ts.
const TAIL = String.raw`(?:[._-]?(?:stable|beta|b|RC|alpha|a|patch|pl|p)?[.\d-]*(?:[.-]?dev)?)?`;
const LONG_DATE = new RegExp(String.raw`^v?\d{4}(?:[.:-]?\d{2}){1,6}(?:[.:-]?\d{1,3}){2}${TAIL}$`, "i");
const SHORT_DATE = new RegExp(
  String.raw`^v?\d{4}(?:[.:-]?\d{2}){1,6}(?:[.:-]?\d{1,3})?[._-]?(?:[a-z]+[.\d-]*)?$`,
  "i",
);
const NUMERIC = /^v?\d{1,5}(?:\.\d+){0,3}(?:[._-]?[a-z].*)?$/i;
const isLongDate = (text: string): boolean =>
  LONG_DATE.test(text) && !SHORT_DATE.test(text) && !NUMERIC.test(text);
const hasLongDate = (text: string): boolean => text.split(/[ ,|~^<>=!@+]+/).some(isLongDate);

// Semver 3.6 recognizes the RC in `>=1.2-RC1`; older versions append -dev to it. We follow the newest.
const hasBoundAtReleaseCandidate = (text: string): boolean =>
  /(?:<(?![=>])|>=) *[^ ,|]*-[._-]?rc/i.test(text);

/** Semver 3.6 corrects the upper bound when two parts end at one version, one inclusive and one exclusive. */
function hasTiedUpperBounds(constraint: Constraint): boolean {
  if (isNewest || (constraint.kind !== "all" && constraint.kind !== "some")) return false;
  const bounds = constraint.members.map(upperBound);
  const isTied = bounds.some((a) =>
    bounds.some((b) => a.inclusive !== b.inclusive && compareVersions(a.version, b.version) === 0),
  );
  return isTied || constraint.members.some(hasTiedUpperBounds);
}

// We keep three blanks of a longer run: the result only differs for text that Composer reads as a branch name with
// blanks.
const hasManyBlanks = (text: string): boolean => text.includes("    ");

const versions = (): string[] => sample(versionTexts).filter((text) => isNewest || !hasLongDate(text));
// Constraints are read no more widely than by Semver 3.3, because one that it cannot read stops the client.
const constraints = (): string[] =>
  [...sample(constraintTexts), ...sample(rangeTexts)].filter(
    (text) => !(isNewest && hasLongDate(text)) && !hasBoundAtReleaseCandidate(text) && !hasManyBlanks(text),
  );

/** Normalized versions as packages have them, including branches. */
function normalizedVersions(): string[] {
  const fromTags = versions().map((text) => attempt(() => normalizeVersion(text)));
  const fromBranches = sample(branchNames).map((name) => attempt(() => normalizeBranch(name)));
  return [...fromTags, ...fromBranches].filter((version) => version !== "refused");
}

describe("Composer and the registry agree", () => {
  test("on the normalized form of versions", async () => {
    const questions = versions().map((text) => ({ ask: "normalize", text }));
    expectBothKinds(
      await expectSameAnswers(questions, ({ text }) => attempt(() => normalizeVersion(text as string))),
    );
  });

  test("on the normalized form of branches", async () => {
    const questions = sample(branchNames).map((text) => ({ ask: "normalizeBranch", text }));
    await expectSameAnswers(questions, ({ text }) => attempt(() => normalizeBranch(text as string)));
  });

  test("on the stability of versions, normalized or not", async () => {
    const questions = [...versions(), ...normalizedVersions()].map((text) => ({ ask: "stability", text }));
    await expectSameAnswers(questions, ({ text }) => stabilityOf(text as string));
  });

  test("on the order of versions", async () => {
    const all = normalizedVersions();
    const picks = sample(fc.tuple(fc.nat(all.length - 1), fc.nat(all.length - 1), fc.boolean()));
    const pairs = picks.map(([a, b, isNear]) => [all[a]!, isNear ? neighbour(all[a]!, b) : all[b]!] as const);
    const questions = pairs
      .filter(([a, b]) => !isBranch(a) || !isBranch(b))
      .map(([a, b]) => ({ ask: "compare", a, b }));
    await expectSameAnswers(questions, ({ a, b }) => compareVersions(a as string, b as string));
  });

  test("on which constraints can be read, their meaning and their lower bounds", async () => {
    const questions = constraints().map((text) => ({ ask: "constraint", text }));
    const answers = await expectSameAnswers(questions, ({ text }) =>
      attempt(() => describeConstraint(parseConstraint(text as string))),
    );
    expectBothKinds(answers);
  });

  test("on the upper bounds of constraints", async () => {
    const readable = constraints().filter((text) => {
      const constraint = attempt(() => parseConstraint(text));
      return constraint !== "refused" && !hasTiedUpperBounds(constraint);
    });
    const questions = readable.map((text) => ({ ask: "upperBound", text }));
    await expectSameAnswers(questions, ({ text }) => describeUpperBound(text as string));
  });

  test("on which versions satisfy a constraint", async () => {
    const texts = constraints().filter((text) => attempt(() => parseConstraint(text)) !== "refused");
    const all = normalizedVersions();
    const picks = sample(fc.tuple(fc.nat(texts.length - 1), fc.nat(all.length - 1), fc.boolean()));
    const questions = picks.map(([i, j, isNear]) => ({
      ask: "matches",
      text: texts[i]!,
      version: isNear ? edgeOf(texts[i]!, j) : all[j]!,
    }));
    const answers = await expectSameAnswers(questions, ({ text, version }) =>
      matchesConstraint(parseConstraint(text as string), version as string),
    );
    expect(answers.filter((answer) => answer === true).length).toBeGreaterThan(cases / 20);
  });

  test("on minified records", async () => {
    const questions = sample(recordLists).map((records) => ({ ask: "minify", records }));
    await expectSameAnswers(questions, ({ records }) => minified(records as object[]));
  });
});

test("The comparison notices a wrong answer", async () => {
  const questions = versions()
    .slice(0, 50)
    .map((text) => ({ ask: "normalize", text }));
  const wrong = expectSameAnswers(
    questions,
    ({ text }) => `${attempt(() => normalizeVersion(text as string))}x`,
  );
  await expect(wrong.then(() => "noticed nothing")).rejects.toThrow();
});

function minified(records: object[]): unknown {
  const texts = records.map((record) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, JSON.stringify(value)])),
  );
  return JSON.parse(recordsText(minify(texts)));
}

function describeConstraint(constraint: Constraint): unknown {
  const { version, inclusive } = lowerBound(constraint);
  return { text: formatConstraint(constraint), lower: [version, inclusive] };
}

function describeUpperBound(text: string): unknown {
  const { version, inclusive } = upperBound(parseConstraint(text));
  return [version, inclusive];
}

/** The same version with one of its parts changed a little. */
function neighbour(version: string, position: number): string {
  const parts = version.split(".");
  const at = position % parts.length;
  return parts
    .with(at, ["0", "1", "01", "9999999", "x", "0-dev", "0-alpha1", "0-patch2"][position % 8]!)
    .join(".");
}

/** A version from a constraint, or one close to it. */
function edgeOf(text: string, position: number): string {
  const constraint = parseConstraint(text);
  const { version } = position % 2 ? lowerBound(constraint) : upperBound(constraint);
  return ["", "-dev", "-beta1"].map((suffix) => version + suffix)[position % 3]!;
}

const value = fc.oneof(
  fc.constantFrom(null, false, true, 0, 1, "", "x", "1"),
  fc.constantFrom(
    [],
    ["a"],
    ["a", "b"],
    ["b", "a"],
    { a: "1" },
    { a: "1", b: "1" },
    { b: "1", a: "1" },
    { a: { c: [1] } },
    { a: { c: ["1"] } },
  ),
);
const record = fc.dictionary(
  fc.constantFrom("name", "version", "require", "extra", "abandoned", "homepage"),
  value,
  { noNullPrototype: true },
);
const recordLists = fc.array(record, { maxLength: 6 });
