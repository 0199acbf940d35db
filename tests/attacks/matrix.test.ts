// Every route × every method × everybody × every kind of name. Who may ask is what the route itself declares; the
// routes are those of the program, the answers those of the built binary.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { accessFor, declaredBy, type Access } from "../../src/http/access.ts";
import { createRequestGuard } from "../../src/http/request/guard.ts";
import { createTokenAuth } from "../../src/http/composer/token-auth.ts";
import { createPages } from "../../src/http/pages.ts";
import { directRoutes, pageRoute, routeOf, routesBesidePages } from "../../src/http/routes.ts";
import { openTenants, secretOfOther, type Held, type Tenants } from "./tenants.ts";
import { openWorld } from "../worlds/world.ts";

type Route = { path: string; methods: string[]; access: Access };
type Seen = { status: number; headers: Record<string, string>; body: string };
type Name = { name: string; reference: string };
type Case = { route: Route; method: string; who: Who; name: Name };
type Who = Held | "nobody" | "malformed" | "foreign scheme";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
const refused: Who[] = ["nobody", "malformed", "foreign scheme", "random", "foreign", "stranger", "revoked"];
const admitted: Who[] = ["own", "member", "seeing", "blind"];
const everybody: Who[] = [...refused, "expired", ...admitted];

let ground: Tenants;
let routes: Route[];
/** Routes that do not say who may ask them. */
let silent: string[];
let names: Record<"existing" | "unknown" | "nobody's" | "other's", Name>;

beforeAll(async () => {
  ground = await openTenants();
  routes = await routesOfTheProgram();
  const reference = await ground.repository.reference("1.0.0");
  names = {
    existing: { name: "acme/blog", reference },
    unknown: { name: "acme/unknown", reference: "a".repeat(40) },
    "nobody's": { name: "symfony/console", reference: "a".repeat(40) },
    "other's": { name: "other/ledger", reference: await ground.ledger.reference("7.7.7") },
  };
});
afterAll(() => ground?.close());

test("every route says who may ask it", () => {
  expect(routes.length).toBeGreaterThanOrEqual(10);
  expect(silent).toEqual([]);
});

test("the table of routes says what the routes say themselves", () => {
  const listed = Object.entries({ ...directRoutes, ...routesBesidePages }).filter(
    ([path]) => path !== "/live",
  );
  const inTable = listed.map(([path, { access, methods }]) => ({ path, methods: withHead(methods), access }));
  const byPath = (a: { path: string }, b: { path: string }) => a.path.localeCompare(b.path);
  expect(routes.toSorted(byPath)).toEqual(inTable.toSorted(byPath) as Route[]);
});

test("an address is of the kind of its route, whatever stands in it", () => {
  const kinds = {
    "/acme/list.json": "composer",
    "/acme/notify-batch/": "composer",
    "/acme/providers/acme/blog.json": "composer",
    "/assets/css/app.css": "asset",
    "/assets/": "page",
    "/live": "live",
    "/live/list.json/more": "page",
    "//list.json": "page",
    "/organizations/acme/packages": "page",
  };
  for (const [path, kind] of Object.entries(kinds)) expect([path, routeOf(path).kind]).toEqual([path, kind]);
  expect(routeOf("/acme/notify-batch").bodyBytes).toBeLessThan(pageRoute.bodyBytes);
});

test("a route that does not say who may ask it is found", async () => {
  const world = await openWorld({ in: "process" });
  const pages = new Elysia()
    .use(accessFor(world.app))
    .get("/silent", () => "")
    .get("/open", () => "", { access: "anyone" });
  expect(undeclared(pages)).toEqual(["/silent"]);
  await world.close();
});

test("every route answers everybody as it says, to every method and for every name", async () => {
  expect(await differences(routes)).toEqual([]);
}, 60_000);

test("a route that says another thing than it does is found", async () => {
  const list = routes.filter(({ path }) => path.endsWith("/list.json"));
  expect(await differences(list)).toEqual([]);
  const open = list.map((route): Route => ({ ...route, access: "anyone" }));
  expect(await differences(open)).toContain("GET /acme/list.json as nobody: 401 and not 200");
  const health = routes.filter(({ path }) => path === "/health");
  const shut = health.map((route): Route => ({ ...route, access: "token" }));
  expect(await differences(shut)).toContain("GET /health as nobody: 200 and not 401");
});

test("all refusals are the same to the byte", async () => {
  const answers = new Set<string>();
  const tokenRoutes = routes.filter(({ access }) => access === "token");
  for (const [route, method] of allowed(tokenRoutes))
    for (const who of refused)
      for (const name of Object.values(names)) {
        if (method === "HEAD") continue;
        answers.add(JSON.stringify(await ask({ route, method, who, name })));
      }
  expect(answers.size).toBe(1);
});

test("what another organization has looks like what nobody has", async () => {
  const nothing = { name: "other/absent", reference: "b".repeat(40) };
  for (const [route, method] of allowed(routes.filter(({ path }) => path.includes(":vendor"))))
    for (const who of everybody) {
      const theirs = await ask({ route, method, who, name: names["other's"] });
      const none = await ask({ route, method, who, name: nothing });
      const { body } = theirs;
      expect({ ...theirs, body: body.replaceAll("ledger", "absent") }).toEqual(none);
    }
  const ledger = await ground.ask(ground.ledgerDist, { token: ground.foreign });
  expect(ledger.status).toBe(200);
});

