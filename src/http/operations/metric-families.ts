// The figures as metric families. No label has a value that a stranger can make up, and none the name of a
// package, a repository or a person.
import { heapStats } from "bun:jsc";
import { Counter, Gauge, Registry } from "prom-client";
import packageJson from "../../../package.json" with { type: "json" };
import type { JobMetrics } from "../../registry/jobs/metrics.ts";
import type { CacheFigures } from "../composer/document-cache.ts";

export type Figures = JobMetrics & {
  requests: { kind: string; status: number; count: number }[];
  cache: CacheFigures;
};

type Sample = { value: number | null; labels?: Record<string, string> };

/** Makes every metric anew: the counts are kept elsewhere. */
export async function describe(figures: Figures): Promise<{ text: string; contentType: string }> {
  const registry = new Registry();
  const options = (name: string, help: string, samples: Sample[]) => ({
    name,
    help,
    labelNames: Object.keys(samples[0]?.labels ?? {}),
    registers: [registry],
  });
  const gauge = (name: string, help: string, samples: Sample[]) => {
    const metric = new Gauge(options(name, help, samples));
    for (const { labels = {}, value } of samples) if (value !== null) metric.set(labels, value);
  };
  const counter = (name: string, help: string, samples: Sample[]) => {
    const metric = new Counter(options(name, help, samples));
    for (const { labels = {}, value } of samples) if (value !== null) metric.inc(labels, value);
  };
  for (const add of [requests, queue, registryOf, backups, machine, heap]) add(figures, { gauge, counter });
  return { text: await registry.metrics(), contentType: registry.contentType };
}

type Add = (name: string, help: string, samples: Sample[]) => void;
type Adds = { gauge: Add; counter: Add };

function requests({ requests, cache }: Figures, { gauge, counter }: Adds): void {
  counter(
    "pricore_http_requests_total",
    "Requests answered by this process, by kind of address and status.",
    requests.map(({ kind, status, count }) => ({ labels: { kind, status: String(status) }, value: count })),
  );
  counter("pricore_document_cache_requests_total", "Documents that were in memory, and that were not.", [
    { labels: { result: "hit" }, value: cache.hits },
    { labels: { result: "miss" }, value: cache.misses },
  ]);
  gauge("pricore_document_cache_bytes", "Bytes of documents in memory.", [{ value: cache.bytes }]);
}

function queue({ queue, totals, runTimes, workers, now }: Figures, { gauge, counter }: Adds): void {
  gauge("pricore_queue_up", "Whether the queue answers.", [{ value: queue === null ? 0 : 1 }]);
  gauge("pricore_queue_paused", "Whether a person has paused everything.", [
    { value: queue === null ? null : Number(queue.isPaused) },
  ]);
  const counts = queue?.counts ?? [];
  gauge(
    "pricore_queue_jobs",
    "Jobs in the queue, by name and state.",
    counts.flatMap((each) =>
      (["waiting", "delayed", "running", "failed", "dead"] as const).map((state) => ({
        labels: { name: each.name, state },
        value: each[state],
      })),
    ),
  );
  gauge(
    "pricore_queue_oldest_due_seconds",
    "For how long the most overdue job has been due, by name.",
    counts.map(({ name, oldestDueAt }) => ({
      labels: { name },
      value: oldestDueAt === null ? 0 : Math.max(0, now - oldestDueAt) / 1000,
    })),
  );
  counter(
    "pricore_jobs_total",
    "Runs of jobs that ended, by name and outcome, of all processes.",
    totals.flatMap(({ name, done, failed }) => [
      { labels: { name, outcome: "done" }, value: done },
      { labels: { name, outcome: "failed" }, value: failed },
    ]),
  );
  counter(
    "pricore_job_run_seconds_total",
    "Seconds that runs of jobs took, by name, of all processes.",
    totals.map(({ name, run_ms }) => ({ labels: { name }, value: run_ms / 1000 })),
  );
  gauge(
    "pricore_job_run_seconds",
    "How long runs of the last hour took, by name.",
    runTimes.map(({ name, share, ms }) => ({ labels: { name, quantile: String(share) }, value: ms / 1000 })),
  );
  gauge("pricore_workers", "Jobs that can run at once now, busy and idle, of all processes.", [
    { labels: { state: "busy" }, value: workers.busy },
    { labels: { state: "idle" }, value: workers.idle },
  ]);
}

function registryOf({ syncs, repositories, oldestProofMs }: Figures, { gauge }: Adds): void {
  gauge(
    "pricore_syncs_last_day",
    "Syncs that began in the last day, by outcome.",
    syncs.map(({ outcome, count }) => ({ labels: { outcome }, value: count })),
  );
  gauge(
    "pricore_repositories",
    "Repositories, by state.",
    repositories.map(({ state, count }) => ({ labels: { state }, value: count })),
  );
  gauge(
    "pricore_freshness_oldest_seconds",
    "Time since the last successful check of the repository that was checked longest ago.",
    [{ value: oldestProofMs === null ? null : oldestProofMs / 1000 }],
  );
}

/** Without a value before the first one. */
function backups({ lastBackupAt, lastRehearsalAt }: Figures, { gauge }: Adds): void {
  const seconds = (at: number | null) => [{ value: at === null ? null : at / 1000 }];
  gauge("pricore_backup_last_success_seconds", "When the last backup was made.", seconds(lastBackupAt));
  gauge(
    "pricore_rehearsal_last_success_seconds",
    "When a backup was last restored on trial.",
    seconds(lastRehearsalAt),
  );
}

function machine({ databaseBytes, disk, now }: Figures, { gauge, counter }: Adds): void {
  const { user, system } = process.cpuUsage();
  gauge("pricore_database_bytes", "Size of the database.", [{ value: databaseBytes }]);
  gauge("pricore_disk_free_bytes", "Free space where the data directory is.", [{ value: disk.free }]);
  gauge("pricore_disk_size_bytes", "Size of the disk where the data directory is.", [{ value: disk.size }]);
  gauge("pricore_info", "The running version.", [{ labels: { version: packageJson.version }, value: 1 }]);
  counter("process_cpu_seconds_total", "Processor time of this process.", [{ value: (user + system) / 1e6 }]);
  gauge("process_resident_memory_bytes", "Memory of this process.", [{ value: process.memoryUsage.rss() }]);
  gauge("process_start_time_seconds", "When this process was started.", [
    { value: Math.round(now / 1000 - process.uptime()) },
  ]);
}

const typesNamed = 20;

/** Shows what holds memory: a figure that only ever grows is a leak. */
function heap(_: Figures, { gauge }: Adds): void {
  // Otherwise garbage is counted as well.
  Bun.gc(true);
  const { heapSize, heapCapacity, extraMemorySize, objectCount, objectTypeCounts } = heapStats();
  gauge("pricore_heap_bytes", "Memory of this process's objects, and what they hold outside the heap.", [
    { labels: { part: "objects" }, value: heapSize },
    { labels: { part: "capacity" }, value: heapCapacity },
    { labels: { part: "outside" }, value: extraMemorySize },
  ]);
  gauge("pricore_heap_objects", "Objects of this process.", [{ value: objectCount }]);
  const types = Object.entries(objectTypeCounts).toSorted(([, a], [, b]) => b - a);
  gauge(
    "pricore_heap_objects_of_type",
    "Objects of this process, of the most frequent types.",
    types.slice(0, typesNamed).map(([type, value]) => ({ labels: { type }, value })),
  );
}
