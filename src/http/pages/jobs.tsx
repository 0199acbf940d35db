// The job dashboard at HORIZON_PATH, for administrators and whom the operator named.
import { Elysia } from "elysia";
import { JobBoardPart, JobsPage, type BoardProps } from "../../../templates/jobs/board.tsx";
import { JobPage } from "../../../templates/jobs/job.tsx";
import { counted } from "../../../templates/parts/numbers.ts";
import { forgetJob, getJob, retryAllJobs, retryJob, setJobsPaused } from "../../registry/jobs/acts.ts";
import { jobBoard, lineOf } from "../../registry/jobs/board.ts";
import { jobRuns, periodNamed } from "../../registry/jobs/runs.ts";
import { subjectsOf } from "../../registry/jobs/subjects.ts";
import type { Viewer } from "../../registry/people/sessions.ts";
import { accessFor } from "../access.ts";
import { html, seeOther, wantsPart } from "../answers.ts";
import { fields } from "../forms.ts";
import { toastCookie } from "../session-cookie.ts";
import { page, type Site } from "../site.ts";
import { jobList } from "./job-list.tsx";

type Query = Record<string, string | undefined>;

export function jobPages(site: Site) {
  const { app } = site;
  const base = `/${app.config.horizon.path}`;
  const operator = { person: "operator" } as const;
  const back = (words: string) => seeOther(base, [toastCookie(app, words)]);
  const by = ({ user }: Viewer) => `user:${user.id}`;
  const pausing =
    (isPaused: boolean) =>
    async ({ viewer, body }: { viewer: Viewer; body: unknown }) => {
      const { name } = fields(body, ["name"]);
      await setJobsPaused(app, { name, isPaused }, by(viewer));
      return back(`${name || "All jobs"} ${isPaused ? "paused" : "resumed"}`);
    };
  return new Elysia({ name: "jobs" })
    .use(accessFor(app))
    .get(
      base,
      async ({ request, viewer, query }) => {
        const board = await boardOf(site, base, query);
        if (wantsPart(request)) return html(JobBoardPart(board).html);
        const seen = { request, viewer };
        return page(site, seen, { render: (shell) => JobsPage({ shell, ...board }) });
      },
      operator,
    )
    .get(
      `${base}/jobs`,
      async ({ request, viewer, query }) => jobList(site, { request, viewer }, { base, query }),
      operator,
    )
    .get(
      `${base}/jobs/:id`,
      async ({ request, viewer, params }) => {
        const job = await getJob(app, params.id);
        const subjectOf = await subjectsOf(app, [job.payload]);
        const payload = Object.entries(job.payload).map(([name, value]): [string, string] => [
          name,
          typeof value === "string" ? value : JSON.stringify(value),
        ]);
        const shown = { ...lineOf(job, subjectOf), payload, createdAt: job.createdAt };
        const seen = { request, viewer };
        return page(site, seen, {
          render: (shell) => JobPage({ shell, base, job: shown, now: app.now() }),
        });
      },
      operator,
    )
    .post(
      `${base}/jobs/:id/retry`,
      async ({ viewer, params, body }) => {
        fields(body, []);
        return back(`${await retryJob(app, params.id, by(viewer))} is tried again`);
      },
      operator,
    )
    .post(
      `${base}/jobs/:id/forget`,
      async ({ viewer, params, body }) => {
        fields(body, []);
        return back(`${await forgetJob(app, params.id, by(viewer))} forgotten`);
      },
      operator,
    )
    .post(
      `${base}/retry-all`,
      async ({ viewer, body }) => {
        fields(body, []);
        const count = await retryAllJobs(app, by(viewer));
        return back(count === 0 ? "Nothing had failed for good" : `${counted(count, "job")} tried again`);
      },
      operator,
    )
    .post(`${base}/pause`, pausing(true), operator)
    .post(`${base}/resume`, pausing(false), operator);
}

/** The period and the job whose run times are shown stand in the address. */
async function boardOf({ app }: Site, base: string, query: Query): Promise<BoardProps> {
  const period = periodNamed(query["period"]);
  const board = await jobBoard(app);
  const names = board.waiting.map(({ name }) => name);
  const job = names.find((name) => name === query["job"]) ?? names[0] ?? "";
  const runs = await jobRuns(app, period, job);
  const href: BoardProps["href"] = (change) => {
    const at = { period: period.name as string, job, ...change };
    return `${base}?${new URLSearchParams(at)}`;
  };
  return { board, runs, base, href, now: app.now() };
}
