// Requests that no route may see, or that no route answers: each gets its status and a sentence in JSON.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createRequestGuard } from "../../src/http/request/guard.ts";
import { declaredBy } from "../../src/http/access.ts";
import { createTokenAuth } from "../../src/http/composer/token-auth.ts";
import { createPages } from "../../src/http/pages.ts";
import { directRoutes } from "../../src/http/routes.ts";
import { reservedSlugs } from "../../src/registry/organizations/organizations.ts";
import { sendRaw, type Published } from "../worlds/published.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

let ground: Published;
beforeAll(async () => void (ground = await openWorld({ in: "shell", published: true })));
afterAll(() => ground?.close());

/** Every route of the product by an address that it answers to. */
const routes: Record<string, { methods: string[]; path: string }> = {
  "/:organization/packages.json": { methods: ["GET"], path: "/acme/packages.json" },
  "/:organization/p2/:vendor/:file": { methods: ["GET"], path: "/acme/p2/acme/blog.json" },
  "/:organization/dists/:vendor/:name/*": {
    methods: ["GET"],
    path: `/acme/dists/acme/blog/1.0.0/${"a".repeat(40)}.zip`,
  },
  "/:organization/list.json": { methods: ["GET"], path: "/acme/list.json" },
  "/:organization/search.json": { methods: ["GET"], path: "/acme/search.json" },
  "/:organization/providers/:vendor/:file": { methods: ["GET"], path: "/acme/providers/acme/blog.json" },
  "/:organization/api/security-advisories": { methods: ["POST"], path: "/acme/api/security-advisories" },
  "/:organization/notify-batch": { methods: ["POST"], path: "/acme/notify-batch" },
  "/.well-known/pricore/probe": { methods: ["GET", "POST"], path: "/.well-known/pricore/probe" },
  "/webhooks/:provider/:repository": { methods: ["POST"], path: "/webhooks/git/blog" },
  "/metrics": { methods: ["GET"], path: "/metrics" },
  "/health": { methods: ["GET"], path: "/health" },
  "/assets/*": { methods: ["GET"], path: "/assets/base.css" },
};

describe("a wrong method", () => {
  test("gets 405 with the right ones, on every route", async () => {
    const all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];
    for (const { methods, path } of Object.values(routes)) {
      const allowed = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
      for (const method of all) {
        const response = await ground.ask(path, { method });
        if (allowed.includes(method)) {
          expect([method, path, response.status]).not.toEqual([method, path, 405]);
          continue;
        }
        expect([method, path, response.status]).toEqual([method, path, 405]);
        expect(response.headers.get("Allow")).toBe(allowed.join(", "));
        expect(response.headers.get("Content-Type")).toBe("application/json");
        const message = `Only ${allowed.join(", ")} is allowed here.`;
        expect(await response.text()).toBe(method === "HEAD" ? "" : JSON.stringify({ message }));
      }
    }
  });

  test("at an address that is none is 404, as any other there", async () => {
    for (const method of ["GET", "POST", "DELETE"])
      expect((await ground.ask("/acme/nothing", { method })).status).toBe(404);
  });

  test("was tried on every route that there is, and no organization can take the name of one", async () => {
    const world = await openWorld({ in: "process" });
    const guards = { tokenAuth: createTokenAuth(world.app), guard: createRequestGuard(world.app) };
    const pages = createPages(world.app, guards).routes;
    const direct = Object.keys(directRoutes);
    const others = pages.filter((route) =>
      declaredBy(route).some((declared) => declared.startsWith("access ")),
    );
    expect([...direct, ...others.map(({ path }) => path)].toSorted()).toEqual(Object.keys(routes).toSorted());
    const first = [...direct, ...pages.map(({ path }) => path)].map((path) => path.split("/")[1] ?? "");
    // No organization's address begins with anything else.
    const names = first.filter((name) => /^[a-z0-9]/.test(name));
    expect([...reservedSlugs]).toContainValues(names);
    await world.close();
  });
});

