// Actions of people on jobs. The queue may be in Redis, so the activity is recorded right after the action.
import type { App } from "../../app.ts";
import { notFound } from "../../errors.ts";
import type { StoredJob } from "../../jobs/queue.ts";
import { addActivity, type Activity, type InstanceAction } from "../../store/organizations/activity.ts";
import { jobNamed } from "./board.ts";

/** Fails as `notFound` for a job that does not exist. */
export async function getJob({ jobs }: App, id: string): Promise<StoredJob> {
  const job = /^[\w-]{1,64}$/.test(id) ? await jobs.find(id) : null;
  if (!job) throw notFound("This job no longer exists. It finished a while ago, or someone removed it.");
  return job;
}

/** Fails as `notFound` for a job that has not failed. Returns its name. */
export async function retryJob(app: App, id: string, actor: string): Promise<string> {
  const { name } = await getJob(app, id);
  await app.jobs.retry(id);
  await record(app, { actor, action: "job.retried", subject: name, details: { id } });
  return name;
}

/** Applies to every failed job; returns how many there were. */
export async function retryAllJobs(app: App, actor: string): Promise<number> {
  const count = await app.jobs.retryAll();
  if (count > 0) await record(app, { actor, action: "job.all_retried", subject: "all", details: { count } });
  return count;
}

/** Applies to every failed job; returns how many there were. */
export async function forgetAllJobs(app: App, actor: string): Promise<number> {
  const count = await app.jobs.forgetAll();
  if (count > 0)
    await record(app, { actor, action: "job.all_forgotten", subject: "all", details: { count } });
  return count;
}

/** Fails as `notFound` for a job that has not failed. Returns its name. */
export async function forgetJob(app: App, id: string, actor: string): Promise<string> {
  const { name, error } = await getJob(app, id);
  await app.jobs.forget(id);
  await record(app, { actor, action: "job.forgotten", subject: name, details: { id, error } });
  return name;
}

/** Pauses or resumes the jobs of a name, or all jobs for an empty one. Fails as `invalid` for an unknown name. */
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
