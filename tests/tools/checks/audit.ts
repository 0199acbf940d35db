// `bun tests/tools/checks/audit.ts`: whether the registry knows a vulnerability of a package that is inside the executable.
// A registry that is not there, or that answers no audits, fails nothing: without a network there is a definition of
// green, too.

export type Audit = { outcome: "ok" | "vulnerable" | "skipped"; lines: string[] };

type Report = {
  vulnerabilities?: Record<
    string,
    { severity?: string; via?: (string | { title?: string; url?: string })[] }
  >;
  message?: string;
  error?: { summary?: string };
};

/** `text` is what `npm audit --json` printed. */
export function auditOf(text: string): Audit {
  const report = readReport(text);
  if (report?.vulnerabilities === undefined)
    return {
      outcome: "skipped",
      lines: [`SKIPPED: registry not reachable. ${report?.message || report?.error?.summary || text.trim()}`],
    };
  const found = Object.entries(report.vulnerabilities).map(([name, { severity, via = [] }]) => {
    const titles = via.flatMap((each) => (typeof each === "string" ? [] : [`${each.title} ${each.url}`]));
    return `${name} (${severity}): ${titles.join("; ") || "through what it depends on"}`;
  });
  return { outcome: found.length === 0 ? "ok" : "vulnerable", lines: found };
}

function readReport(text: string): Report | null {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return null;
  }
}

if (import.meta.main) {
  const limits = ["--fetch-retries=0", "--fetch-timeout=15000"];
  const { stdout } = Bun.spawnSync(["npm", "audit", "--json", "--omit=dev", ...limits], { stderr: "ignore" });
  const { outcome, lines } = auditOf(stdout.toString());
  for (const line of lines) console.error(line);
  process.exit(outcome === "vulnerable" ? 1 : 0);
}
