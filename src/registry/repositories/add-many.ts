// Adding many repositories of a forge at once, with the organization's account there. The forge is not asked again:
// what it listed a moment ago is added, and each first sync shows whether it works.
import type { App } from "../../app.ts";
import { Failure, invalid } from "../../errors.ts";
import type { Credential } from "../../store/repositories/credentials.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { listRepositoriesAt, type Repository } from "../../store/repositories/repositories.ts";
import { requestSync } from "../sync-requests.ts";
import { addRepository } from "./repositories.ts";

export const repositoriesAtOnce = 100;

/** The result for one path: its repository, or why it was not added. */
export type Outcome = { path: string } & (
  | { kind: "added"; repository: Repository }
  | { kind: "known"; repository: Pick<Repository, "name"> }
  | { kind: "refused"; failure: Failure }
);

/** Adds them one by one; a refused one does not stop the others. Fails as `invalid` for none or too many. */
export async function addFromForge(
  app: App,
  organization: Organization,
  { credential, paths, actor }: { credential: Credential; paths: string[]; actor: string },
): Promise<Outcome[]> {
  const wanted = [...new Set(paths)];
  if (wanted.length === 0) throw invalid("Choose at least one repository.", { field: "paths" });
  if (wanted.length > repositoriesAtOnce)
    throw invalid(`${wanted.length} repositories are too many. The limit is ${repositoriesAtOnce} at once.`, {
      field: "paths",
    });
  const mirrored = await mirroredOf(app, organization, { origin: credential.origin ?? "", paths: wanted });
  const outcomes: Outcome[] = [];
  for (const path of wanted) {
    const known = mirrored.get(path);
    outcomes.push(
      known === undefined
        ? await addOne(app, organization, { credential, path, actor })
        : { path, kind: "known", repository: { name: known } },
    );
  }
  return outcomes;
}

/** The names of repositories that are mirrored already, over HTTPS or SSH, by their path at the forge. */
export async function mirroredOf(
  app: App,
  organization: Organization,
  { origin, paths }: { origin: string; paths: string[] },
): Promise<Map<string, string>> {
  const pathOf = new Map(paths.flatMap((path) => addressesOf(origin, path).map((url) => [url, path])));
  const found = await listRepositoriesAt(app.db, organization.id, [...pathOf.keys()]);
  return new Map(
    found.flatMap(({ name, url, moved_to: movedTo }) =>
      [url, movedTo ?? ""].flatMap((each) => {
        const path = pathOf.get(each);
        return path === undefined ? [] : [[path, name] as const];
      }),
    ),
  );
}

function addressesOf(origin: string, path: string): string[] {
  const { hostname } = new URL(origin);
  const overSsh = ["", "ssh.", "altssh."].flatMap((prefix) => {
    const host = prefix + hostname;
    return [`git@${host}:${path}`, `ssh://git@${host}/${path}`, `ssh://git@${host}:443/${path}`];
  });
  const both = [`${origin}/${path}`, ...overSsh];
  return both.flatMap((url) => [`${url}.git`, url]);
}

type One = { credential: Credential; path: string; actor: string };

async function addOne(app: App, organization: Organization, one: One): Promise<Outcome> {
  const { path, actor } = one;
  try {
    if (!/^[\w.-]+(\/[\w.-]+)+$/.test(path) || /(^|\/)\.\.?(\/|$)/.test(path) || path.length > 500)
      throw invalid("This is not the path of a repository.", { code: "path_invalid" });
    const repository = await addNamed(app, organization, { ...one, name: null }).catch((error: unknown) => {
      // Two owners may have a repository of the same name: the second one is named by its whole path.
      if (!(error instanceof Failure) || (error.code !== "name_taken" && error.field !== "name")) throw error;
      return addNamed(app, organization, { ...one, name: path });
    });
    await requestSync(app, repository, { actor });
    return { path, kind: "added", repository };
  } catch (error) {
    if (!(error instanceof Failure) || !["invalid", "conflict"].includes(error.kind)) throw error;
    return { path, kind: "refused", failure: error };
  }
}

async function addNamed(
  app: App,
  organization: Organization,
  { credential, path, name, actor }: One & { name: string | null },
): Promise<Repository> {
  const { repository } = await addRepository(app, organization, {
    url: `${credential.origin}/${path}.git`,
    name,
    provider: null,
    credential: { kind: "stored", id: credential.id },
    allowLocal: false,
    actor,
  });
  return repository;
}
