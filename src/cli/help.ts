// Builds the help from the commands.
import type { Command, Options } from "./command.ts";
import type { CommandTree } from "./commands.ts";

export const commonOptions: Options = {
  "data-dir": { type: "string", value: "FOLDER", help: "Database, archives and keys (DATA_DIR)" },
  "env-file": {
    type: "string",
    value: "FILE",
    help: "Environment file to read instead of DATA_DIR/.env",
  },
  json: { type: "boolean", help: "Print one JSON document on standard output" },
  help: { type: "boolean", help: "Show this" },
};

export function helpOf(name: string, command: Command): string {
  const usage = ["pricore", name, command.usage, "[options]"].filter(Boolean).join(" ");
  return `${command.summary}.\n\nUsage: ${usage}\n\n${optionLines({ ...command.options, ...commonOptions })}`;
}

export function overviewOf(tree: CommandTree): string {
  const rows = [...tree].map(([name, command]) => [
    `  pricore ${name} ${command.usage}`.trimEnd(),
    command.summary,
  ]);
  return `A private Composer registry.\n\n${aligned(rows)}\n\n\`pricore\` alone is \`pricore serve\`; \`pricore COMMAND --help\` shows its options.`;
}

function optionLines(options: Options): string {
  return aligned(
    Object.entries(options).map(([name, { value, help }]) => [
      `  --${name}${value ? ` ${value}` : ""}`,
      help,
    ]),
  );
}

function aligned(rows: string[][]): string {
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  return rows.map(([left = "", right = ""]) => `${left.padEnd(width)}  ${right}`).join("\n");
}
