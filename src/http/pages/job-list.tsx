// All jobs of a state, a page at a time: the state, the job's name and the place in the list stand in the address.
import { JobListPage, type ListProps, type ListState } from "../../../templates/jobs/list.tsx";
import { knownJobs, lineOf } from "../../registry/jobs/board.ts";
import { subjectsOf } from "../../registry/jobs/subjects.ts";
import { page, type Seen, type Site } from "../site.ts";

const pageSize = 50;
const states: ListState[] = ["dead", "retrying", "waiting", "running", "done"];

type Asked = { base: string; query: Record<string, string | undefined> };

export async function jobList(site: Site, seen: Seen, { base, query }: Asked): Promise<Response> {
  const { app } = site;
  const state = states.find((each) => each === query["state"]) ?? "dead";
  const name = knownJobs.find((each) => each === query["name"]) ?? null;
  // Whatever else stands there is no place in the list.
  const before = /^\d{1,15} [\w-]{1,64}$/.exec(query["before"] ?? "")?.[0] ?? null;
  const listing = { state, limit: pageSize, before, ...(name === null ? {} : { name }) };
  const { jobs, next } = await app.jobs.list(listing);
  const counts = { waiting: 0, running: 0, dead: 0 };
  for (const each of await app.jobs.countsByName()) {
    counts.waiting += each.waiting + each.delayed;
    counts.running += each.running;
    counts.dead += each.dead;
  }
  const subjectOf = await subjectsOf(
    app,
    jobs.map(({ payload }) => payload),
  );
  const href: ListProps["href"] = (change) => addressOf(base, { state, name, ...change });
  return page(site, seen, {
    render: (shell) =>
      JobListPage({
        shell,
        base,
        state,
        name,
        names: [...knownJobs],
        jobs: jobs.map((job) => lineOf(job, subjectOf)),
        counts,
        further: next === null ? null : addressOf(base, { state, name, before: next }),
        first: before === null ? null : href({}),
        href,
        now: app.now(),
      }),
  });
}

function addressOf(base: string, asked: Record<string, string | null>): string {
  const given = Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== null);
  return `${base}/jobs?${new URLSearchParams(given)}`;
}
