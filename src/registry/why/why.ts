// Why is my version not here? The answer first, then the steps from the git host to the client that matter for it.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { findDocument, findDocumentState } from "../../store/packages/documents.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import type { VersionWithDist } from "../../store/packages/versions.ts";
import { listPackageNames } from "../../store/packages/packages.ts";
import { similarNames } from "../packages/similar-names.ts";
import { wordedNotes, type WordedNote } from "../packages/notes.ts";
import { causeOf, remedyFor } from "../syncs/causes.ts";
import { answerOf } from "./answer.ts";
import { contextOf, type Question } from "./context.ts";
import { checkManifest, checkRef } from "./ref.ts";
import { failed, ok, syncOf, timeText, waiting, type Context, type Found, type Step } from "./step.ts";
import { checkVisibility, maySee } from "./token.ts";
import { deliveriesOf, webhookSteps } from "./webhook.ts";

export type { Question } from "./context.ts";
export type { Step, StepName } from "./step.ts";

export type Explanation = {
  package: string;
  version: string | null;
  /** One sentence. */
  answer: string;
  /** Whether Composer can install it now, with the token of the question or, without one, with any. */
  installable: boolean;
  steps: Step[];
  /** What was left out of the version, or is not as its author wrote it. */
  notes: WordedNote[];
};

/**
 * The steps end with the first one that stopped the version; those that were not to be expected are left out. A version
 * that is served is followed to its end, whatever is wrong with its repository now. Without a version it explains the
 * package.
 */
export async function explain(
  app: App,
  organization: Organization,
  question: Question,
): Promise<Explanation> {
  const context = await contextOf(app, organization, question);
  const deliveries = await deliveriesOf(context);
  const steps: Step[] = [];
  const isServed = context.published !== null;
  const checks: [Step["step"], () => Found | Promise<Found>][] = [
    ["repository", () => checkRepository(context)],
    ["ref", () => checkRef(context, deliveries)],
    ["manifest", () => checkManifest(context)],
    ["archive", () => checkArchive(context)],
    ["published", () => checkDocument(context)],
    ["visible", () => checkVisibility(context)],
  ];
  for (const [step, check] of checks) {
    const found = await check();
    steps.push({ step, ...found });
    if (step === "repository" && context.repository) steps.push(...webhookSteps(context, deliveries));
    const stops = isServed ? stopsWhatIsServed.has(step) : true;
    if (found.state !== "ok" && stops) break;
  }
  const installable =
    isServed && steps.every(({ step, state }) => state === "ok" || !stopsWhatIsServed.has(step));
  const { name, version } = question;
  const answer = answerOf(context, { steps, installable });
  const notes = version === null ? [] : wordedNotes(context.published?.notes ?? null);
  return { package: name, version, answer, installable, steps, notes };
}

/** A repository that fails today, or a newer commit that is refused, changes nothing about what is published. */
const stopsWhatIsServed = new Set<Step["step"]>(["archive", "published", "visible"]);

async function checkRepository(context: Context): Promise<Found> {
  const { organization, name, repository, published } = context;
  if (!repository)
    return failed(`No repository of ${organization.slug} publishes ${name}.`, {
      advice: await nameAdvice(context),
      action: { do: "add-repository", organization: organization.slug },
    });
  const { state, error, last_proven_fresh_at: checkedAt } = repository;
  const [sync, named] = [syncOf(context), { organization, repository }];
  if (state === "failed") {
    const detail = `The last sync of "${repository.name}" failed: ${error}`;
    const cause = causeOf(repository.error_code);
    // Another sync of the same commits would refuse the same again.
    if (cause === "content")
      return failed(detail, { advice: "Fix it in the repository and push; the next sync reads it." });
    const isDecision = cause === "removals" || cause === "host-key";
    return failed(detail, { action: isDecision ? remedyFor(cause, named) : sync });
  }
  if (checkedAt === null && published === null)
    return waiting(`"${repository.name}" is waiting for its first sync.`, { action: sync });
  return ok(
    checkedAt === null
      ? `"${repository.name}" is being checked.`
      : `"${repository.name}" was last checked at ${timeText(checkedAt)}.`,
  );
}

/** Names that are a few keystrokes away, of those that the token may see. */
async function nameAdvice({ app, organization, name, token }: Context): Promise<string> {
  const names = await listPackageNames(app.db, organization.id);
  const similar = similarNames(
    name,
    names.filter((each) => maySee(token, each)),
  );
  return similar.length === 0
    ? "Check the name."
    : `Check the name. Similar names here: ${similar.join(", ")}.`;
}

async function checkArchive({ app, published }: Context): Promise<Found> {
  const sha256 = published?.sha256 ?? null;
  if (sha256 === null) return ok("This version has no archive (a metapackage, or archives are off).");
  const advice = "Restore it from a backup of the archives. A sync does not build stored archives again.";
  try {
    const content = await app.storage.get(sha256);
    if (!content) return failed("The archive is missing.", { advice });
    return ok(`The archive is stored (${content.size} bytes, SHA-256 ${sha256.slice(0, 12)}…).`);
  } catch (error) {
    return failed(messageOf(error), { advice });
  }
}

async function checkDocument(context: Context): Promise<Found> {
  const { app, organization, name, pkg, published } = context;
  if (!published) return failed(`${name} has no such version in its documents.`, { action: syncOf(context) });
  const file = published.stability === "dev" ? `${name}~dev` : name;
  const document = await findDocumentState(app.db, organization.id, file);
  if (!document) return failed("The document is missing.", { action: syncOf(context) });
  if (file !== name && (pkg?.left_out ?? 0) > 0 && !(await holds(context, { file, published })))
    return failed(
      `p2/${file}.json has no room for it: of the development versions the ${pkg?.left_out} oldest are left out.`,
      {
        advice:
          "Delete branches that nobody installs, or remove what nobody needs from composer.json, and sync.",
      },
    );
  return ok(`p2/${file}.json was last changed ${timeText(document.last_modified * 1000)}.`);
}

/** Checked only for a document that is full. */
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
