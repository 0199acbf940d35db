// What `bun run check` makes of the registry's answer about vulnerabilities.
import { expect, test } from "bun:test";
import { auditOf } from "./audit.ts";

test("no known vulnerability is green", () => {
  expect(auditOf('{"vulnerabilities":{},"metadata":{}}')).toEqual({ outcome: "ok", lines: [] });
});

test("a known vulnerability is red, with its package, its weight and where it is described", () => {
  const via = [{ title: "Reads too far", url: "https://example.com/1" }, "other"];
  const vulnerabilities = { jose: { severity: "high", via }, elysia: { severity: "high", via: ["jose"] } };
  expect(auditOf(JSON.stringify({ vulnerabilities }))).toEqual({
    outcome: "vulnerable",
    lines: ["jose (high): Reads too far https://example.com/1", "elysia (high): through what it depends on"],
  });
});

test("a registry that is not there, or answers no audits, is skipped loudly", () => {
  const refused = '{"message":"connect ECONNREFUSED 127.0.0.1:9","error":{"summary":"","detail":""}}';
  for (const text of [refused, "", "<html>"]) {
    const { outcome, lines } = auditOf(text);
    expect([outcome, lines.length]).toEqual(["skipped", 1]);
    expect(lines[0]).toStartWith("SKIPPED: registry not reachable.");
  }
});
