import { expect, test } from "bun:test";
import { similarNames } from "../../src/registry/packages/similar-names.ts";

const names = ["acme/billing", "acme/blog", "acme/billing-contracts", "acme/mailer", "other/blog"];

test("a name that was mistyped by a letter or two is found, with and without its vendor", () => {
  expect(similarNames("bilig", names)[0]).toBe("acme/billing");
  expect(similarNames("biling", names)).toEqual(["acme/billing"]);
  expect(similarNames("blgo", names)).toEqual(["acme/blog", "other/blog"]);
  expect(similarNames("ACME/MAILRE", names)).toEqual(["acme/mailer"]);
});

test("a name that is far from all suggests nothing", () => {
  expect(similarNames("symfony", names)).toEqual([]);
  expect(similarNames("", names)).toEqual([]);
});
