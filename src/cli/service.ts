// `pricore service`: from the file that somebody downloaded to a service of systemd, and back.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { forbidden, unavailable } from "../errors.ts";
import { carryOut } from "../service/carry-out.ts";
import { installSteps, removeSteps, type Step } from "../service/plan.ts";
import { parseSetting } from "../service/settings.ts";
import { places } from "../service/unit.ts";
import type { Arguments, Command, Output } from "./command.ts";
import { linesOf } from "./service-steps.ts";
import { number } from "./version.ts";

const print = { type: "boolean", help: "Print the steps and change nothing" } as const;

export const service: Record<string, Command> = {
  install: {
    summary: "Install this program as a service of systemd, or bring that service up to date",
    usage: "[NAME=VALUE]…",
    arity: [0, 50],
    options: { print },
    async runAlone(args, out) {
      const changes = Object.fromEntries(args.positionals.map(parseSetting));
      const program = realpathSync(process.execPath);
      const steps = installSteps({ version: number, program, settings: settingsNow(), changes });
      perform(steps, { args, out });
      if (!args.flag("print"))
        out.note(
          "As long as nobody has an account: journalctl -u pricore | grep setup shows the link for the first.",
        );
    },
  },
  remove: {
    summary: "Remove the service and its program, and leave data, settings and user",
    usage: "",
    arity: [0, 0],
    options: { print },
    async runAlone(args, out) {
      perform(removeSteps(), { args, out });
      if (!args.flag("print"))
        out.note(`The data in ${places.data} and the settings in ${places.settings} are still there.`);
    },
  },
};

function perform(steps: Step[], { args, out }: { args: Arguments; out: Output }): void {
  if (args.flag("print")) return out.result(steps, steps.flatMap(linesOf));
  refuseElsewhere();
  const changed = carryOut(steps);
  out.result(changed, changed.length > 0 ? changed.map(summaryOf) : "Nothing had to be changed.");
}

/** The file is for root and the service alone; without it the steps are those of a first time. */
function settingsNow(): string | null {
  try {
    return readFileSync(places.settings, "utf8");
  } catch {
    return null;
  }
}

function refuseElsewhere(): void {
  const remedy = { do: "print-service-steps" } as const;
  if (!existsSync("/run/systemd/system"))
    throw unavailable("systemd does not run this machine.", {
      code: "no_systemd",
      advice: "Start the server with the service manager that does, and restart it when it ends.",
      remedy,
    });
  if (process.getuid?.() !== 0)
    throw forbidden("Only root may install or remove a service.", { code: "not_root", remedy });
}

function summaryOf(step: Step): string {
  return step.do === "write-file" ? `write ${step.path}` : linesOf(step).join("\n");
}
