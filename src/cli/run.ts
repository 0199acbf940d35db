// Finds the command, reads the configuration, opens the application, and turns failures into a message and an exit
// code: 0 done, 1 failed, 2 wrong usage, 3 not found.
import { parseArgs } from "node:util";
import { createApp } from "../app.ts";
import { parseConfig, type Config } from "../config/config.ts";
import { readSources } from "../config/environment.ts";
import { unknownSettings } from "../config/unknown.ts";
import type { Sources } from "../config/sources.ts";
import { Failure, invalid, messageOf } from "../errors.ts";
import { redact } from "../log.ts";
import { printableLines } from "../printable.ts";
import { argumentsOf, createOutput, parseOptions, type Command, type ParsedValues } from "./command.ts";
import { commands, type CommandTree } from "./commands.ts";
import { commonOptions, helpOf, overviewOf } from "./help.ts";
import { remedyLines } from "./remedies.ts";
import { versionLine, number } from "./version.ts";

export async function runCommandLine(argv: string[]): Promise<number> {
  surviveLostOutput();
  try {
    return await run(argv);
  } catch (error) {
    const text = argv.includes("--json") && error instanceof Failure ? jsonOf(error) : textOf(error);
    process.stderr.write(`${redact(printableLines(text))}\n`);
    return exitCodeOf(error);
  }
}

/** A log without a reader or without space must not end a server; a result that cannot be written is a failure. */
function surviveLostOutput(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.stderr.write(`The result cannot be written: ${error.message}.\n`);
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
}

async function run(argv: string[]): Promise<number> {
  const first = argv[0] ?? "";
  if (["help", "--help", "-h"].includes(first)) return print(overviewOf(commands));
  if (["version", "--version", "-v"].includes(first))
    return print(argv.includes("--json") ? JSON.stringify({ version: number }) : versionLine);
  const verbs = verbsOf(first);
  if (verbs.size > 0 && argv[1] === "--help" && !commands.has(first)) return print(overviewOf(verbs));
  const { name, command, rest } = find(first === "" || first.startsWith("-") ? ["serve", ...argv] : argv);
  const { values, positionals } = parse(command, rest);
  if (values["help"] === true) return print(helpOf(name, command));
  const [min, max] = command.arity;
  if (positionals.length < min || positionals.length > max)
    throw invalid(`Usage: pricore ${name} ${command.usage}`.trimEnd(), {
      code: "usage",
      advice: `Options come after the command. See: pricore ${name} --help`,
    });
  const [args, out] = [argumentsOf(values, positionals), createOutput(values["json"] === true)];
  if ("runAlone" in command) return (await command.runAlone(args, out)) ?? 0;
  const sources = sourcesFrom(values);
  if ("runOnSources" in command) return (await command.runOnSources(sources, args, out)) ?? 0;
  const isLongLived = name === "serve" || name === "worker";
  const config = configFrom(sources, { quiet: !isLongLived });
  if (isLongLived) config.unknownSettings = unknownSettings(sources);
  if ("runOn" in command) return (await command.runOn(config, args, out)) ?? 0;
  const app = await createApp(config, { mayMake: command.makesDatabase?.(args) ?? false });
  try {
    return (await command.run(app, args, out)) ?? 0;
  } finally {
    await app.close();
  }
}

function find(argv: string[]): { name: string; command: Command; rest: string[] } {
  for (let count = 3; count > 0; count--) {
    const name = argv.slice(0, count).join(" ");
    const command = commands.get(name);
    if (command) return { name, command, rest: argv.slice(count) };
  }
  const verbs = [...verbsOf(argv[0] ?? "").keys()];
  throw invalid(
    `There is no command "${argv
      .filter((word) => !word.startsWith("-"))
      .slice(0, 2)
      .join(" ")}".`,
    {
      code: "usage",
      advice: verbs.length > 0 ? `Commands: ${verbs.join(", ")}.` : "See: pricore help",
    },
  );
}

/** `org` → org create, org list, …; empty when `noun` is not one. */
function verbsOf(noun: string): CommandTree {
  return new Map([...commands].filter(([name]) => name.startsWith(`${noun} `)));
}

function parse(command: Command, rest: string[]): { values: ParsedValues; positionals: string[] } {
  try {
    const options = parseOptions({ ...command.options, ...commonOptions });
    return parseArgs({ args: rest, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw invalid(messageOf(error), { code: "usage" });
  }
}

function sourcesFrom(values: ParsedValues): Sources {
  const text = (name: string) => {
    const value = values[name];
    return typeof value === "string"
      ? { [name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]: value }
      : {};
  };
  return readSources({ ...text("data-dir"), ...text("env-file"), ...text("host"), ...text("port") });
}

function configFrom({ environment, inEnvFile }: Sources, { quiet }: { quiet: boolean }): Config {
  const parsed = parseConfig(environment, { quiet, inEnvFile });
  if ("config" in parsed) return parsed.config;
  const problems = parsed.problems.map((problem) => `  ${problem}`).join("\n");
  throw invalid(
    `The environment has ${parsed.problems.length === 1 ? "a mistake" : "mistakes"}:\n${problems}`,
    { code: "usage" },
  );
}

function textOf(error: unknown): string {
  if (!(error instanceof Failure)) return messageOf(error);
  return [error.message, ...remedyLines(error)].join("\n");
}

/** Failures as JSON for programs. Standard output stays empty: there is no result. */
function jsonOf({ code, message, advice, remedy }: Failure): string {
  const error = { code, message, advice: advice ?? null, action: remedy ?? null };
  return JSON.stringify({ error }, null, 2);
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof Failure)) return 1;
  if (error.code === "usage") return 2;
  return error.kind === "notFound" ? 3 : 1;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
