// Finds the command, reads the configuration, opens the application, and turns what went wrong into words and an
// exit code: 0 done, 1 failed, 2 wrong usage, 3 not found.
import { parseArgs } from "node:util";
import { createApp } from "../app.ts";
import { parseConfig, readEnvironment, type Config } from "../config.ts";
import { Failure, invalid, messageOf } from "../errors.ts";
import { redact } from "../log.ts";
import { argumentsOf, createOutput, parseOptions, type Command, type ParsedValues } from "./command.ts";
import { commands } from "./commands.ts";
import { commonOptions, helpOf, overviewOf } from "./help.ts";
import { versionLine, number } from "./version.ts";

export async function runCommandLine(argv: string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (error) {
    const text =
      error instanceof Failure && error.remedy ? `${error.message}\n${error.remedy}` : messageOf(error);
    process.stderr.write(`${redact(text)}\n`);
    return exitCodeOf(error);
  }
}

async function run(argv: string[]): Promise<number> {
  const first = argv[0] ?? "";
  if (["help", "--help", "-h"].includes(first)) return say(overviewOf(commands));
  if (["version", "--version", "-v"].includes(first))
    return say(argv.includes("--json") ? JSON.stringify({ version: number }) : versionLine);
  const { name, command, rest } = find(argv);
  const { values, positionals } = parse(command, rest);
  if (values["help"] === true) return say(helpOf(name, command));
  const [min, max] = command.arity;
  if (positionals.length < min || positionals.length > max)
    throw invalid(`Usage: pricore ${name} ${command.usage}`.trimEnd(), {
      code: "usage",
      remedy: `See: pricore ${name} --help`,
    });
  const app = await createApp(configFrom(values, { quiet: name !== "serve" && name !== "worker" }));
  try {
    const args = argumentsOf(values, positionals);
    return (await command.run(app, args, createOutput(values["json"] === true))) ?? 0;
  } finally {
    await app.close();
  }
}

function find(argv: string[]): { name: string; command: Command; rest: string[] } {
  const words = argv.slice(0, 3).filter((word) => !word.startsWith("-"));
  if (words.length === 0) words.push("serve");
  for (let count = words.length; count > 0; count--) {
    const name = words.slice(0, count).join(" ");
    const command = commands.get(name);
    const isLeading =
      argv.length === 0 || argv[0]?.startsWith("-") || argv.slice(0, count).join(" ") === name;
    if (command && isLeading) return { name, command, rest: argv[0] === words[0] ? argv.slice(count) : argv };
  }
  throw invalid(`There is no command "${words.join(" ")}".`, { code: "usage", remedy: "See: pricore help" });
}

function parse(command: Command, rest: string[]): { values: ParsedValues; positionals: string[] } {
  try {
    const options = parseOptions({ ...command.options, ...commonOptions });
    return parseArgs({ args: rest, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw invalid(messageOf(error), { code: "usage" });
  }
}

function configFrom(values: ParsedValues, options: { quiet: boolean }): Config {
  const text = (name: string) => {
    const value = values[name];
    return typeof value === "string"
      ? { [name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]: value }
      : {};
  };
  const environment = readEnvironment({
    ...text("data-dir"),
    ...text("env-file"),
    ...text("host"),
    ...text("port"),
  });
  const parsed = parseConfig(environment, options);
  if ("config" in parsed) return parsed.config;
  const problems = parsed.problems.map((problem) => `  ${problem}`).join("\n");
  throw invalid(
    `The environment has ${parsed.problems.length === 1 ? "a mistake" : "mistakes"}:\n${problems}`,
    { code: "usage" },
  );
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof Failure)) return 1;
  if (error.code === "usage") return 2;
  return error.kind === "notFound" ? 3 : 1;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
