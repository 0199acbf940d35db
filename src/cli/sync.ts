import type { App } from "../app.ts";
import { invalid } from "../errors.ts";
import { noteLines } from "../registry/packages/notes.ts";
import { requestSync } from "../registry/sync-requests.ts";
import { watchSyncs, type SyncReport } from "./wait-for-syncs.ts";
import { getRepository, listRepositories, type Repository } from "../store/repositories/repositories.ts";
import type { Organization } from "../store/organizations/organizations.ts";
import type { Command, Output } from "./command.ts";
import { organizationIn, organizationOption } from "./organization.ts";
import { remedyLine } from "./remedies.ts";

export const sync: Command = {
  summary: "Start syncs; --wait waits for them and fails if one fails",
  usage: "[NAME]…",
  arity: [0, 1000],
  options: {
    ...organizationOption,
    all: { type: "boolean", help: "Every repository of the organization" },
    wait: {
      type: "boolean",
      help: "Wait for the result; run the syncs here if no server or worker is running",
    },
    "confirm-removals": {
      type: "boolean",
      help: "Remove versions whose tags or branches are gone, however many",
    },
  },
  async run(app, args, out) {
    const organization = await organizationIn(app, args);
    const all = args.flag("all");
    if (all === args.positionals.length > 0)
      throw invalid("Name the repositories, or use --all.", { code: "usage" });
    const repositories = all
      ? await listRepositories(app.db, organization.id)
      : await Promise.all(args.positionals.map((name) => getRepository(app.db, organization, name)));
    const request = {
      organization,
      repositories,
      wait: args.flag("wait"),
      confirmRemovals: args.flag("confirm-removals"),
    };
    const { reports, code, human } = await syncAndReport(app, request, out);
    out.result(
      request.wait ? reports : repositories.map(({ name }) => ({ repository: name, queued: true })),
      human,
    );
    return code;
  },
};

type SyncSelection = {
  organization: Organization;
  repositories: Repository[];
  wait: boolean;
  confirmRemovals: boolean;
};

/** Queues the syncs and, with `wait`, watches them until they end. Exit code 1 when one failed. */
export async function syncAndReport(
  app: App,
  { organization, repositories, wait, confirmRemovals }: SyncSelection,
  out: Output,
): Promise<{ reports: SyncReport[]; code: number; human: string[] }> {
  const since = app.now();
  for (const repository of repositories)
    await requestSync(app, repository, { reason: "asked", confirmRemovals });
  if (!wait)
    return { reports: [], code: 0, human: repositories.map(({ name }) => `Queued a sync of ${name}.`) };
  const reports = await watchSyncs(app, { organization, repositories, since }, (running, { name }) => {
    const total = running.refs_total || "?";
    out.progress(`${name}: ${running.refs_done} of ${total} tags and branches ${running.current_ref ?? ""}`);
  });
  const code = reports.some((report) => report.error !== null) ? 1 : 0;
  return { reports, code, human: reports.flatMap((report) => linesOf(report, app.config.appUrl)) };
}

function linesOf(report: SyncReport, appUrl: string): string[] {
  const { repository, added, updated, removed, skipped, noted, leftOut, seconds } = report;
  const head = report.error
    ? `${repository}: ${report.error}`
    : `${repository}: ${added} added, ${updated} updated, ${removed} removed, ${skipped.length} skipped in ${seconds} s`;
  const limit =
    leftOut === 0
      ? []
      : [`  Left out: the ${leftOut} oldest development versions, because a document can have up to 32 MB.`];
  const notes = noteLines(noted).map((line) => `  ${line}`);
  const help = report.action === null ? [] : [`  ${remedyLine(report.action, appUrl)}`];
  return [head, ...help, ...skipped.map(({ reason }) => `  Skipped: ${reason}`), ...notes, ...limit];
}
