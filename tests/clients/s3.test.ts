// Conformance of archives in S3: numbers 49 and 50.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startS3, type S3Server } from "../tools/servers/s3-server.ts";
import { withEachComposer } from "./clients.ts";
import { basic, readVersion } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let s3: S3Server;
let world: ClientWorld;
let acme: Organization;

beforeAll(async () => {
  s3 = startS3();
  world = await openWorld({ in: "binary", git: true, environment: s3.environment });
  acme = await world.organization("acme");
  await world.pricore("org", "update", "acme", "--source", "off");
  await world.publish(acme, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
});
afterAll(async () => {
  await world?.close();
  await s3?.stop();
});

withEachComposer((composer) => {
  const manifest = { require: { "acme/blog": "1.0.0" } };

  test("49: the credentials for the registry are not sent to the storage", async () => {
    const site = await createProject(world, { composer, org: acme, manifest });
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    s3.requests.length = 0;
    expect(await site.say("install")).toMatchObject({ code: 0 });
    expect(site.has("vendor/acme/blog/composer.json")).toBe(true);
    for (const { method, headers, path } of s3.requests.filter((request) => request.method === "GET")) {
      expect([method, path, headers["authorization"]?.startsWith("AWS4-HMAC-SHA256") ?? true]).toEqual([
        method,
        path,
        true,
      ]);
      expect(JSON.stringify(headers)).not.toContain(acme.token);
    }
  });

  test("50: an archive is downloaded although the client sends a fixed Authorization header everywhere", async () => {
    const header = [`Authorization: ${basic(acme.token)["Authorization"]}`];
    const repositories = [{ type: "composer", url: acme.url, options: { http: { header } } }];
    const site = await createProject(world, { composer, org: acme, manifest, repositories });
    await site.authenticate(null);
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(site.has("vendor/acme/blog/composer.json")).toBe(true);
  });
});

test("49, 50: the storage refuses unsigned and doubly signed requests, and a signed link works", async () => {
  const { dist } = await readVersion(acme, "acme/blog", "1.0.0");
  expect(s3.objects.size).toBe(1);
  const [key = ""] = [...s3.objects.keys()];
  expect((await fetch(`${s3.endpoint}/archives/${key}`)).status).toBe(403);
  expect(
    (await fetch(`${s3.endpoint}/archives/${key}?X-Amz-Signature=x`, { headers: basic("x") })).status,
  ).toBe(400);
  expect((await fetch(dist.url, { headers: basic(acme.token) })).status).toBe(200);
});
