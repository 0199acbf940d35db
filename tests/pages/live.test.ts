import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { createToken } from "../../src/registry/tokens.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { succeeded } from "../tools/process.ts";
import { listen } from "./listener.ts";
import { makePerson, signedIn } from "./visitor.ts";
import { until } from "../tools/until.ts";
import { binary } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let blog: Mirrored;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  await world.organization("other");
  await makePerson(world, "ann");
  blog = await world.mirror(acme, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
});
afterAll(() => world?.close());

describe("a page that is open", () => {
  test("receives syncs, what they published and what was done", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
    const live = await listen(world, ann);
    expect(live.status).toBe(200);
    expect(live.headers.get("content-type")).toBe("text/event-stream");
    await Bun.sleep(300);
    await blog.sync();
    const { id } = await blog.row();
    expect(await live.next("sync")).toEqual({ id });
    expect(await live.next(`sync-${id}`)).toEqual({ id });
    expect(await live.next("package")).toEqual({ id });
    await live.next("activity");
    live.close();
  });

  test("receives what another process does", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
    const live = await listen(world, ann);
    await Bun.sleep(300);
    await blog.git.commit({ manifest: { name: "acme/blog" }, tags: ["1.0.1"] });
    const env = { PATH: process.env["PATH"], HOME: world.folder, ...world.environment };
    await succeeded([binary, "sync", "--org", "acme", "--all", "--wait"], { env });
    const { id } = await blog.row();
    expect(await live.next("sync")).toEqual({ id });
    expect(await live.next("package")).toEqual({ id });
    live.close();
  });

  test("receives events of its own organization alone", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "member", other: "member" } });
    const other = await listen(world, ann, { query: "organization=other" });
    const own = await listen(world, ann);
    await Bun.sleep(300);
    await blog.git.commit({ manifest: { name: "acme/blog" }, tags: ["1.1.0"] });
    await blog.sync();
    await own.next("sync");
    await Bun.sleep(300);
    expect(other.events).toEqual([]);
    own.close();
    other.close();
  });

  test("loads the page again when it reconnects", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
    const first = await listen(world, ann);
    await until(() => first.text().includes("id: 1"));
    expect(first.events).toEqual([]);
    const again = await listen(world, ann, { headers: { "Last-Event-ID": "1" } });
    await again.next("live");
    first.close();
    again.close();
  });

  test("is one of six of a browser", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
    const open = await Promise.all(Array.from({ length: 6 }, () => listen(world, ann)));
    expect(open.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect((await listen(world, ann)).status).toBe(503);
    open[0]?.close();
    let status = 503;
    while (status === 503) {
      await Bun.sleep(50);
      const next = await listen(world, ann);
      status = next.status;
      next.close();
    }
    for (const stream of open) stream.close();
    expect(status).toBe(200);
  });
});

describe("the page that waits for Composer", () => {
  test("sees each request with its token's name, a refused one without, and the install", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
    const requestStream = await listen(world, ann, { query: "organization=acme&requests=1" });
    const plain = await listen(world, ann);
    const owner = { organizationId: acme.id };
    const made = { owner, name: "laptop", expiresAt: null, packages: [], actor: "cli" };
    const { text } = await createToken(world.app, made);
    await world.get("/acme/packages.json", text);
    await world.get("/acme/packages.json", "prc_wrong");
    await world.get("/acme/list.json?filter=x", text);
    const report = { downloads: [{ name: "acme/blog", version: "1.0.0.0" }] };
    await fetch(`${world.app.config.appUrl}/acme/notify-batch`, {
      method: "POST",
      body: JSON.stringify(report),
      headers: { Authorization: `Bearer ${text}` },
    });
    await requestStream.next("install");
    while (requestStream.events.filter(({ event }) => event === "request").length < 4) await Bun.sleep(10);
    const requests = requestStream.events.filter(({ event }) => event === "request").map(({ data }) => data);
    expect(requests).toMatchObject([
      { method: "GET", path: "/acme/packages.json", status: 200, tokenName: "laptop" },
      { method: "GET", path: "/acme/packages.json", status: 401, tokenName: null },
      { method: "GET", path: "/acme/list.json", status: 200, tokenName: "laptop" },
      { method: "POST", path: "/acme/notify-batch", status: 200, tokenName: "laptop" },
    ]);
    expect(plain.events.map(({ event }) => event)).not.toContain("request");
    expect(requestStream.text()).not.toContain(text);
    requestStream.close();
    plain.close();
    while (world.app.events.watchesRequests) await Bun.sleep(10);
  });
});