/** What the answers have that they should not; empty when every one is as the routes declare. */
async function differences(walked: Route[]): Promise<string[]> {
  const found: string[] = [];
  for (const route of walked)
    for (const method of methods)
      for (const who of everybody)
        for (const [kind, name] of kindsFor(route)) {
          const seen = await ask({ route, method, who, name });
          const what = `${method} ${addressOf(route, name)} as ${who}`;
          const status = expectedStatus({ route, method, who, name });
          if (seen.status !== status) found.push(`${what}: ${seen.status} and not ${status}`);
          found.push(...leaks(seen, { who, kind, method }).map((leak) => `${what}: ${leak}`));
        }
  return found;
}

function expectedStatus({ route, method, who, name }: Case): number {
  if (!route.methods.includes(method)) return 405;
  if (route.access === "anyone" || route.access === "loopback") return 200;
  if (route.access === "signature") return 401;
  if (!admitted.includes(who)) return 401;
  const isSeen = name === names.existing && who !== "blind";
  if (route.path.includes("/dists/")) return isSeen ? 200 : 404;
  // A name of an owned vendor is never left to another registry: the shield.
  if (route.path.includes("/p2/")) return name.name.startsWith("acme/") ? 200 : 404;
  return route.path.includes("/providers/") ? 404 : 200;
}

/** Words that must not stand in an answer. Names are echoed to whoever asks for them. */
function leaks(
  { body, headers }: Seen,
  { who, kind, method }: { who: Who; kind: string; method: string },
): string[] {
  const text = body + JSON.stringify(headers);
  const hidden = [secretOfOther, "7.7.7", ...Object.values(ground.tokens)];
  if (kind !== "other's") hidden.push("ledger");
  if (who === "blind" && kind !== "existing") hidden.push("acme/blog");
  if (who === "blind" && kind === "existing") hidden.push("1.0.0");
  if (who === "seeing") hidden.push("acme/shop");
  if (method === "HEAD" && body !== "") return ["HEAD has a body"];
  return hidden.filter((word) => text.includes(word)).map((word) => `tells "${word}"`);
}

async function ask({ route, method, who, name }: Case): Promise<Seen> {
  const response = await fetch(ground.server.url + addressOf(route, name), {
    method,
    headers: headersOf(who),
    redirect: "manual",
    ...(method === "POST" ? { body: '{"downloads":[]}' } : {}),
  });
  const { date: _, ...headers } = Object.fromEntries(response.headers) as Record<string, string>;
  return { status: response.status, headers, body: await response.text() };
}

function headersOf(who: Who): Record<string, string> {
  if (who === "nobody") return {};
  if (who === "malformed") return { Authorization: "Basic %%%" };
  if (who === "foreign scheme") return { Authorization: `Negotiate ${ground.token}` };
  return { Authorization: `Basic ${btoa(`token:${ground.tokens[who]}`)}` };
}

function addressOf({ path }: Route, { name, reference }: Name): string {
  if (path === "/assets/*") return stylesheet;
  const [vendor = "", project = ""] = name.split("/");
  const file = `${project}.json`;
  const values: Record<string, string> = { organization: "acme", vendor, name: project, file };
  return path
    .replace(/:(\w+)/g, (parameter, key: string) => values[key] ?? parameter)
    .replace(/\*$/, `dev-feature/x/${reference}.zip`);
}

function kindsFor({ path }: Route): [string, Name][] {
  return path.includes(":vendor") ? Object.entries(names) : [["none", names.unknown]];
}

function allowed(walked: Route[]): [Route, string][] {
  return walked.flatMap((route) => route.methods.map((method): [Route, string] => [route, method]));
}

function undeclared({ routes: all }: Pick<Elysia, "routes">): string[] {
  return all.filter((route) => declaredBy(route).length === 0).map(({ path }) => path);
}

let stylesheet = "";

async function routesOfTheProgram(): Promise<Route[]> {
  const home = await (await fetch(`${ground.server.url}/sign-in`)).text();
  stylesheet = /\/assets\/[^"]+\.css/.exec(home)?.[0] ?? "";
  const world = await openWorld({ in: "process" });
  const guards = { tokenAuth: createTokenAuth(world.app), guard: createRequestGuard(world.app) };
  const direct = Object.entries(directRoutes);
  const pages = createPages(world.app, guards);
  await world.close();
  silent = undeclared(pages);
  return [
    ...direct.map(([path, { access, methods }]) => ({ path, methods: withHead(methods), access })),
    ...routesOf(pages),
  ];
}

/** Those that are not for people, who are walked in people-matrix.test.ts. */
function routesOf({ routes: all }: Pick<Elysia, "routes">): Route[] {
  return all.flatMap((route) => {
    const { path, method } = route;
    const [access] = declaredBy(route).flatMap((declared) => declared.match(/^access (.*)/)?.[1] ?? []);
    return access === undefined ? [] : [{ path, methods: withHead([method]), access: access as Access }];
  });
}

function withHead(methods: string[]): string[] {
  return methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
}
