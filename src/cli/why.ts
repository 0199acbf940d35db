import { explain } from "../registry/why.ts";
import { getOrganization } from "../store/organizations.ts";
import { table, type Command } from "./command.ts";

export const why: Command = {
  summary: "Explain where a version stopped on its way from the forge to the client",
  usage: "NAME [VERSION]",
  arity: [1, 2],
  options: { org: { type: "string", value: "SLUG", help: "The organization" } },
  async run(app, args, out) {
    const organization = await getOrganization(app.db, args.required("org"));
    const [name = "", version = null] = args.positionals;
    const explained = await explain(app, organization, { name: name.toLowerCase(), version });
    const rows = explained.steps.map(({ step, state, detail }) => [step, state, detail]);
    const remedy = explained.steps.find((step) => step.remedy !== null)?.remedy;
    const lines = table(["STEP", "STATE", "DETAIL"], rows);
    out.result(explained, remedy ? [...lines, "", `What to do: ${remedy}`] : lines);
  },
};
