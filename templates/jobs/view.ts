// What the job dashboard is given to show. Times in milliseconds.

export type Mood = "moves" | "behind" | "paused" | "stuck" | "unworked";

export type Waiting = {
  name: string;
  waiting: number;
  delayed: number;
  oldestDueAt: number | null;
  isPaused: boolean;
};

export type Place = {
  /** null while it has nothing to do. */
  job: {
    id: string;
    name: string;
    subject: string | null;
    since: number;
    progress: { done: number; total: number } | null;
  } | null;
  doneThisHour: number;
};

export type Crew = {
  host: string;
  pid: number;
  startedAt: number;
  memoryBytes: number;
  min: number;
  max: number;
  places: Place[];
};

export type JobLine = {
  id: string;
  name: string;
  subject: string | null;
  error: string | null;
  attempts: number;
  maxAttempts: number;
  /** `retrying`: failed, and tried again at `runAt`. */
  state: "waiting" | "running" | "done" | "dead" | "retrying";
  runAt: number;
  startedAt: number | null;
  finishedAt: number | null;
};

export type Turn = {
  name: string;
  everyMs: number;
  nextAt: number | null;
  lastAt: number | null;
  lastMs: number | null;
};

export type JobBoard = {
  mood: Mood;
  /** Everything is. */
  isPaused: boolean;
  waiting: Waiting[];
  /** How long the most overdue job has waited that may run. */
  longestWaitMs: number;
  crews: Crew[];
  busy: number;
  places: number;
  failed: JobLine[];
  /** For good: nobody tries these again of his own accord. */
  dead: number;
  done: JobLine[];
  lastDoneAt: number | null;
  turns: Turn[];
};

export type JobRuns = {
  period: { name: "1h" | "24h" | "7d"; words: string };
  steps: { at: number; done: number; failed: number }[];
  done: number;
  failed: number;
  /** Of one name. Times in milliseconds, null where nothing ran. */
  times: { name: string; median: number | null; slow: number | null; steps: TimesOfStep[] };
};

export type TimesOfStep = { median: number | null; slow: number | null };
