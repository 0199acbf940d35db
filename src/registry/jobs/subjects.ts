// What each of some jobs is about, in words: the repository, the package, how far it is.
import type { App } from "../../app.ts";
import { listJobRepositories, listSyncProgress } from "../../store/job-subjects.ts";

/** Null where a job is about nothing in particular. */
export type Subject = string | null;
export type Progress = { done: number; total: number };
type Payload = Record<string, unknown>;

/** One look-up for all of them. */
export async function subjectsOf({ db }: App, payloads: Payload[]): Promise<(payload: Payload) => Subject> {
  const ids = new Set(payloads.map(repositoryIn).filter((id) => id !== null));
  const repositories = await listJobRepositories(db, [...ids]);
  const names = new Map(repositories.map(({ id, slug, name }) => [id, `${slug}/${name}`]));
  return (payload) => {
    const id = repositoryIn(payload);
    if (id !== null) return names.get(id) ?? "a repository that is gone";
    const packageName = textIn(payload, "packageName");
    const reference = textIn(payload, "reference");
    return packageName && reference ? `${packageName} ${reference.slice(0, 7)}` : packageName;
  };
}

/** How far the syncs of these running jobs are; `since` is when the first of them began. */
export async function progressOf(
  { db }: App,
  since: number | null,
): Promise<(payload: Payload) => Progress | null> {
  const running = since === null ? [] : await listSyncProgress(db, since);
  const known = new Map(running.map((each) => [each.repository_id, each]));
  return (payload) => {
    const sync = known.get(repositoryIn(payload) ?? "");
    return sync && sync.refs_total > 0 ? { done: sync.refs_done, total: sync.refs_total } : null;
  };
}

const repositoryIn = (payload: Payload) => textIn(payload, "repositoryId");

function textIn(payload: Payload, name: string): string | null {
  const value = payload[name];
  return typeof value === "string" && value !== "" ? value : null;
}
