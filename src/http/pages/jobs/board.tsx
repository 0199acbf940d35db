// The job dashboard at HORIZON_PATH, for administrators and the users whom the operator named.
import { JobBoardPart, JobsPage, type BoardProps } from "../../../../templates/jobs/board.tsx";
import { ForgetAllPage, PauseAllPage } from "../../../../templates/jobs/confirmations.tsx";
import { JobPage } from "../../../../templates/jobs/job.tsx";
import { counted } from "../../../../templates/parts/numbers.ts";
import { timetableNames } from "../../../registry/jobs/timetable.ts";
import {
  forgetAllJobs,
  forgetJob,
  getJob,
  retryAllJobs,
  retryJob,
  setJobsPaused,
} from "../../../registry/jobs/actions.ts";
import { jobBoard, lineOf } from "../../../registry/jobs/board.ts";
import { jobRuns, periodNamed } from "../../../registry/jobs/runs.ts";
import { describeJobs } from "../../../registry/jobs/describe.ts";
import { listAttempts } from "../../../store/jobs/attempts.ts";
import type { Query } from "../list-query.ts";
import { routesOf } from "../../access.ts";
import { html, seeOther, wantsPart } from "../../answers.ts";
import { fields } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type PageSetup } from "../../page.ts";
import { jobList } from "./list.tsx";

export function jobPages(setup: PageSetup) {
  const { app } = setup;
  const base = `/${app.config.horizon.path}`;
  const operator = { person: "operator" } as const;
  const back = (message: string) => seeOther(base, [toastCookie(app, message)]);
  const pausing =
    (isPaused: boolean) =>
    async ({ actor, body }: { actor: string; body: unknown }) => {
      const { name } = fields(body, ["name"]);
      await setJobsPaused(app, { name, isPaused }, actor);
      return back(`${name || "All jobs"} ${isPaused ? "paused" : "resumed"}`);
    };
  return routesOf(app, "jobs")
    .get(
      base,
      async ({ context, request, query }) => {
        const board = await boardOf(setup, base, query);
        if (wantsPart(request)) return html(JobBoardPart(board).html);
        return page(setup, context, { render: (shell) => JobsPage({ shell, ...board }) });
      },
      operator,
    )
    .get(`${base}/jobs`, async ({ context, query }) => jobList(setup, context, { base, query }), operator)
    .get(
      `${base}/jobs/:id`,
      async ({ context, params }) => {
        const job = await getJob(app, params.id);
        const subjectOf = await describeJobs(app, [job.payload]);
        const payload = Object.entries(job.payload).map(([name, value]): [string, string] => [
          name,
          typeof value === "string" ? value : JSON.stringify(value),
        ]);
        const shownJob = { ...lineOf(job, subjectOf), payload, createdAt: job.createdAt };
        const attempts = (await listAttempts(app.db, job.id)).map((each) => ({
          attempt: each.attempt,
          startedAt: each.started_at,
          endedAt: each.ended_at,
          error: each.error,
        }));
        return page(setup, context, {
          render: (shell) => JobPage({ shell, base, job: shownJob, attempts, now: app.now() }),
        });
      },
      operator,
    )
    .post(
      `${base}/jobs/:id/retry`,
      async ({ actor, params, body }) => {
        fields(body, []);
        return back(`Retrying ${await retryJob(app, params.id, actor)}`);
      },
      operator,
    )
    .post(
      `${base}/jobs/:id/forget`,
      async ({ actor, params, body }) => {
        fields(body, []);
        return back(`${await forgetJob(app, params.id, actor)} forgotten`);
      },
      operator,
    )
    .post(
      `${base}/retry-all`,
      async ({ actor, body }) => {
        fields(body, []);
        const count = await retryAllJobs(app, actor);
        return back(count === 0 ? "No failed jobs" : `Retrying ${counted(count, "job")}`);
      },
      operator,
    )
    .get(
      `${base}/forget-all`,
      async ({ context }) => {
        const counts = await app.jobs.countsByName();
        const failed = counts.reduce((sum, { failed, dead }) => sum + failed + dead, 0);
        return page(setup, context, { render: (shell) => ForgetAllPage({ shell, base, failed }) });
      },
      operator,
    )
    .post(
      `${base}/forget-all`,
      async ({ actor, body }) => {
        fields(body, []);
        return back(`${counted(await forgetAllJobs(app, actor), "failed job")} forgotten`);
      },
      operator,
    )
    .get(
      `${base}/pause`,
      ({ context }) => page(setup, context, { render: (shell) => PauseAllPage({ shell, base }) }),
      operator,
    )
    .post(`${base}/pause`, pausing(true), operator)
    .post(`${base}/resume`, pausing(false), operator);
}

/** The address says the period, the job whose run times are shown, and whether jobs of the timetable are. */
async function boardOf({ app }: PageSetup, base: string, query: Query): Promise<BoardProps> {
  const period = periodNamed(query["period"]);
  const timetable = query["timetable"] === "1" ? "1" : null;
  const silenced = timetable === null ? [...timetableNames] : [];
  const board = await jobBoard(app, { silenced });
  const names = board.waiting.map(({ name }) => name);
  const job = names.find((name) => name === query["job"]) ?? names[0] ?? "";
  const runs = await jobRuns(app, period, { name: job, silenced });
  const href: BoardProps["href"] = (change) => {
    const { timetable: switched, ...at } = { period: period.name as string, job, timetable, ...change };
    return `${base}?${new URLSearchParams({ ...at, ...(switched ? { timetable: switched } : {}) })}`;
  };
  return { board, runs, base, href, showsTimetable: timetable !== null, now: app.now() };
}
