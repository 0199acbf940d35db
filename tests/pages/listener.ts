import type { TestApp } from "../worlds/process.ts";
import { openEventStream, type EventStream } from "../tools/event-stream.ts";
import type { Visitor } from "./visitor.ts";

/** What the pages of somebody hear; `query` of the address. */
export async function listen(
  { app }: TestApp,
  person: Visitor,
  { query = "organization=acme", headers = {} }: { query?: string; headers?: Record<string, string> } = {},
): Promise<EventStream> {
  await person.get("/sign-in");
  const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return openEventStream(`${app.config.appUrl}/live?${query}`, { Cookie: cookie, ...headers });
}
