// All jobs of a state, a page at a time; the address says the state, the job's name and the place in the list.
import type { Query } from "../list-query.ts";
import { JobListPage, type ListChange, type ListState } from "../../../../templates/jobs/list.tsx";
import { knownJobs, lineOf } from "../../../registry/jobs/board.ts";
import { timetableNames } from "../../../registry/jobs/timetable.ts";
import { failedKept, failedKeptDays } from "../../../registry/jobs/retention.ts";
import { searchFor, describeJobs } from "../../../registry/jobs/describe.ts";
import { page, type PageContext, type PageSetup } from "../../page.ts";

const pageSize = 50;
const states: ListState[] = ["failed", "retrying", "waiting", "running", "done"];
/** Where jobs of the timetable are left out: what failed is shown whatever it was. */
const silencedIn = new Set<ListState>(["waiting", "running", "done"]);

type ListRequest = { base: string; query: Query };

export async function jobList(
  setup: PageSetup,
  context: PageContext,
  { base, query }: ListRequest,
): Promise<Response> {
  const { app } = setup;
  const view = viewOf(query);
  const { state, name, timetable, q } = view;
  // Whatever else stands there is no place in the list.
  const before = /^\d{1,15} [\w-]{1,64}$/.exec(query["before"] ?? "")?.[0] ?? null;
  const maySilence = silencedIn.has(state) && name === null;
  const silenced = maySilence && timetable === null ? [...timetableNames] : [];
  const search = await searchFor(app, q ?? "");
  const { jobs, next } = await app.jobs.list({
    state: state === "failed" ? "unsuccessful" : state,
    limit: pageSize,
    before,
    except: silenced,
    ...(name === null ? {} : { name }),
    ...(search === null ? {} : { search }),
  });
  const subjectOf = await describeJobs(
    app,
    jobs.map(({ payload }) => payload),
  );
  const counts = await countsOf(setup, silenced);
  const href = (change: ListChange & { before?: string }) => addressOf(base, { ...view, ...change });
  return page(setup, context, {
    render: (shell) =>
      JobListPage({
        shell,
        base,
        state,
        name,
        names: [...knownJobs],
        search: q ?? "",
        showsTimetable: maySilence ? timetable !== null : null,
        kept: withoutEmpty({ state, name, timetable }),
        retention: { days: failedKeptDays, most: failedKept },
        jobs: jobs.map((job) => lineOf(job, subjectOf)),
        counts,
        further: next === null ? null : href({ before: next }),
        first: before === null ? null : href({}),
        href,
        now: app.now(),
      }),
  });
}

type View = { state: ListState; name: string | null; timetable: string | null; q: string | null };

function viewOf(query: ListRequest["query"]): View {
  return {
    state: states.find((each) => each === query["state"]) ?? "failed",
    name: knownJobs.find((each) => each === query["name"]) ?? null,
    timetable: query["timetable"] === "1" ? "1" : null,
    q: query["q"]?.trim().slice(0, maxSearchLength) || null,
  };
}

const maxSearchLength = 100;

async function countsOf({ app }: PageSetup, silenced: string[]) {
  const counts = { waiting: 0, running: 0, failed: 0 };
  for (const { name, waiting, delayed, running, failed, dead } of await app.jobs.countsByName()) {
    counts.failed += failed + dead;
    if (silenced.includes(name)) continue;
    counts.waiting += waiting + delayed;
    counts.running += running;
  }
  return counts;
}

function addressOf(base: string, parameters: Record<string, string | null>): string {
  return `${base}/jobs?${new URLSearchParams(withoutEmpty(parameters))}`;
}

function withoutEmpty(parameters: Record<string, string | null>): Record<string, string> {
  const entries = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(entries);
}
