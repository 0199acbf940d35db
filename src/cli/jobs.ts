// The queue's dashboard on the command line: lists of jobs and their actions.
import type { App } from "../app.ts";
import { invalid } from "../errors.ts";
import { forgetAllJobs, forgetJob, retryAllJobs, retryJob, setJobsPaused } from "../registry/jobs/actions.ts";
import { jobBoard, jobNamed, lineOf } from "../registry/jobs/board.ts";
import type { Pause, QueueState } from "../registry/jobs/view.ts";
import { timetableNames } from "../registry/jobs/timetable.ts";
import { searchFor, describeJobs } from "../registry/jobs/describe.ts";
import { isoTime, table, type Arguments, type Command, type Options } from "./command.ts";

const states = ["waiting", "retrying", "running", "failed", "done"] as const;
const actor = "cli";

const all = (help: string): Options => ({ all: { type: "boolean", help } });

export const jobs: Record<string, Command> = {
  status: {
    summary: "Show the state of the queue and how many jobs wait or failed",
    usage: "",
    arity: [0, 0],
    options: {},
    async run(app, _args, out) {
      const board = await jobBoard(app, { silenced: [...timetableNames] });
      const { state: mood, longestWaitMs, busy, slots: places } = board;
      const names = board.waiting.map(({ name, waiting, delayed, running, failed, dead, pause }) => ({
        ...{ name, waiting, delayed, running, failed, dead },
        paused: pausedOf(pause),
      }));
      const rows = names.map((each) => [
        each.name,
        each.waiting,
        each.delayed,
        each.running,
        each.failed,
        each.dead,
        each.paused === null ? "" : pauseText(each.paused),
      ]);
      const paused = pausedOf(board.pause);
      const head = [
        moods[mood],
        ...(paused === null ? [] : [`Paused ${pauseText(paused)}.`]),
        `${busy} of ${places} workers busy; the longest wait is ${Math.round(longestWaitMs / 1000)} s.`,
        "",
      ];
      const heads = ["JOB", "WAITING", "SCHEDULED", "RUNNING", "FAILED", "DEAD", "PAUSED"];
      const found = { state: mood, paused, longestWaitMs, busy, places, jobs: names };
      out.result(found, [...head, ...table(heads, rows)]);
    },
  },
  list: {
    summary: "List jobs; failed ones unless a state is given",
    usage: "",
    arity: [0, 0],
    options: {
      state: { type: "string", value: "STATE", help: `${states.join(", ")}; defaults to failed` },
      name: { type: "string", value: "JOB", help: "Only jobs of this name" },
      search: {
        type: "string",
        value: "TEXT",
        help: "A repository, a package, part of the error or an id",
      },
      timetable: { type: "boolean", help: "Include scheduled jobs that succeeded" },
      limit: { type: "string", value: "N", help: "How many to show; defaults to 50" },
    },
    async run(app, args, out) {
      const { jobs } = await app.jobs.list(await listingIn(app, args));
      const subjectOf = await describeJobs(
        app,
        jobs.map(({ payload }) => payload),
      );
      const found = jobs.map((job) => {
        const { id, name, state, subject, attempts, error, runAt, startedAt, finishedAt } = lineOf(
          job,
          subjectOf,
        );
        const times = {
          dueAt: isoTime(runAt),
          startedAt: isoTime(startedAt),
          finishedAt: isoTime(finishedAt),
        };
        return { id, name, state, subject, attempts, error, ...times };
      });
      const rows = found.map((each) => [
        each.id,
        each.name,
        each.subject,
        each.state === "dead" ? "given up" : each.state,
        each.finishedAt ?? each.startedAt ?? each.dueAt,
        each.error?.split("\n")[0] ?? null,
      ]);
      out.result(found, table(["ID", "JOB", "ON", "STATE", "AT", "ERROR"], rows));
    },
  },
  retry: {
    summary: "Retry failed jobs now",
    usage: "[ID]…",
    arity: [0, 1000],
    options: all("Every failed job"),
    async run(app, args, out) {
      const count = await countDone(app, args, { all: retryAllJobs, one: retryJob });
      out.result({ retried: count }, `${jobsIn(count)} will be retried.`);
    },
  },
  forget: {
    summary: "Remove failed jobs from the list",
    usage: "[ID]…",
    arity: [0, 1000],
    options: all("Every failed job"),
    async run(app, args, out) {
      const count = await countDone(app, args, { all: forgetAllJobs, one: forgetJob });
      out.result({ forgotten: count }, `Forgot ${jobsIn(count)}.`);
    },
  },
  pause: pausing(true),
  resume: pausing(false),
};

