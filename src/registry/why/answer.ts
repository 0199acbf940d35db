// The answer in one sentence, from the steps.
import { short, type Context, type Step } from "./step.ts";

export function answerOf(
  context: Context,
  { steps, installable }: { steps: Step[]; installable: boolean },
): string {
  const { name, version, published, ref } = context;
  const what = version === null ? name : version;
  if (published && installable) {
    const served = version === null ? `${name} is installable` : `${published.version} is installable`;
    const at =
      version === null
        ? `${served}; the newest version is ${published.version}`
        : `${served} at ${short(published.reference)}`;
    return `${at}${since(context)}.`;
  }
  const stopped = steps.findLast(({ state }) => state !== "ok" && state !== "unknown");
  const subject = ref && version !== null && ref.name !== what ? `${what} (${ref.kind} ${ref.name})` : what;
  const cause = causeOf(stopped, ref);
  return stopped?.state === "waiting"
    ? `${subject} is not installable yet${cause}`
    : `${subject} is not installable${cause}`;
}

/** What happened after it was published, and does not change it. */
function since({ published, ref, version }: Context): string {
  if (!ref || !published || version === null || ref.reference === published.reference) return "";
  if (ref.code === "moved") return `; the tag was later moved to ${short(ref.reference)}, which is ignored`;
  return `; its newest commit ${short(ref.reference)} was not published`;
}

/** The reason of a ref goes on with the sentence, which has named the ref. */
function causeOf(stopped: Step | undefined, ref: Context["ref"]): string {
  if (!stopped) return ".";
  const isOfRef = stopped.step === "manifest" || (stopped.step === "ref" && ref?.outcome === "skipped");
  return isOfRef && ref?.reason ? `: ${ref.reason}` : `. ${stopped.detail}`;
}
