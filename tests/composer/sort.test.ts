import { expect, test } from "bun:test";
import fc from "fast-check";
import { sortInSteps } from "../../src/composer/sort.ts";

test("A list sorted in steps is the one that is sorted at once, and each step is short", () => {
  const items = fc.array(fc.tuple(fc.nat(50), fc.nat()), { maxLength: 2000, size: "max" });
  fc.assert(
    fc.property(items, (list) => {
      let compared = 0;
      const byFirst = ([a]: [number, number], [b]: [number, number]) => {
        compared++;
        return a - b;
      };
      const work = sortInSteps(list, byFirst);
      let step = work.next();
      while (!step.done) {
        expect(compared).toBeLessThan(4000);
        compared = 0;
        step = work.next();
      }
      expect(step.value).toEqual(list.toSorted(([a], [b]) => a - b));
    }),
    { numRuns: 50 },
  );
});
