// Versions: Composer's own answers (vectors), properties that hold for any text, and hostile input.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  compareVersions,
  MAX_VERSION_LENGTH,
  normalizeBranch,
  normalizeVersion,
  stabilityOf,
  VersionError,
} from "../../src/composer/version.ts";
import { branchNames, versionTexts } from "./generators.ts";
import sortVector from "./vectors/version-sort.json";
import versionVectors from "./vectors/version-vectors.json";

describe("Versions are normalized as Composer does it", () => {
  for (const { kind, ref, parser_normalized: expected } of versionVectors) {
    test(`${kind} ${ref} is ${expected ?? "no version"}`, () => {
      const text = ref.replaceAll("release-", "");
      const normalize = (): string => (kind === "tag" ? normalizeVersion(text) : normalizeBranch(ref));
      if (expected === null) expect(normalize).toThrow(VersionError);
      else expect(normalize()).toBe(expected);
    });
  }

  test("dates may end in two groups of digits", () => {
    expect(normalizeVersion("100000.0.0")).toBe("100000.0.0");
    expect(normalizeVersion("2024-01-15-1-2")).toBe("2024.01.15.1.2");
  });

  test("blanks, aliases, stability flags and build data are not part of a version", () => {
    expect(normalizeVersion(" 1.2.3\n")).toBe("1.2.3.0");
    expect(normalizeVersion("1.2.3 as 1.3")).toBe("1.2.3.0");
    expect(normalizeVersion("1.2.3@beta")).toBe("1.2.3.0");
    expect(normalizeVersion("1.2.3-rc.1+build.5")).toBe("1.2.3.0-RC1");
  });
});

describe("The stability of a version", () => {
  for (const { version_normalized: version, stability } of versionVectors) {
    if (version === null) continue;
    test(`${version} is ${stability}`, () => expect<string | null>(stabilityOf(version)).toBe(stability));
  }
});

describe("Versions are sorted as Composer does it", () => {
  const ascending = sortVector.ascending.map(normalizeVersion);

  test("the vector comes out in its order, however it was shuffled", () => {
    const shuffles = fc.shuffledSubarray(ascending, { minLength: ascending.length });
    fc.assert(
      fc.property(shuffles, (shuffled) => expect(shuffled.toSorted(compareVersions)).toEqual(ascending)),
    );
  });

  test("numbers too large for PHP to count are equal", () => {
    expect(compareVersions("1.9223372036854775807.0.0", "1.99999999999999999999.0.0")).toBe(0);
    expect(compareVersions("1.9223372036854775806.0.0", "1.9223372036854775807.0.0")).toBe(-1);
    expect(compareVersions("1.00000000000000000002.0.0", "1.3.0.0")).toBe(-1);
  });

  test("branches without a number stand in the order of their bytes, below everything", () => {
    const sorted = ["1.0.0.0-dev", "dev-ä", "dev-main", "dev-Main", "0.0.0.0-dev"].toSorted(compareVersions);
    expect(sorted).toEqual(["dev-Main", "dev-main", "dev-ä", "0.0.0.0-dev", "1.0.0.0-dev"]);
  });
});

const normalized = fc
  .oneof(
    versionTexts.map((text) => attempt(() => normalizeVersion(text))),
    branchNames.map((name) => attempt(() => normalizeBranch(name))),
  )
  .filter((version) => version !== null);

describe("For any text", () => {
  test("the answer is a version or a VersionError", () => {
    const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 400 }), versionTexts);
    fc.assert(
      fc.property(texts, (text) => void attempt(() => normalizeVersion(text))),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(texts, (text) => void attempt(() => normalizeBranch(text))),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(texts, (text) => void attempt(() => stabilityOf(text))),
      { numRuns: 5000 },
    );
  });

  test("a normalized version stays as it is when it is normalized again, but for dates, which are filled up", () => {
    const isDate = /^\d{4}(?:\.\d+){0,2}(?:-|$)|^\d{6,}/;
    fc.assert(
      fc.property(normalized, (version) => {
        fc.pre(!isDate.test(version) && !version.startsWith("dev-") && !version.includes("-stable"));
        expect(normalizeVersion(version)).toBe(version);
      }),
      { numRuns: 5000 },
    );
    expect(normalizeVersion(normalizeVersion("2024-01-15"))).toBe("2024.01.15.0");
  });

  test("the order is total: no version is before itself, no two before each other, no three in a ring", () => {
    fc.assert(
      fc.property(normalized, normalized, normalized, (a, b, c) => {
        expect(compareVersions(a, a)).toBe(0);
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
        const [low, middle, high] = [a, b, c].toSorted(compareVersions) as [string, string, string];
        expect(compareVersions(low, middle)).toBeLessThanOrEqual(0);
        expect(compareVersions(middle, high)).toBeLessThanOrEqual(0);
        expect(compareVersions(low, high)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 20000 },
    );
  });
});

describe("Hostile texts are refused before any pattern looks at them", () => {
  const long = ["1", "1.", "1-beta.1", "-dev", " ", "v1@dev", "+", "\n"].map((piece) =>
    piece.repeat(65536 / piece.length),
  );

  test("64 KB are too long for a version", () => {
    for (const text of long) {
      expect(() => normalizeVersion(text)).toThrow("longer than 255 characters");
      expect(() => normalizeBranch(text)).toThrow("longer than 255 characters");
      expect(() => stabilityOf(text)).toThrow("longer than 255 characters");
    }
  });

  test("255 characters are not, unless the normalized form is longer", () => {
    const digits = "1".repeat(MAX_VERSION_LENGTH - 2);
    expect(normalizeVersion(`1.${digits.slice(4)}`)).toEndWith(".0.0");
    expect(() => normalizeVersion(`1.${digits}`)).toThrow(VersionError);
  });

  test("control characters and overrides of the writing direction are no part of a version", () => {
    for (const text of [
      "dev-a\u001b[31mb",
      "1.0\n2.0",
      "dev-\u202efoo",
      "dev-a\u0085b",
      "garbage\n1.0-dev",
    ]) {
      expect(() => normalizeVersion(text)).toThrow("control characters");
      expect(() => normalizeBranch(text)).toThrow("control characters");
    }
  });

  test("the message repeats only a little of the text, on one line", () => {
    expect(() => normalizeVersion("1.0-\u001b[31mred\u0007")).toThrow(
      '"1.0-red" holds invisible control characters',
    );
    expect(attemptMessage(() => normalizeVersion("x".repeat(60000))).length).toBeLessThan(200);
  });
});

/** Any error but a VersionError fails the test. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof VersionError) return null;
    throw error;
  }
}

function attemptMessage(work: () => unknown): string {
  try {
    work();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
