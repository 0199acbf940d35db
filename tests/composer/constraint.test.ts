// Constraints: Composer's own answers (vectors) and hostile input. Matching and bounds are in differential.test.ts.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  ConstraintError,
  formatConstraint,
  lowerBound,
  matchesConstraint,
  MAX_CONSTRAINT_LENGTH,
  parseConstraint,
  upperBound,
} from "../../src/composer/constraint.ts";
import { normalizeVersion } from "../../src/composer/version.ts";
import { constraintTexts } from "./generators.ts";
import vectors from "./vectors/constraint-vectors.json";

describe("Constraints mean what they mean to Composer", () => {
  for (const { constraint, version, matches, parsed } of vectors) {
    const title = matches === null ? "cannot be read" : `${matches ? "takes in" : "leaves out"} ${version}`;
    test(`${JSON.stringify(constraint)} ${title}`, () => {
      if (matches === null) {
        expect(() => parseConstraint(constraint)).toThrow(ConstraintError);
        return;
      }
      expect(formatConstraint(parseConstraint(constraint))).toBe(parsed!);
      expect(matchesConstraint(parseConstraint(constraint), normalizeVersion(version))).toBe(matches);
    });
  }

  test("a release candidate is a bound of its own", () => {
    expect(formatConstraint(parseConstraint(">=1.2-RC1"))).toBe(">= 1.2.0.0-RC1");
  });

  test("of two ends at one version the narrower counts for all, the wider for one of them", () => {
    expect(upperBound(parseConstraint("<=2.0.0 <2.0.0-stable"))).toEqual({
      version: "2.0.0.0",
      inclusive: false,
    });
    expect(upperBound(parseConstraint("<2.0.0-stable || <=2.0.0"))).toEqual({
      version: "2.0.0.0",
      inclusive: true,
    });
    expect(lowerBound(parseConstraint(">=2.0.0-stable >2.0.0"))).toEqual({
      version: "2.0.0.0",
      inclusive: false,
    });
    expect(lowerBound(parseConstraint(">2.0.0 || >=2.0.0-stable"))).toEqual({
      version: "2.0.0.0",
      inclusive: true,
    });
  });

  test("line breaks around a pipe are blanks", () => {
    expect(formatConstraint(parseConstraint("^1.0 ||\n\t^3.0"))).toBe(
      "[[>= 1.0.0.0-dev < 2.0.0.0-dev] || [>= 3.0.0.0-dev < 4.0.0.0-dev]]",
    );
  });
});

describe("Hostile constraints", () => {
  test("for any text the answer is a constraint or a ConstraintError", () => {
    const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 600 }), constraintTexts);
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseConstraint(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ConstraintError);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test("64 KB are refused before any pattern looks at them", () => {
    for (const piece of ["1.0||", " ", ",", "^1.0 - ", "as ", "1-beta.1", "@dev"]) {
      const text = piece.repeat(Math.ceil(65536 / piece.length));
      expect(() => parseConstraint(text)).toThrow(`longer than ${MAX_CONSTRAINT_LENGTH} characters`);
    }
  });

  test("a long list of versions is read", () => {
    const text = Array.from({ length: 600 }, (_, i) => `1.${i}`).join("||");
    expect(matchesConstraint(parseConstraint(text), "1.599.0.0")).toBe(true);
    expect(matchesConstraint(parseConstraint(text), "1.600.0.0")).toBe(false);
  });

  test("a part that goes on after a line break is refused, where Composer would forget the rest of it", () => {
    expect(() => parseConstraint(">=1.0\n<2.0")).toThrow("control characters");
  });

  test("FC7: a date that only newer clients can read is refused, for it stops the others", () => {
    expect(formatConstraint(parseConstraint("2024.01.15.1"))).toBe("== 2024.01.15.1");
    for (const text of ["2024.01.15.1.2", "<=9999999.2", "1 - 100000.0.0", "20240115123045123456"])
      expect(() => parseConstraint(text)).toThrow("can be read only by Composer 2.6 and newer");
  });

  test("numbers that PHP would count inexactly are refused", () => {
    expect(formatConstraint(parseConstraint("~1.999999999999999998.0"))).toEndWith(
      "< 1.999999999999999999.0.0-dev]",
    );
    expect(() => parseConstraint("~1.9999999999999999999.0")).toThrow("too large");
  });
});
