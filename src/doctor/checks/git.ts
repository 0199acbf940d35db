// Lists the refs of one repository for each credential and host, as a sync begins.
import type { App } from "../../app.ts";
import { Failure, textOf } from "../../errors.ts";
import { remoteOf } from "../../registry/credentials/remotes.ts";
import type { Remedy } from "../../remedy.ts";
import { listSampleRepositories } from "../../store/repositories/origins.ts";
import { createTurns } from "../../turns.ts";
import { fail, ok, withApp, worstOf, type Check, type Finding } from "../check.ts";

const maxRepositories = 10;
const atOnce = 4;

type Sample = Awaited<ReturnType<typeof listSampleRepositories>>[number];

export const git: Check = {
  id: "git",
  title: "Git access",
  run: withApp(async (app) => {
    const samples = await listSampleRepositories(app.db, maxRepositories);
    if (samples.length === 0) return ok("No repository yet.");
    const inTurn = createTurns(atOnce);
    const findings = await Promise.all(samples.map((sample) => inTurn(() => tryRepository(app, sample))));
    return worstOf(findings, `${samples.length} repositories, one for each credential, can be read.`);
  }),
};

async function tryRepository(app: App, sample: Sample): Promise<Finding> {
  try {
    await app.git.listRefs(await remoteOf(app, sample));
    return ok(sample.name);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const name = `${sample.slug}/${sample.name}`;
    return fail(`${name}: ${textOf(error)}`, { remedy: remedyFor(error, sample) });
  }
}

function remedyFor({ code }: Failure, { slug: organization, name: repository }: Sample): Remedy {
  if (code === "ssh_hostkey_changed") return { do: "forget-host-key", organization, repository };
  const change = code === "git_not_found" ? "either" : code.startsWith("git_") ? "credentials" : "url";
  return { do: "edit-repository", change, organization, repository };
}
