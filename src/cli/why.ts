import type { App } from "../app.ts";
import { invalid, notFound } from "../errors.ts";
import { explain, type StepName } from "../registry/why/why.ts";
import type { Organization } from "../store/organizations/organizations.ts";
import { findTokensCalled, type Token } from "../store/tokens.ts";
import { table, type Command } from "./command.ts";
import { organizationIn, organizationOption } from "./organization.ts";
import { remedyText } from "./remedies.ts";

export const why: Command = {
  summary: "Explain whether a version can be installed, and if not, why",
  usage: "NAME [VERSION]",
  arity: [1, 2],
  options: {
    ...organizationOption,
    token: { type: "string", value: "NAME", help: "Check whether this token can read it, by name or id" },
  },
  async run(app, args, out) {
    const organization = await organizationIn(app, args);
    const [name = "", version = null] = args.positionals;
    const called = args.text("token");
    const token = called === null ? null : await tokenCalled(app, organization, called);
    const explained = await explain(app, organization, { name: name.toLowerCase(), version, token });
    const rows = explained.steps.map(({ step, state, detail }) => [names[step], state, detail]);
    const lines = [explained.answer, "", ...table(["STEP", "STATE", "DETAIL"], rows)];
    const steps = explained.steps.map(({ advice, action, ...step }) => ({
      ...step,
      remedy: remedyText({ advice, action }, app.config.appUrl),
      action,
    }));
    const remedies = steps.flatMap(({ step, remedy }) => (remedy === null ? [] : [{ step, remedy }]));
    const advice = remedies.map(({ step, remedy }) =>
      remedies.length === 1 ? `What to do: ${remedy}` : `What to do about the ${names[step]}: ${remedy}`,
    );
    const notes = explained.notes.map(({ text }) => `Note: ${text}`);
    const parts = [lines, notes, advice].filter((part) => part.length > 0);
    out.result(
      { ...explained, steps },
      parts.flatMap((part, i) => (i === 0 ? part : ["", ...part])),
    );
  },
};

const names: Record<StepName, string> = {
  repository: "repository",
  webhook: "webhook",
  delivery: "delivery",
  signature: "signature",
  ref: "tag or branch",
  manifest: "composer.json",
  archive: "archive",
  published: "published",
  visible: "visible",
};

async function tokenCalled(app: App, { id, slug }: Organization, called: string): Promise<Token> {
  const found = await findTokensCalled(app.db, id, called);
  const [token] = found;
  if (!token)
    throw notFound(`${slug} has no token "${called}".`, {
      remedy: { do: "list", what: "tokens", organization: slug },
    });
  if (found.filter((each) => each.revoked_at === null && each.name === called).length > 1)
    throw invalid(`Several tokens of ${slug} are named "${called}".`, {
      advice: "Give the id instead.",
      remedy: { do: "list", what: "tokens", organization: slug },
    });
  return token;
}
