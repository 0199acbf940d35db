// What a person does with jobs. The queue may stand elsewhere than the record, so the record is written right after.
import type { App } from "../../app.ts";
import { notFound } from "../../errors.ts";
import type { StoredJob } from "../../jobs/queue.ts";
import { addActivity, type Activity, type InstanceAction } from "../../store/organizations/activity.ts";
import { jobNamed } from "./board.ts";

/** `notFound` for a job that is not there. */
export async function getJob({ jobs }: App, id: string): Promise<StoredJob> {
  const job = /^[\w-]{1,64}$/.test(id) ? await jobs.find(id) : null;
  if (!job) throw notFound("This job is gone: it was done a while ago, or somebody has forgotten it.");
  return job;
}

/** `notFound` for one that has not failed. Answers its name. */
export async function retryJob(app: App, id: string, actor: string): Promise<string> {
  const { name } = await getJob(app, id);
  await app.jobs.retry(id);
  await record(app, { actor, action: "job.retried", subject: name, details: { id } });
  return name;
}

/** Every job that failed; answers how many. */
export async function retryAllJobs(app: App, actor: string): Promise<number> {
  const count = await app.jobs.retryAll();
  if (count > 0) await record(app, { actor, action: "job.all_retried", subject: "all", details: { count } });
  return count;
}

/** Every job that failed; answers how many. */
export async function forgetAllJobs(app: App, actor: string): Promise<number> {
  const count = await app.jobs.forgetAll();
  if (count > 0)
    await record(app, { actor, action: "job.all_forgotten", subject: "all", details: { count } });
  return count;
}

/** `notFound` for one that has not failed. Answers its name. */
export async function forgetJob(app: App, id: string, actor: string): Promise<string> {
  const { name, error } = await getJob(app, id);
  await app.jobs.forget(id);
  await record(app, { actor, action: "job.forgotten", subject: name, details: { id, error } });
  return name;
}

/** Jobs of a name, or all with an empty one. `invalid` for a name that no job has. */
export async function setJobsPaused(
  app: App,
  { name, isPaused }: { name: string; isPaused: boolean },
  actor: string,
): Promise<void> {
  await app.jobs.setPaused(name === "" ? null : jobNamed(name), isPaused, actor);
  const action = isPaused ? "job.paused" : "job.resumed";
  await record(app, { actor, action, subject: name || "all" });
}

type JobActivity = Pick<Activity, "actor" | "subject" | "details"> & { action: InstanceAction };

async function record(app: App, activity: JobActivity): Promise<void> {
  await addActivity(app.db, { ...activity, organizationId: null, now: app.now() });
  const { action, actor, subject, details } = activity;
  app.log.info(action, { actor, subject, ...details });
}
