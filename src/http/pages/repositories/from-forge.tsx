// Repositories → Add → From a forge: choose from the repositories that an account of the organization can read.
import { paths } from "../../../../templates/paths.ts";
import { ForgeList, type ForgeListProps } from "../../../../templates/repositories/forge-list.tsx";
import { FromForgePage } from "../../../../templates/repositories/from-forge.tsx";
import type { App } from "../../../app.ts";
import { Failure } from "../../../errors.ts";
import {
  addFromForge,
  mirroredOf,
  repositoriesAtOnce,
  type Outcome,
} from "../../../registry/repositories/add-many.ts";
import { nameOfCredential } from "../../../registry/names.ts";
import { askForge } from "../../../registry/forges/access.ts";
import {
  findCredential,
  listForgeCredentials,
  type Credential,
} from "../../../store/repositories/credentials.ts";
import type { Organization } from "../../../store/organizations/organizations.ts";
import type { Query } from "../list-query.ts";
import { routesOf } from "../../access.ts";
import { html, statusOf, wantsPart } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";
import { addedPage, type Outcome as ShownOutcome } from "./added.tsx";

const path = "/organizations/:slug/repositories/new/from-forge";

type Choice = ForgeListProps["query"];

export function fromForgePages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "from-forge")
    .get(
      path,
      async ({ context, request, membership, query }) => {
        const choice = choiceIn(query);
        if (wantsPart(request)) {
          const credential = await chosenCredential(app, membership.organization, choice.credential);
          if (credential) return html(ForgeList(await listOf(app, { membership, credential, choice })).html);
        }
        return chooserPage(setup, context, { choice });
      },
      { member: "admin" },
    )
    .post(
      path,
      async ({ context, membership, body, actor }) => {
        const { organization } = membership;
        const form = fields(body, ["credential", "owner", "q", "page", "paths[]"]);
        const { paths: chosenPaths, ...choice } = form;
        const credential = await chosenCredential(app, organization, choice.credential);
        if (!credential) return chooserPage(setup, context, { choice });
        const outcomes = await orFailure(() =>
          addFromForge(app, organization, { credential, paths: chosenPaths, actor }),
        );
        if (outcomes instanceof Failure) return chooserPage(setup, context, { choice, failure: outcomes });
        const shownOutcomes = outcomes.map((outcome) => shownOf(credential, outcome));
        return addedPage(setup, context, { outcomes: shownOutcomes, credential: credential.id });
      },
      { member: "admin" },
    );
}

async function chooserPage(
  setup: PageSetup,
  context: OrganizationPage,
  { choice, failure }: { choice: Choice; failure?: Failure },
): Promise<Response> {
  const { app } = setup;
  const { membership } = context;
  const { organization } = membership;
  const accounts = await listForgeCredentials(app.db, organization.id);
  const credential = await chosenCredential(app, organization, choice.credential || (accounts[0]?.id ?? ""));
  const found = credential && (await ownersAndList(app, { membership, credential, choice }));
  const problem = failure ? problemOf(failure) : (found?.list.problem ?? null);
  return page(setup, context, {
    status: failure ? statusOf[failure.kind] : 200,
    render: (shell) =>
      FromForgePage({
        shell,
        base: paths.repositories(organization.slug),
        connect: paths.connectForge(organization.slug),
        accounts: accounts.map((each) => ({ id: each.id, text: nameOfCredential(each) })),
        owners: found?.owners ?? null,
        list: found && { ...found.list, problem },
      }),
  });
}

type Listing = { membership: OrganizationPage["membership"]; credential: Credential; choice: Choice };

/** Bitbucket lists nothing without an owner, so that the first one is taken; the others are asked at once. */
async function ownersAndList(app: App, { membership, credential, choice }: Listing) {
  const own = { ...choice, credential: credential.id };
  const asking = ownersOf(app, credential);
  if (credential.provider !== "bitbucket" || own.owner !== "") {
    const [owners, list] = await Promise.all([asking, listOf(app, { membership, credential, choice: own })]);
    return { owners, list };
  }
  const owners = await asking;
  const owner = owners?.[0]?.id ?? "";
  return { owners, list: await listOf(app, { membership, credential, choice: { ...own, owner } }) };
}

/** Null when the forge does not tell; then they are typed. */
async function ownersOf(app: App, credential: Credential) {
  try {
    const owners = await askForge(app, credential, (forge, access) => forge.listOwners(access));
    return owners.map(({ path: id, name }) => ({ id, text: name === id ? id : `${id} (${name})` }));
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

/** Shows the forge's error in place of the list. */
async function listOf(app: App, { membership, credential, choice }: Listing): Promise<ForgeListProps> {
  const { organization } = membership;
  const props = {
    here: paths.fromForge(organization.slug),
    query: { ...choice, credential: credential.id },
    needsOwner: credential.provider === "bitbucket",
    atOnce: repositoriesAtOnce,
    now: app.now(),
  };
  try {
    const filter = { owner: choice.owner || null, search: choice.q, page: choice.page || null };
    const found = await askForge(app, credential, (forge, access) => forge.listRepositories(access, filter));
    const shownPaths = found.items.map((each) => each.path);
    const mirrored = await mirroredOf(app, organization, {
      origin: credential.origin ?? "",
      paths: shownPaths,
    });
    const lines = found.items.map(({ path: at, ...item }) => {
      const name = mirrored.get(at);
      const href = paths.repository(organization.slug, name ?? "");
      return { ...item, path: at, mirrored: name === undefined ? null : { name, href } };
    });
    return { ...props, lines, next: found.next, problem: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...props, lines: [], next: null, problem: problemOf(error) };
  }
}

async function chosenCredential(
  app: App,
  { id: organizationId }: Organization,
  id: string,
): Promise<Credential | null> {
  const credential = id === "" ? null : await findCredential(app.db, organizationId, id);
  return credential?.provider == null ? null : credential;
}

function shownOf({ origin }: Credential, outcome: Outcome): ShownOutcome {
  const { path: url } = outcome;
  if (outcome.kind === "added") return { kind: "added", id: outcome.repository.id, key: null };
  if (outcome.kind === "known") return { kind: "known", url, name: outcome.repository.name };
  const { message } = problemOf(outcome.failure);
  return { kind: "refused", url, again: `${origin}/${url}.git`, message };
}

function choiceIn(query: Query): Choice {
  const text = (name: string) => (query[name] ?? "").trim().slice(0, 500);
  return { credential: text("credential"), owner: text("owner"), q: text("q"), page: text("page") };
}
