// What the doctor found: first what needs somebody, then the rest behind one line.
import { Section } from "../parts/head.tsx";
import { counted } from "../parts/numbers.ts";
import { State, StateIcon, type StateKind } from "../parts/state.tsx";

export type ShownFinding = {
  id: string;
  title: string;
  status: "ok" | "warn" | "fail" | "unknown";
  seen: string;
  advice: string | null;
  /** The remedy as a sentence, and a link to where it is done. */
  text: string | null;
  link: { href: string; text: string } | null;
};

const order: ShownFinding["status"][] = ["fail", "warn"];
const kinds: Record<ShownFinding["status"], { kind: StateKind; word: string }> = {
  fail: { kind: "failed", word: "failed" },
  warn: { kind: "attention", word: "warning" },
  unknown: { kind: "unreached", word: "not checked" },
  ok: { kind: "done", word: "fine" },
};

export function Checks({ checks }: { checks: ShownFinding[] }) {
  const open = order.flatMap((status) => checks.filter((check) => check.status === status));
  const rest = checks.filter(({ status }) => !order.includes(status));
  const fine = rest.filter(({ status }) => status === "ok").length;
  const left = rest.length - fine;
  return (
    <Section title="Checks" note="seen from this machine, once a day">
      {open.length === 0 ? null : (
        <ul class="findings">
          {open.map((check) => (
            <Finding check={check} />
          ))}
        </ul>
      )}
      <details class="findings-rest">
        <summary>
          <State
            kind="done"
            strong={false}
            word={[
              counted(fine, "check") + " fine",
              ...(left === 0 ? [] : [`${left} without an answer`]),
            ].join(", ")}
          />
        </summary>
        <ul class="findings is-quiet">
          {rest.map(({ title, seen, status }) => (
            <li>
              <StateIcon kind={kinds[status].kind} label={kinds[status].word} />
              <div class="words">
                <span class="title">{title}</span>
                <span class="secondary">{seen}</span>
              </div>
            </li>
          ))}
        </ul>
      </details>
    </Section>
  );
}

function Finding({ check }: { check: ShownFinding }) {
  const { id, title, status, seen, advice, text, link } = check;
  return (
    <li id={`check-${id.replace(".", "-")}`}>
      <StateIcon kind={kinds[status].kind} label={kinds[status].word} />
      <div class="words">
        <h3 class="title">{title}</h3>
        <p>{seen}</p>
        {[advice, text].map((line) => (line === null ? null : <p class="help">{line}</p>))}
        {link === null ? null : <a href={link.href}>{link.text}</a>}
      </div>
    </li>
  );
}
