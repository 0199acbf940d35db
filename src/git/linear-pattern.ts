// Regular expressions for patterns from untrusted repositories, matched in time proportional to text times pattern.
// JavaScript's engine backtracks: `*a*a*a*a*a*b` would keep it busy for years.
//
// The supported syntax is what our patterns use: characters, classes, groups, `|`, `*`, `+`, `?`, `^`, `$`, and
// lookahead for one character, `(?=…)` or `(?!…)`.

export type Pattern = { test(text: string): boolean };

/** Compiles with the flag `s`. Throws SyntaxError as `new RegExp` does. */
export function linearPattern(source: string): Pattern {
  const native = new RegExp(source, "s");
  const loops = source.replace(/\\.|\[(?:\\.|[^\]\\])*\]/gs, "x").match(/[*+]/g)?.length ?? 0;
  // A single loop cannot backtrack exponentially.
  return loops <= 1 && source.startsWith("^") ? native : automaton(source);
}

/** A state of the automaton and its successors. `check` tests a position, `take` consumes a character. */
type State =
  | Take
  | { kind: "check"; holds: (text: string, at: number) => boolean; next: number }
  | { kind: "either"; next: number; other: number }
  | { kind: "end" };
type Take = { kind: "take"; takes: (character: string) => boolean; next: number };

function automaton(source: string): Pattern {
  const { states, start } = build(source);
  const seen = new Uint32Array(states.length);
  let round = 0;
  /** Empties `open`. Answers the states that wait for a character at this position, or null on a match. */
  const reach = (open: number[], text: string, at: number): Take[] | null => {
    round++;
    const takes: Take[] = [];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (seen[index] === round) continue;
      seen[index] = round;
      const state = states[index] as State;
      if (state.kind === "end") return null;
      if (state.kind === "take") takes.push(state);
      else if (state.kind === "either") open.push(state.next, state.other);
      else if (state.holds(text, at)) open.push(state.next);
    }
    return takes;
  };
  return {
    test(text) {
      let next: number[] = [];
      for (let at = 0; at <= text.length; at++) {
        next.push(start);
        const takes = reach(next, text, at);
        if (takes === null) return true;
        next = [];
        const character = text.charAt(at);
        for (const state of takes) if (at < text.length && state.takes(character)) next.push(state.next);
      }
      return false;
    },
  };
}

/** Thompson's construction, built from the end to the start: each part receives the state that follows it. */
function build(source: string): { states: State[]; start: number } {
  const states: State[] = [{ kind: "end" }];
  const add = (state: State) => states.push(state) - 1;
  const compile = (part: Part, next: number): number => {
    if (part.kind === "take") return add({ kind: "take", takes: part.takes, next });
    if (part.kind === "check") return add({ kind: "check", holds: part.holds, next });
    if (part.kind === "sequence") return part.parts.reduceRight((after, each) => compile(each, after), next);
    if (part.kind === "choice")
      return part.parts
        .map((each) => compile(each, next))
        .reduce((other, each) => add({ kind: "either", next: each, other }));
    if (part.sign === "?") return add({ kind: "either", next: compile(part.part, next), other: next });
    const loop = add({ kind: "either", next, other: next });
    const inner = compile(part.part, loop);
    states[loop] = { kind: "either", next: inner, other: next };
    return part.sign === "+" ? inner : loop;
  };
  return { start: compile(parse(source), 0), states };
}

type Part =
  | { kind: "take"; takes: (character: string) => boolean }
  | { kind: "check"; holds: (text: string, at: number) => boolean }
  | { kind: "sequence"; parts: Part[] }
  | { kind: "choice"; parts: Part[] }
  | { kind: "repeat"; sign: string; part: Part };

const tokens = /\(\?[:=!]|\[(?:\\.|[^\]\\])*\]|\\.|[^]/gs;

/** Parses a source that `new RegExp` has accepted. */
function parse(source: string): Part {
  const found = source.match(tokens) ?? [];
  let at = 0;
  const choice = (): Part => {
    const parts = [sequence()];
    while (found[at] === "|") {
      at++;
      parts.push(sequence());
    }
    return { kind: "choice", parts };
  };
  const sequence = (): Part => {
    const parts: Part[] = [];
    while (at < found.length && found[at] !== "|" && found[at] !== ")") {
      let part = single();
      for (let sign = found[at]; sign === "*" || sign === "+" || sign === "?"; sign = found[++at])
        part = { kind: "repeat", sign, part };
      parts.push(part);
    }
    return { kind: "sequence", parts };
  };
  const single = (): Part => {
    const token = found[at++] ?? "";
    if (token === "(?=" || token === "(?!") {
      const from = at;
      choice();
      const inner = found.slice(from, at++).join("");
      const next = new RegExp(`^${token}${inner})`, "s");
      return { kind: "check", holds: (text, place) => next.test(text.charAt(place)) };
    }
    if (token === "(" || token === "(?:") {
      const part = choice();
      at++;
      return part;
    }
    if (token === "^") return { kind: "check", holds: (_text, place) => place === 0 };
    if (token === "$") return { kind: "check", holds: (text, place) => place === text.length };
    return { kind: "take", takes: characterTest(token) };
  };
  return choice();
}

function characterTest(token: string): (character: string) => boolean {
  if (token === ".") return () => true;
  if (token.length === 1) return (character) => character === token;
  const single = new RegExp(`^${token}$`, "s");
  const known = new Map<string, boolean>();
  return (character) => {
    let takes = known.get(character);
    if (takes === undefined) known.set(character, (takes = single.test(character)));
    return takes;
  };
}
