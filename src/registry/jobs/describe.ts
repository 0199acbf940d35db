// What jobs are about, as text with a link: the repository, the package, the progress.
import type { App } from "../../app.ts";
import type { JobSearch } from "../../jobs/queue.ts";
import {
  type JobRepository,
  listJobOrganizations,
  listJobRepositories,
  listRepositoryIdsNamed,
  listSyncProgress,
} from "../../store/jobs/subjects.ts";

/** `words` is null for a job about nothing in particular; `href` is null where it has no page. */
export type JobDescription = { text: string | null; href: string | null };
type Progress = { done: number; total: number };
type Payload = Record<string, unknown>;

/** Looks up all jobs with one query per kind. */
export async function describeJobs(
  { db }: App,
  payloads: Payload[],
): Promise<(payload: Payload) => JobDescription> {
  const ids = (name: string) => [...new Set(payloads.map((each) => textIn(each, name)).filter(isText))];
  const repositories = await listJobRepositories(db, ids("repositoryId"));
  const organizations = await listJobOrganizations(db, ids("organizationId"));
  return (payload) => {
    const id = repositoryIn(payload);
    if (id !== null) return ofRepository(repositories.find((each) => each.id === id));
    const packageName = textIn(payload, "packageName");
    if (packageName === null) return { text: null, href: null };
    const reference = textIn(payload, "reference")?.slice(0, 7);
    const slug = organizations.find((each) => each.id === payload["organizationId"])?.slug;
    return {
      text: reference ? `${packageName} ${reference}` : packageName,
      href: slug ? `/organizations/${slug}/packages/${packageName}` : null,
    };
  };
}

function ofRepository(found: JobRepository | undefined): JobDescription {
  if (!found) return { text: "a repository that is gone", href: null };
  const { slug, name } = found;
  const href = `/organizations/${slug}/repositories/${encodeURIComponent(name)}`;
  return { text: `${slug}/${name}`, href };
}

/** The search terms for jobs: the text, and the repositories whose name or package contains it. */
export async function searchFor({ db }: App, search: string): Promise<JobSearch | null> {
  const text = search.trim().slice(0, maxSearchLength);
  if (text === "") return null;
  return { text, ids: await listRepositoryIdsNamed(db, text, maxNamed) };
}

const maxSearchLength = 100;
const maxNamed = 100;

/** The progress of the syncs of these running jobs; `since` is when the first of them started. */
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

const isText = (value: string | null) => value !== null;
const repositoryIn = (payload: Payload) => textIn(payload, "repositoryId");

function textIn(payload: Payload, name: string): string | null {
  const value = payload[name];
  return typeof value === "string" && value !== "" ? value : null;
}