type Actions = {
  all: (app: App, actor: string) => Promise<number>;
  one: (app: App, id: string, actor: string) => Promise<unknown>;
};

/** Applies the action to the named jobs, or to all failed ones; answers their number. */
async function countDone(app: App, args: Arguments, { all, one }: Actions): Promise<number> {
  const ids = chosen(args, "Name jobs by their ids");
  if (ids === null) return all(app, actor);
  for (const id of ids) await one(app, id, actor);
  return ids.length;
}

function pausing(isPaused: boolean): Command {
  const verb = isPaused ? "Paused" : "Resumed";
  return {
    summary: isPaused ? "Pause jobs of a name, or all jobs; running ones may finish" : "Resume paused jobs",
    usage: "[JOB]…",
    arity: [0, 100],
    options: all(isPaused ? "Every job" : "Resume all jobs"),
    async run(app, args, out) {
      const names = chosen(args, "Name jobs")?.map(jobNamed) ?? [""];
      for (const name of names) await setJobsPaused(app, { name, isPaused }, actor);
      const label = names[0] === "" ? "all jobs" : names.join(", ");
      out.result({ [isPaused ? "paused" : "resumed"]: names[0] === "" ? "all" : names }, `${verb} ${label}.`);
    },
  };
}

/** The positional arguments; null for all. */
function chosen(args: Arguments, request: string): string[] | null {
  const isAll = args.flag("all");
  if (isAll === args.positionals.length > 0) throw invalid(`${request}, or give --all.`, { code: "usage" });
  return isAll ? null : args.positionals;
}

async function listingIn(app: App, args: Arguments): Promise<JobListing> {
  const state = states.find((each) => each === (args.text("state") ?? "failed"));
  if (!state) throw invalid(`--state is one of ${states.join(", ")}.`, { code: "usage" });
  const text = args.text("name");
  const limit = /^[1-9]\d{0,3}$/.test(args.text("limit") ?? "50") ? Number(args.text("limit") ?? 50) : null;
  if (limit === null || limit > 1000) throw invalid("--limit is a number from 1 to 1000.", { code: "usage" });
  const search = await searchFor(app, args.text("search") ?? "");
  const isSilent = text === null && state !== "failed" && state !== "retrying" && !args.flag("timetable");
  return {
    state: state === "failed" ? "unsuccessful" : state,
    limit,
    except: isSilent ? [...timetableNames] : [],
    ...(text === null ? {} : { name: jobNamed(text) }),
    ...(search === null ? {} : { search }),
  };
}

type JobListing = Parameters<App["jobs"]["list"]>[0];
type Paused = { by: string | null; since: string | null };

function pausedOf(pause: Pause | null): Paused | null {
  if (pause === null) return null;
  const { by, at } = pause;
  const who = by === null ? null : by.kind === "cli" ? "the command line" : (by.name ?? "Pricore");
  return { by: who, since: isoTime(at) };
}

function pauseText({ by, since }: Paused): string {
  return `${by === null ? "" : `by ${by} `}since ${since}`;
}

function jobsIn(count: number): string {
  return `${count} ${count === 1 ? "job" : "jobs"}`;
}

const moods: Record<QueueState, string> = {
  moves: "The queue is running.",
  behind: "The queue is slow.",
  paused: "The queue is paused.",
  stuck: "The queue is stuck.",
  unworked: "No worker is running.",
};
