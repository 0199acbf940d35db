// The whole record as a file, sent as it is read: a page of rows at a time, however long it is.
import type { App } from "../../../app.ts";
import { actorNames } from "../../../registry/organizations/activity.ts";
import {
  listActivity,
  type ActivityEntry,
  type ActivityFilter,
} from "../../../store/organizations/activity.ts";
import { pageHeaders } from "../../answers.ts";
import { csvLine } from "./csv.ts";
import { printable } from "../../../printable.ts";
import type { OrganizationPage } from "../../page.ts";

export type Format = "csv" | "ndjson";

const batch = 500;

export function exportActivity(
  app: App,
  { keepAlive, membership }: OrganizationPage,
  { format, ...filter }: Omit<ActivityFilter, "before"> & { format: Format },
): Response {
  const { id, slug } = membership.organization;
  const lines = batchesOf(app, id, filter);
  const encoder = new TextEncoder();
  keepAlive();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (format === "csv") controller.enqueue(encoder.encode(csvLine(columns)));
    },
    async pull(controller) {
      const { value, done } = await lines.next();
      if (done) return controller.close();
      const write = format === "csv" ? csvOf : ndjsonOf;
      controller.enqueue(encoder.encode(value.map(write).join("")));
    },
  });
  return new Response(body, {
    headers: {
      ...pageHeaders,
      "Content-Type": format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
      "Content-Disposition": `attachment; filename="${slug}-activity.${format}"`,
      "Cache-Control": "no-store",
    },
  });
}

type Line = { entry: ActivityEntry; name: string | null };

async function* batchesOf(app: App, organizationId: string, filter: ActivityFilter): AsyncGenerator<Line[]> {
  let before: string | null = null;
  for (;;) {
    const entries: ActivityEntry[] = await listActivity(app.db, organizationId, batch, { ...filter, before });
    const last = entries.at(-1);
    if (!last) return;
    const nameOf = await actorNames(
      app,
      entries.map(({ actor }) => actor),
    );
    yield entries.map((entry) => ({ entry, name: nameOf(entry.actor).name }));
    before = last.id;
  }
}

const columns = ["id", "at", "actor", "name", "action", "subject", "details"];

function csvOf({ entry, name }: Line): string {
  const { id, created_at, actor, action, subject, details } = entry;
  return csvLine([id, new Date(created_at).toISOString(), actor, name ?? "", action, subject, details]);
}

function ndjsonOf({ entry, name }: Line): string {
  const { id, created_at, actor, action, subject, details } = entry;
  const at = new Date(created_at).toISOString();
  const line = JSON.stringify({ id, at, actor, name, action, subject, details: JSON.parse(details) });
  return `${printable(line)}\n`;
}