describe("a host", () => {
  const get = (path: string, ...hosts: string[]) =>
    sendRaw(
      ground.server,
      [`GET ${path} HTTP/1.1`, ...hosts.map((host) => `Host: ${host}`), "Connection: close", "", ""].join(
        "\r\n",
      ),
    );

  test("that is not APP_URL's gets 421 with the address to use", async () => {
    const own = new URL(ground.server.url).host;
    for (const host of ["evil.test", `evil.test:${ground.server.port}`, "127.0.0.1", "[", "a b", "%zz", ""])
      for (const path of ["/acme/packages.json", "/acme/list.json", "/", "/nothing"]) {
        const { status, body } = await get(path, host);
        expect([host, path, status]).toEqual([host, path, 421]);
        expect(JSON.parse(body).message).toBe(
          `This registry is at ${own}. Use the address it was set up with (APP_URL).`,
        );
      }
    expect((await get("/acme/packages.json", own)).status).toBe(401);
  });

  test("that is said twice gets 400, and one that is not said at all too", async () => {
    const own = new URL(ground.server.url).host;
    for (const hosts of [[own, "evil.test"], ["evil.test", own], [own, own], []])
      expect([hosts, (await get("/acme/packages.json", ...hosts)).status]).toEqual([hosts, 400]);
  });

  test("may be any for a monitor of this process", async () => {
    for (const host of ["10.0.0.7:8000", "lb", "["]) {
      const { status, body } = await get("/health", host);
      expect([host, status, body]).toEqual([host, 200, '{"status":"ok"}']);
    }
  });

  test("in X-Forwarded-Host changes nothing", async () => {
    const headers = {
      "X-Forwarded-Host": "evil.test",
      Forwarded: "host=evil.test",
      "X-Forwarded-Proto": "https",
    };
    const root = await (await ground.ask("/acme/packages.json", { headers })).text();
    expect(root).not.toContain("evil.test");
    expect(root).toContain(ground.server.url);
  });
});

