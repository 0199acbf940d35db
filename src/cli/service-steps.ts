// The steps as somebody would do them by hand.
import type { Step } from "../service/plan.ts";

export function linesOf(step: Step): string[] {
  switch (step.do) {
    case "create-user":
      return [`useradd -r -d ${step.home} -s /usr/sbin/nologin ${step.name}`];
    case "make-folder":
      return [`install -d -m ${octal(step.mode)} -o ${name(step.owner)} -g ${name(step.owner)} ${step.path}`];
    case "copy-program":
      return [`install -m 0755 ${step.from} ${step.path}`];
    case "write-file":
      return [
        `install -m ${octal(step.mode)} -o ${name(step.owner)} -g ${name(step.group)} /dev/stdin ${step.path} <<'END'`,
        ...step.text.trimEnd().split("\n"),
        "END",
      ];
    case "link":
      return [`ln -sfn ${step.to} ${step.path}`];
    case "remove":
      return [`rm -rf ${step.path}`];
    case "run":
      return [step.words.join(" ")];
  }
}

const octal = (mode: number) => `0${mode.toString(8)}`;
const name = (owner: "root" | "service") => (owner === "root" ? "root" : "pricore");
