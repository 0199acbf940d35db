// docs/commands.md has every command of the help with every option, and no other.
import { expect, test } from "bun:test";
import type { Options } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { commonOptions } from "../../src/cli/help.ts";
import { readPage } from "./pages.ts";

/** `pricore repo add URL` → `--org SLUG`, … */
type Documented = Record<string, string[]>;

/** A command has a heading of its own, and its options stand in the table below it. */
function documentedIn(page: string): Documented {
  const parts = page.split(/^###? /m).slice(1);
  return Object.fromEntries(
    parts.flatMap((part) => {
      const name = /^(?:`(pricore [^`]+)`|Options of every command)\n/.exec(part);
      return name ? [[name[1] ?? "every command", optionsIn(part)]] : [];
    }),
  );
}

const optionsIn = (part: string) =>
  [...part.matchAll(/^\| `(--[^`]+)`/gm)].map(([, option = ""]) => option.replaceAll("\\|", "|"));

const optionsOf = (options: Options) =>
  Object.entries(options).map(([name, { value }]) => `--${name}${value ? ` ${value}` : ""}`);

function commandsOfTheProgram(): Documented {
  const own = [...commands].map(([name, { usage, options }]) => [
    `pricore ${name} ${usage}`.trimEnd(),
    optionsOf(options),
  ]);
  // Those two are answered before any command is looked for.
  const others = { "every command": optionsOf(commonOptions), "pricore version": [], "pricore help": [] };
  return { ...(Object.fromEntries(own) as Documented), ...others };
}

test("every command is documented with its options, and every documented one is there", () => {
  const documented = documentedIn(readPage("docs/commands.md"));
  expect(documented).toEqual(commandsOfTheProgram());
  expect(Object.keys(documented).length).toBeGreaterThan(30);
});

test("a command or an option that is missing on either side is found", () => {
  const page = readPage("docs/commands.md");
  const without = documentedIn(page.replace("### `pricore sync [NAME]…`", "### Sync"));
  expect(without).not.toEqual(commandsOfTheProgram());
  expect(documentedIn(page.replace("`--no-worker`", "`--worker`"))).not.toEqual(commandsOfTheProgram());
});
