import { explain } from "../registry/why.ts";
import { table, type Command } from "./command.ts";
import { organizationIn, organizationOption } from "./organization.ts";

export const why: Command = {
  summary: "Explain where a version stopped on its way from the forge to the client",
  usage: "NAME [VERSION]",
  arity: [1, 2],
  options: organizationOption,
  async run(app, args, out) {
    const organization = await organizationIn(app, args);
    const [name = "", version = null] = args.positionals;
    const explained = await explain(app, organization, { name: name.toLowerCase(), version });
    const rows = explained.steps.map(({ step, state, detail }) => [step, state, detail]);
    const remedy = explained.steps.find((step) => step.remedy !== null)?.remedy;
    const lines = table(["STEP", "STATE", "DETAIL"], rows);
    out.result(explained, remedy ? [...lines, "", `What to do: ${remedy}`] : lines);
  },
};
