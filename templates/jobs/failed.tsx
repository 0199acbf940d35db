// Jobs that failed: red when the queue does not try them again, amber when it does.
import type { JobLine } from "../../src/registry/jobs/view.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button, ButtonLink } from "../parts/button.tsx";
import { State } from "../parts/state.tsx";
import { Cell, Row, RowActions, Table } from "../parts/table.tsx";
import { SubjectName } from "./tables.tsx";
import { relative, Time } from "../parts/time.tsx";

type FailedProps = { jobs: JobLine[]; base: string; now: number };

/** `end` is at the right of the head: what can be done with all failed jobs. */
export function FailedTable({ jobs, base, now, end }: FailedProps & { end?: Child }) {
  return (
    <Table
      label="Failed"
      rows={33}
      columns={[
        { title: "Failed", heading: true },
        { title: "Subject", from: "tablet" },
        { title: "Reason" },
        { title: "Attempts", from: "desktop" },
        { title: "When", from: "tablet" },
        end === undefined
          ? { title: "Details and retry", hiddenTitle: true }
          : { title: end, end: true, keeps: true },
      ]}
    >
      {jobs.map((job) => (
        <Row id={`job-${job.id}`}>
          <Cell at="name" mono tight>
            <State kind={job.state === "retrying" ? "waiting" : "failed"}>{job.name}</State>
          </Cell>
          <Cell from="tablet" shrinks>
            <SubjectName job={job} linked />
          </Cell>
          <Cell at="state" grows breaks>
            {job.subject === null ? null : (
              <div class="until-tablet">
                <SubjectName job={job} linked />
              </div>
            )}
            {reasonOf(job.error)}
          </Cell>
          <Cell small tight from="desktop">
            {attemptsOf(job, now)}
          </Cell>
          <Cell at="note" tight small>
            <Time at={job.finishedAt ?? job.startedAt} now={now} />
          </Cell>
          <Cell at="figure" end tight>
            <RowActions>
              <ButtonLink variant="quiet" small href={`${base}/jobs/${job.id}`}>
                Details
              </ButtonLink>
              <form method="post" action={`${base}/jobs/${job.id}/retry`}>
                <Button variant="wanted" small>
                  Retry
                </Button>
              </form>
            </RowActions>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

/** What can be done with every failed job. */
export function WithAll({ base }: { base: string }) {
  return (
    <div class="named">
      <ButtonLink variant="quiet" small destroys href={`${base}/forget-all`}>
        Forget all
      </ButtonLink>
      <form method="post" action={`${base}/retry-all`}>
        <Button variant="wanted" small>
          Retry all
        </Button>
      </form>
    </div>
  );
}

/** "3 of 5, next in 4 min"; a job whose work failed has no further attempts. */
export function attemptsOf({ attempts, maxAttempts, state, runAt }: JobLine, now: number): string {
  if (state === "failed") return String(attempts);
  const made = `${attempts} of ${maxAttempts}`;
  if (state !== "retrying") return made;
  return `${made}, next ${runAt <= now ? "now" : relative(runAt, now)}`;
}

const longestReason = 160;

/** The first line of an error. The page of the job shows all of it. */
function reasonOf(error: string | null): string {
  const [line = ""] = (error ?? "").split("\n");
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line;
}
