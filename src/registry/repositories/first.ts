// The repositories of an organization that is being set up: the first one may need a second try.
import type { App } from "../../app.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { listRepositories, type Repository } from "../../store/repositories/repositories.ts";
import { requestSync } from "../sync-requests.ts";
import { namedBy, plainAddress, userOfAddress } from "./addresses.ts";
import { changeRepository } from "./change.ts";
import type { GivenCredential } from "../credentials/credentials.ts";
import { moveRepository } from "./change-url.ts";
import { addRepository } from "./repositories.ts";

type FirstRequest = { url: string; credential: GivenCredential | null; actor: string };

/** The organization's oldest repository; null while it has none. */
export async function findFirstRepository({ db }: App, { id }: Organization): Promise<Repository | null> {
  const [first] = (await listRepositories(db, id)).toSorted((a, b) => a.created_at - b.created_at);
  return first ?? null;
}

/**
 * Adds a repository and requests its sync. The first one gets another URL or credential while it has published nothing;
 * a later one of the same host uses the first one's credential, unless it has its own.
 */
export async function putRepository(
  app: App,
  organization: Organization,
  request: FirstRequest,
): Promise<void> {
  const url = request.url.trim();
  const first = await findFirstRepository(app, organization);
  if (first?.state === "failed" && first.last_proven_fresh_at === null)
    return repair(app, { organization, repository: first }, { ...request, url });
  const isSameHost = first && URL.parse(plainAddress(url))?.host === URL.parse(first.url)?.host;
  const shared =
    isSameHost && first.credential_id ? { kind: "stored" as const, id: first.credential_id } : null;
  const { repository } = await addRepository(app, organization, {
    url,
    name: null,
    provider: null,
    credential: request.credential ?? shared,
    allowLocal: false,
    actor: request.actor,
  });
  await requestSync(app, repository, { reason: "added" });
}

type Broken = { organization: Organization; repository: Repository };

async function repair(app: App, broken: Broken, request: FirstRequest): Promise<void> {
  const { repository } = broken;
  const { url, credential, actor } = request;
  if (plainAddress(url) !== repository.url) {
    await moveRepository(app, broken, request);
    return;
  }
  const input = namedBy(userOfAddress(url), credential) ?? ("keep" as const);
  await changeRepository(app, broken, { change: { name: repository.name, credential: input }, actor });
  if (credential === null) await requestSync(app, repository, { reason: actor });
}
