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
  const cause = stopped ? `: ${lowerFirst(withoutSubject(stopped.detail, ref))}` : ".";
  return stopped?.state === "waiting"
    ? `${subject} is not installable yet${cause}`
    : `${subject} is not installable${cause}`;
}

/** What happened after it was published, and does not change it. */
function since({ published, ref, version }: Context): string {
  if (!ref || !published || version === null || ref.reference === published.reference) return "";
  if (ref.code === "moved") return `; the tag moved to ${short(ref.reference)} and that is ignored`;
  return `; its newest commit ${short(ref.reference)} was not published`;
}

/** A reason names its tag or branch, which the sentence has named before. */
function withoutSubject(detail: string, ref: Context["ref"]): string {
  const subject = ref ? `${ref.kind === "tag" ? "Tag" : "Branch"} ${ref.name}: ` : "";
  return detail.startsWith(subject) ? detail.slice(subject.length) : detail;
}

/** The sentence goes on after a colon; names in quotes and acronyms stay as they are. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) && !/^(?:Tag|Branch|Token) /.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}
