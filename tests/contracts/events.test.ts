import { describe, expect, test } from "bun:test";
import type { Event, Happened } from "../../src/events/events.ts";
import { createInProcessEvents } from "../../src/events/in-process.ts";

const activity = (organizationId: string, id: string): Happened => ({ organizationId, kind: "activity", id });
const request = (organizationId: string): Event => ({
  organizationId,
  kind: "request",
  id: "1",
  request: { at: 0, method: "GET", path: "/acme/packages.json", status: 200, tokenName: "ci" },
});

function open(found: Happened[][] = []) {
  const warned: string[] = [];
  let begun = 0;
  let looks = 0;
  const events = createInProcessEvents({
    changes: {
      everyMs: 1,
      begin() {
        begun += 1;
        return async () => {
          looks += 1;
          if (looks === 1 && found.length === 0) throw new Error("the database is away");
          return found.shift() ?? [];
        };
      },
    },
    log: { warn: (event) => void warned.push(event) },
  });
  return { events, warned, begun: () => begun, looks: () => looks };
}

describe("events", () => {
  test("reach everybody who listens to that organization, in their order, and nobody else", () => {
    const { events } = open();
    const heard: string[] = [];
    events.subscribe("acme", ({ id }) => heard.push(`ann ${id}`));
    events.subscribe("acme", ({ id }) => heard.push(`ben ${id}`));
    events.subscribe("other", ({ id }) => heard.push(`zoe ${id}`));
    for (const id of ["1", "2"]) events.publish(activity("acme", id));
    expect(heard).toEqual(["ann 1", "ben 1", "ann 2", "ben 2"]);
    events.close();
  });

  test("are not heard any more by whoever has left", () => {
    const { events } = open();
    const heard: string[] = [];
    const leave = events.subscribe("acme", ({ id }) => heard.push(id));
    events.publish(activity("acme", "1"));
    leave();
    leave();
    events.publish(activity("acme", "2"));
    expect(heard).toEqual(["1"]);
    events.close();
  });

  test("tell what Composer asks only to those who asked for that", () => {
    const { events } = open();
    const heard: string[] = [];
    events.subscribe("acme", ({ kind }) => heard.push(`page ${kind}`));
    expect(events.watchesRequests).toBe(false);
    const leave = events.subscribe("acme", ({ kind }) => heard.push(`setup ${kind}`), { withRequests: true });
    expect([events.watchesRequests, events.watchesRequestsOf("acme")]).toEqual([true, true]);
    expect(events.watchesRequestsOf("other")).toBe(false);
    events.publish(request("acme"));
    events.publish(request("other"));
    leave();
    expect([events.watchesRequests, events.watchesRequestsOf("acme")]).toEqual([false, false]);
    expect(heard).toEqual(["setup request"]);
    events.close();
  });

  test("of other processes are looked for while somebody listens, and not before or after", async () => {
    const { events, begun, looks } = open([[activity("acme", "1")], [activity("other", "2")]]);
    await Bun.sleep(20);
    expect(begun()).toBe(0);
    const heard: string[] = [];
    const leave = events.subscribe("acme", ({ id }) => heard.push(id));
    while (looks() < 4) await Bun.sleep(1);
    leave();
    const before = looks();
    await Bun.sleep(30);
    expect([begun(), heard, looks()]).toEqual([1, ["1"], before]);
  });

  test("come again after a look that failed", async () => {
    const { events, warned, looks } = open();
    const leave = events.subscribe("acme", () => {});
    while (looks() < 3) await Bun.sleep(1);
    leave();
    expect(warned).toEqual(["events.not_seen"]);
  });
});
