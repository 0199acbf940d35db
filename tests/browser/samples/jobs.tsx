import { JobsPage } from "../../../templates/jobs/board.tsx";
import type { JobBoard, JobLine, JobRuns } from "../../../src/registry/jobs/view.ts";
import type { Assets } from "../../../templates/frame/layout.tsx";
import { minute, now, shellOf } from "./shell.ts";

const second = 1000;

const steps = Array.from({ length: 60 }, (_, index) => ({
  at: now - (59 - index) * minute,
  done: Math.round(45 + 25 * Math.sin(index / 9)),
  failed: index === 42 ? 9 : 0,
}));

const runs: JobRuns = {
  period: { name: "1h", text: "the last hour" },
  steps,
  done: 2837,
  failed: 9,
  byName: [
    { name: "sync-repository", done: 2812, failed: 9, median: 460, slow: 1920 },
    { name: "send-mails", done: 25, failed: 0, median: 46, slow: 120 },
  ],
  times: {
    name: "sync-repository",
    median: 460,
    slow: 1920,
    steps: steps.map((_, index) => ({
      median: 450 + 100 * Math.sin(index / 5),
      slow: index === 20 ? null : index > 40 && index < 46 ? 4100 : 1900,
    })),
  },
};

const job = (change: Partial<JobLine>): JobLine => ({
  id: "1",
  name: "sync-repository",
  subject: "acme/reporting",
  href: "/organizations/acme/repositories/reporting",
  error: null,
  attempts: 5,
  maxAttempts: 5,
  state: "dead",
  runAt: now,
  startedAt: now - 31 * minute,
  finishedAt: now - 31 * minute,
  ...change,
});

const place = (name: string, subject: string, forMs: number, doneThisHour: number) => ({
  job: { id: name, name, subject, since: now - forMs, progress: null },
  doneThisHour,
});

const board: JobBoard = {
  state: "moves",
  pause: null,
  waiting: (
    [
      ["sync-repository", 18, 4200],
      ["repair-archive", 2, 100],
      ["send-mails", 0, null],
    ] as const
  ).map(([name, waiting, waits]) => ({
    name,
    waiting,
    delayed: waiting === 2 ? 3 : 0,
    running: 0,
    failed: 0,
    dead: 0,
    oldestDueAt: waits === null ? null : now - waits,
    pause: name === "send-mails" ? { at: now - minute, by: { kind: "person", name: "Ann Otto" } } : null,
  })),
  longestWaitMs: 4200,
  processes: [
    {
      host: "registry-1",
      pid: 4172,
      startedAt: now - 9 * 24 * 60 * minute,
      memoryBytes: 212 * 1024 * 1024,
      min: 2,
      max: 4,
      slots: [
        {
          ...place("sync-repository", "acme/data-sync", 8 * second, 722),
          job: {
            id: "1",
            name: "sync-repository",
            subject: "acme/data-sync",
            since: now - 8 * second,
            progress: { done: 42, total: 200 },
          },
        },
        place("repair-archive", "acme/ui-kit 0123456", second, 695),
        place("sync-repository", "platform/enterprise-resource-planning-connector", 22 * second, 718),
        { job: null, doneThisHour: 0 },
      ],
    },
  ],
  busy: 3,
  slots: 4,
  failed: [
    job({ error: "gitlab.acme.example refused the credential (401)." }),
    job({
      id: "2",
      name: "repair-archive",
      subject: "acme/enterprise-resource-planning-connector-bundle abcdef0",
      error: "Archive is 212 MB, the limit is 200 MB.",
    }),
    job({ id: "5", subject: "acme/billing", state: "failed", attempts: 1, error: "It has no branches." }),
    job({
      id: "3",
      name: "send-mails",
      href: null,
      subject: null,
      state: "retrying",
      attempts: 2,
      error: "SMTP 421: try again later",
      runAt: now + 4 * minute,
      finishedAt: null,
    }),
  ],
  dead: 2,
  unsuccessful: 3,
  done: [job({ id: "4", state: "done", attempts: 1, startedAt: now - 1400, finishedAt: now - second })],
  lastDoneAt: now - second,
  schedule: [
    { name: "poll-repositories", everyMs: 15_000, nextAt: now + 6000, lastAt: now - 9000, lastMs: 800 },
    { name: "prune", everyMs: 6 * 60 * minute, nextAt: null, lastAt: null, lastMs: null },
  ],
};

export function Jobs({ asset }: { asset: Assets }) {
  return JobsPage({
    shell: shellOf(asset),
    board,
    runs,
    base: "/horizon",
    href: () => "#",
    showsTimetable: false,
    now,
  });
}
