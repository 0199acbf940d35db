import type { Notice } from "../licenses/collect.ts";
import { unavailable } from "../errors.ts";
import type { Command } from "./command.ts";

export const licenses: Command = {
  summary: "Print the licenses of everything inside this executable",
  usage: "",
  arity: [0, 0],
  options: {},
  async runAlone(_args, out) {
    const { notices } = await import("../licenses/notices.ts");
    if (notices.length === 0)
      throw unavailable("Only the built executable has the licenses of what is inside it.", {
        code: "not_built",
      });
    out.result(notices, [...notices.map(lineOf), ...notices.flatMap(textOf)]);
  },
};

const lineOf = ({ name, version, license }: Notice) =>
  `${[name, version].filter(Boolean).join(" ")} (${license})`;

function textOf(notice: Notice): string[] {
  const text = notice.text?.split("\n") ?? ["It comes without a text of its license."];
  return ["", "-".repeat(80), lineOf(notice), "", ...text];
}
