// What the daily look at the installation found last.
import type { App } from "../../app.ts";
import type { CheckResult } from "../../doctor/run.ts";
import { findSetting, setSetting } from "../../store/settings.ts";

export type Findings = { at: number; results: CheckResult[] };

/** Runs every check and remembers what it found. */
export async function examine(app: App): Promise<void> {
  // Loaded here, so that a start does not wait for it.
  const [{ runDoctor }, { contextOf }] = await Promise.all([
    import("../../doctor/run.ts"),
    import("../../doctor/open.ts"),
  ]);
  const results = await runDoctor(contextOf(app));
  for (const { id, status, seen } of results)
    if (status === "fail") app.log.warn("doctor.found", { check: id, seen });
  await setSetting(app.db, "doctor", JSON.stringify({ at: app.now(), results }));
}

/** null before the first run. */
export async function lastFindings({ db }: Pick<App, "db">): Promise<Findings | null> {
  const text = await findSetting(db, "doctor");
  return text === null ? null : (JSON.parse(text) as Findings);
}

/** How many checks failed in the last run. */
export async function countFailed(app: Pick<App, "db">): Promise<number> {
  const findings = await lastFindings(app);
  return findings?.results.filter(({ status }) => status === "fail").length ?? 0;
}

/** Whether a run waits or goes on. */
export async function isExamining({ jobs }: Pick<App, "jobs">): Promise<boolean> {
  const counts = await jobs.countsByName().catch(() => []);
  const own = counts.find(({ name }) => name === "run-doctor");
  return own !== undefined && own.waiting + own.running > 0;
}
