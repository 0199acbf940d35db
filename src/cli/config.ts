// Commands about the settings: whether they are right, and which are in force.
import { parseConfig } from "../config/config.ts";
import { originText, shownSettings } from "../config/shown.ts";
import type { UnknownSetting } from "../config/sources.ts";
import { unknownSettings } from "../config/unknown.ts";
import { table, type Command } from "./command.ts";

export const config: Record<string, Command> = {
  check: {
    summary: "Check the settings without starting anything",
    usage: "",
    arity: [0, 0],
    options: {},
    async runOnSources(sources, _args, out) {
      const parsed = parseConfig(sources.environment, sources);
      const problems = "problems" in parsed ? parsed.problems : [];
      const unknown = unknownSettings(sources);
      const lines = [...problems, ...unknown.map(unknownText)];
      const verdict = problems.length > 0 ? "The settings have mistakes:" : "The settings are right. Unused:";
      out.result(
        { problems, unknown },
        lines.length === 0 ? "The settings are right." : [verdict, ...lines.map((line) => `  ${line}`)],
      );
      return problems.length > 0 ? 1 : 0;
    },
  },
  show: {
    summary: "Show the settings in force; of a secret only whether it is set",
    usage: "",
    arity: [0, 0],
    options: {},
    async runOnSources(sources, _args, out) {
      const settings = shownSettings(parseConfig(sources.environment, sources).settings);
      const rows = settings.map(({ name, text, origin, isSecret }) => [
        name,
        text,
        isSecret && text !== null ? "" : originText(origin),
      ]);
      out.result(settings, table(["SETTING", "VALUE", "FROM"], rows));
    },
  },
};

function unknownText({ name, meant }: UnknownSetting): string {
  return meant === null ? `${name} is not a setting` : `${name} is not a setting; did you mean ${meant}?`;
}
