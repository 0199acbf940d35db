// Why is my version not here? The chain from the forge to the client, and where it broke.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { findDocument, findDocumentState } from "../../store/documents.ts";
import type { Organization } from "../../store/organizations.ts";
import { findPackage } from "../../store/packages.ts";
import { listRefs } from "../../store/refs.ts";
import { listRepositories } from "../../store/repositories.ts";
import type { Token } from "../../store/tokens.ts";
import { findVersionById, listVersions, type VersionWithDist } from "../../store/versions.ts";
import { wordedNotes, type WordedNote } from "../packages/notes.ts";
import { heldElsewhere, refFor, repositoryOf } from "./refs.ts";
import {
  failed,
  notReached,
  ok,
  syncCommand,
  timeText,
  waiting,
  type Context,
  type Found,
  type Step,
} from "./step.ts";
import { lookAtVisibility } from "./token.ts";
import { lookAtDelivery, lookAtSignature, lookAtWebhook, webhookOf, type Told } from "./webhook.ts";

export type { Act, Step } from "./step.ts";

export type Explanation = {
  package: string;
  version: string | null;
  steps: Step[];
  /** What was left out of the version, or is not as its author wrote it. */
  notes: WordedNote[];
};
export type Question = { name: string; version: string | null; token?: Token | null };

/**
 * Steps after the first one that stopped it are `unknown`. The three of the webhook stop nothing: polling finds what it
 * does not tell. Without a version it explains the package.
 */
export async function explain(
  app: App,
  organization: Organization,
  question: Question,
): Promise<Explanation> {
  const { name, version } = question;
  const context = await contextOf(app, organization, question);
  const told = await webhookOf(context);
  const steps: Step[] = [];
  let isStopped = false;
  const add = async (step: Step["step"], look: () => Found | Promise<Found>) => {
    const found = isStopped ? notReached : await look();
    isStopped ||= found.state !== "ok";
    steps.push({ step, ...found });
  };
  await add("repository", () => lookAtRepository(context));
  const beside = (step: Step["step"], found: Found) =>
    steps.push({ step, ...(context.repository ? found : notReached) });
  beside("webhook", lookAtWebhook(context, told));
  beside("delivery", lookAtDelivery(context, told));
  beside("signature", lookAtSignature(context, told));
  await add("ref", () => lookAtRef(context, told));
  await add("manifest", () => lookAtManifest(context));
  await add("archive", () => lookAtArchive(context));
  await add("published", () => lookAtDocument(context));
  await add("visible", () => lookAtVisibility(context));
  const notes = version === null ? [] : wordedNotes(context.published?.notes ?? null);
  return { package: name, version, steps, notes };
}

async function contextOf(app: App, organization: Organization, question: Question): Promise<Context> {
  const { name, version } = question;
  const pkg = await findPackage(app.db, organization.id, name);
  const repositories = await listRepositories(app.db, organization.id);
  const repository = await repositoryOf(app, { organization, repositories, pkg, name });
  const refs = repository ? await listRefs(app.db, repository.id) : [];
  const ref =
    version === null
      ? (refs.find((each) => each.outcome === "published") ?? refs[0] ?? null)
      : refFor(refs, { version, defaultBranch: repository?.default_branch ?? null });
  return {
    app,
    organization,
    name,
    version,
    token: question.token ?? null,
    pkg,
    repository,
    refs,
    ref,
    published: null,
  };
}

function lookAtRepository(context: Context): Found {
  const { organization, name, repository } = context;
  if (!repository)
    return failed(
      `No repository of ${organization.slug} publishes ${name}.`,
      `pricore repo add --org ${organization.slug} URL --sync --wait`,
      "add",
    );
  const { state, error, last_proven_fresh_at } = repository;
  if (state === "failed")
    return failed(`The last sync of "${repository.name}" failed: ${error}`, syncCommand(context), "sync");
  if (last_proven_fresh_at === null)
    return waiting(`"${repository.name}" is waiting for its first sync.`, syncCommand(context), "sync");
  return ok(
    `"${repository.name}" was proven fresh at ${new Date(Number(last_proven_fresh_at)).toISOString()}.`,
  );
}