describe("a body", () => {
  const announced = (path: string, bytes: number, method = "POST") =>
    sendRaw(
      ground.server,
      [
        `${method} ${path} HTTP/1.1`,
        `Host: ${new URL(ground.server.url).host}`,
        `Content-Length: ${bytes}`,
        "Connection: close",
        "",
        "",
      ].join("\r\n"),
    );

  test("that announces more than its route takes gets 413 before it is sent", async () => {
    for (const [path, method, kilobytes] of [
      ["/acme/notify-batch", "POST", 64],
      ["/acme/api/security-advisories", "POST", 256],
      ["/sign-in", "POST", 256],
      ["/webhooks/git/blog", "POST", 25 * 1024],
    ] as const) {
      const { status, body } = await announced(path, kilobytes * 1024 + 1, method);
      expect([path, status]).toEqual([path, 413]);
      expect(JSON.parse(body).message).toBe(`The request body can have up to ${kilobytes} KB.`);
    }
    expect((await announced("/acme/notify-batch", 5 * 1024 * 1024)).status).toBe(413);
  });

  test("where none is taken gets 413, 405 or 404 before it is sent", async () => {
    for (const [path, method, status] of [
      ["/acme/packages.json", "GET", 413],
      ["/sign-in", "GET", 413],
      ["/health", "GET", 413],
      ["/acme/list.json", "POST", 405],
      ["/health", "POST", 405],
      ["/", "POST", 405],
      ["/webhooks/git/blog", "PUT", 405],
      ["/webhooks/a/b/c", "POST", 404],
      ["/nowhere", "POST", 404],
    ] as const)
      expect([path, method, (await announced(path, 2048, method)).status]).toEqual([path, method, status]);
  });

  test("FA19: with a length that is said twice gets 400 in words", async () => {
    const { host } = new URL(ground.server.url);
    for (const [path, method] of [
      ["/acme/packages.json", "GET"],
      ["/acme/notify-batch", "POST"],
      ["/sign-in", "POST"],
      ["/sign-in", "GET"],
      ["/health", "GET"],
      ["/webhooks/git/blog", "POST"],
    ]) {
      const length = "Content-Length: 0\r\n".repeat(2);
      const { status, body } = await sendRaw(
        ground.server,
        `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${length}Connection: close\r\n\r\n`,
      );
      expect([path, status, JSON.parse(body).message]).toEqual([path, 400, "Send only one Content-Length."]);
    }
  });

  test("that does not announce its size gets 413 as soon as it is too large", async () => {
    for (const [kilobytes, status] of [
      [32, 200],
      [65, 413],
      [900, 413],
      [1100, 413],
    ] as const) {
      const response = await ground.ask("/acme/notify-batch", {
        method: "POST",
        body: unannounced(kilobytes),
      });
      expect([kilobytes, response.status]).toEqual([kilobytes, status]);
    }
    expect((await ground.ask("/acme/packages.json")).status).toBe(200);
  });

  test("of a report that is none gets 422 with the form that is expected", async () => {
    const bodies = ["", "{", "null", "[]", "1", '"x"', "{}", '{"downloads":null}', '{"downloads":{}}'];
    for (const body of bodies) {
      const response = await ground.ask("/acme/notify-batch", { method: "POST", body });
      expect([body, response.status]).toEqual([body, 422]);
      expect(response.headers.get("Content-Type")).toBe("application/json");
      expect(((await response.json()) as { message: string }).message).toContain('{"downloads": [');
    }
  });

  test("of a report with rows that cannot be understood counts the others", async () => {
    const rows = [null, 7, [], {}, { name: 1, version: {} }, { name: "x".repeat(500), version: "1" }];
    const unknown = [
      { name: "acme/unknown", version: "1.0.0.0" },
      { name: "acme/blog", version: "9.9.9.9" },
      { __proto__: null, name: "../../etc", version: "passwd" },
    ];
    const good = { name: "Acme/Blog", version: "1.0.0.0", downloaded: -1 };
    const body = JSON.stringify({ downloads: [...rows, ...unknown, good, good], extra: "x" });
    const response = await ground.ask("/acme/notify-batch", { method: "POST", body });
    expect([response.status, await response.text()]).toEqual([200, '{"status":"success"}']);
    const downloads = async () => {
      const [pkg] = await ground.ann.json<{ downloads: number }[]>("package", "list", "--org", "acme");
      return pkg?.downloads;
    };
    await until(async () => (await downloads()) !== 0, { what: "the install is counted" });
    expect(await downloads()).toBe(1);
  });
});

test("a path that climbs out, doubles its slashes or hides a zero byte leads to no file", async () => {
  const paths = [
    "//etc/passwd",
    "/assets/../../etc/passwd",
    "/assets/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%2f..%2fetc%2fpasswd",
    "/assets/base.css%00",
    "/acme/dists/acme/blog/1.0.0/..%2f..%2fapp.key",
    "/acme/dists/..%2f..%2f/app.key/1/x.zip",
    "/acme/p2/..%2f/app.key.json",
    "/acme/p2/acme/%2e%2e%2fblog.json",
  ];
  for (const path of paths) {
    const head = [`GET ${path} HTTP/1.1`, `Host: ${new URL(ground.server.url).host}`, "Connection: close"];
    const authorization = `Authorization: Bearer ${ground.token}`;
    const { status, body } = await sendRaw(ground.server, [...head, authorization, "", ""].join("\r\n"));
    expect([path, status]).toEqual([path, path.startsWith("/acme/p2/acme/") ? 200 : 404]);
    if (status === 200) expect(Object.values(JSON.parse(body).packages)).toEqual([[]]);
    expect(body).not.toMatch(/root:|base64:/);
  }
});

/** So many kilobytes of a report, in pieces. */
function unannounced(kilobytes: number): ReadableStream<Uint8Array> {
  const text = `{"downloads":[],"x":"${"x".repeat(kilobytes * 1024 - 30)}"}`;
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, (at += 16_384)));
    },
  });
}