async function lookAtRef(context: Context, { naming }: Told): Promise<Found> {
  const { repository, version, name, ref, refs } = context;
  if (!repository) return notReached;
  if (version === null)
    return ref
      ? ok(`${refs.length} tags and branches were seen.`)
      : failed("No tag or branch was seen.", null);
  const held = ref ? null : await heldElsewhere(context);
  if (held)
    return failed(held.reason ?? "Another repository holds the name.", "Rename one of the two packages.");
  if (!ref && naming?.verdict === "accepted" && naming.sync_id === null)
    return waiting(
      `A push of it came at ${timeText(naming.received_at)}, and its sync is still to come.`,
      syncCommand(context),
      "sync",
    );
  if (!ref)
    return failed(
      `No tag or branch of "${repository.name}" gives version ${version} of ${name}.`,
      `Push the tag, then: ${syncCommand(context)}`,
      "sync",
    );
  return ok(`${ref.kind} ${ref.name} is at ${ref.reference.slice(0, 12)}.`);
}

async function lookAtManifest({ app, ref }: Context): Promise<Found> {
  if (ref?.code === "deleted")
    return failed(ref.reason ?? "Deleted.", "Bring it back on the page of the package.", "bring-back");
  if (ref?.outcome === "skipped")
    return failed(ref.reason ?? "Skipped.", "Mend it, tag a new version, and sync.");
  const version = ref?.version_id ? await findVersionById(app.db, ref.version_id) : null;
  return ok(version?.notes ? "composer.json is read, with notes." : "composer.json is valid.");
}

async function lookAtArchive(context: Context): Promise<Found> {
  const { app, pkg, ref } = context;
  const row = ref?.version_id ? await findVersionById(app.db, ref.version_id) : null;
  const versions = pkg ? await listVersions(app.db, pkg.id) : [];
  context.published = versions.find((each) => each.id === row?.id) ?? null;
  const sha256 = context.published?.sha256 ?? null;
  if (sha256 === null) return ok("This version has no archive (a metapackage, or archives are off).");
  const remedy = "Put it back from a backup of the archives: a sync does not make again what it has stored.";
  try {
    const content = await app.storage.get(sha256);
    if (!content) return failed("The archive is missing.", remedy);
    return ok(`The archive is stored (${content.size} bytes, SHA-256 ${sha256.slice(0, 12)}…).`);
  } catch (error) {
    return failed(messageOf(error), remedy);
  }
}

async function lookAtDocument(context: Context): Promise<Found> {
  const { app, organization, name, pkg, published } = context;
  if (!published)
    return failed(`${name} has no such version in its documents.`, "Sync the repository.", "sync");
  const file = published.stability === "dev" ? `${name}~dev` : name;
  const document = await findDocumentState(app.db, organization.id, file);
  if (!document) return failed("The document is missing.", "Sync the repository.", "sync");
  if (file !== name && (pkg?.left_out ?? 0) > 0 && !(await holds(context, { file, published })))
    return failed(
      `p2/${file}.json has no room for it: of the development versions the ${pkg?.left_out} oldest are left out.`,
      "Delete branches that nobody installs, or take out of composer.json what nobody needs, and sync.",
    );
  return ok(
    `p2/${file}.json was last changed ${new Date(Number(document.last_modified) * 1000).toUTCString()}.`,
  );
}

/** Only asked of a document that is full. */
async function holds(
  { app, organization, name }: Context,
  { file, published }: { file: string; published: VersionWithDist },
): Promise<boolean> {
  const document = await findDocument(app.db, organization.id, file);
  if (!document) return false;
  const text = new TextDecoder().decode(Bun.gunzipSync(new Uint8Array(document.body)));
  const { packages } = JSON.parse(text) as { packages: Record<string, { version_normalized?: string }[]> };
  return (packages[name] ?? []).some((each) => each.version_normalized === published.version_normalized);
}
