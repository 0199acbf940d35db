// Every route for people × every method × everybody. Who may open it is what the route itself declares; the routes
// are those of the program. What another organization has is asked for under our own address too.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPages } from "../../../src/http/pages.ts";
import { declaredBy } from "../../../src/http/access.ts";
import { createRequestGuard } from "../../../src/http/request/guard.ts";
import { createTokenAuth } from "../../../src/http/composer/token-auth.ts";
import { findViewer } from "../../../src/registry/accounts/sessions.ts";
import type { TestApp } from "../../worlds/process.ts";
import { signedIn, visitor, type Visitor } from "../../pages/visitor.ts";
import { asksAgain, asksNot } from "./acts.ts";
import { makeSamples, sampleOf, type Sample, type Samples } from "./samples.ts";
import { openWorld } from "../../worlds/world.ts";

type Route = { path: string; method: string; says: string[] };
type Who = (typeof everybody)[number];
type Whose = keyof Sample;

const everybody = [
  "nobody",
  "a token",
  "a stranger",
  "an administrator",
  "a member",
  "an admin",
  "an owner",
  "an owner who was away",
] as const;
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

let world: TestApp;
let token: string;
let routes: Route[];
let samples: Samples;

beforeAll(async () => {
  const known = { GITHUB_CLIENT_ID: "pricore", GITHUB_CLIENT_SECRET: "secret" };
  world = await openWorld({
    in: "process",
    environment: { OUTBOUND_ALLOW: "127.0.0.1", SIGN_UP_ENABLED: "true", ...known },
  });
  ({ samples, token } = await makeSamples(world));
  routes = routesOfTheProgram();
});
afterAll(() => world?.close());

test("every route for people is walked", () => {
  expect(routes.length).toBeGreaterThan(20);
  const unknown = ({ path }: Route) => parametersOf(path).filter((name) => !sampleOf(samples, path, name));
  expect(
    routes.flatMap((route) => unknown(route).map((name) => `${route.path} has no sample of ${name}`)),
  ).toEqual([]);
  const twice = routes.filter(({ says }) => new Set(says).size < says.length);
  expect(twice.map(({ method, path, says }) => `${method} ${path} says ${says.join(", ")}`)).toEqual([]);
});

test("T4, I20: every route lets in whom it says, and tells the others nothing", async () => {
  expect(await differences(routes)).toEqual([]);
}, 120_000);

test("a route that says another thing than it does is found", async () => {
  const overview = routes.filter(({ path }) => path === "/organizations/:slug");
  expect(await differences(overview.map((route) => ({ ...route, says: ["member owner"] })))).toContain(
    "GET /organizations/:slug as a member: let in, not forbidden",
  );
  expect(await differences(overview.map((route) => ({ ...route, says: ["visitor"] })))).toContain(
    "GET /organizations/:slug as nobody: sent to sign in, not let in",
  );
});

test("I5: nothing is changed by what another site sends", async () => {
  const let_in: string[] = [];
  for (const { path, method } of routes.filter((route) => route.method !== "GET"))
    for (const origin of ["https://evil.test", "null"]) {
      const person = await enter("an owner");
      const answer = await person.ask(method, addressOf(path), { Origin: origin });
      if (answer.status !== 403) let_in.push(`${method} ${path} from ${origin}: ${answer.status}`);
    }
  expect(let_in).toEqual([]);
});

test("FT11: which acts ask for the password again is a list of its own, and every route is in it", () => {
  const named = routes.map(({ method, path, says }) => ({ act: `${method} ${path}`, says }));
  const asking = (says: string[]) =>
    says.some((declared) => declared === "confirmed" || declared === "person confirmed");
  const known = new Set([...asksAgain, ...Object.values(asksNot).flat()]);
  expect([...known].filter((act) => !named.some((each) => each.act === act))).toEqual([]);
  // Forms that lead to such an act may ask as well.
  const changing = named.filter(({ act }) => !act.startsWith("GET "));
  expect(changing.filter(({ act }) => !known.has(act)).map(({ act }) => act)).toEqual([]);
  const silent = named.filter(({ act, says }) => asksAgain.includes(act) && !asking(says));
  expect(silent.map(({ act }) => act)).toEqual([]);
  const needless = changing.filter(({ act, says }) => asking(says) && !asksAgain.includes(act));
  expect(needless.map(({ act }) => act)).toEqual([]);
});

test("FA7: a user who was away is asked again before each of those acts, and nothing has happened", async () => {
  const before = await everyRow();
  for (const act of asksAgain.filter((each) => !each.endsWith("/outbox/:id"))) {
    const [method = "", path = ""] = act.split(" ");
    const person = await enter("an owner who was away");
    const answer = await person.ask(method, addressOf(path));
    expect([act, kindOf(answer)]).toEqual([act, "sent to confirm"]);
  }
  expect(await everyRow()).toEqual(before);
}, 60_000);

/** All that acts could change; sessions and counts of tries come with the asking. */
async function everyRow(): Promise<Record<string, unknown[]>> {
  const { db } = world.app;
  const own = new Set(["sessions", "throttles", "activity", "members", "jobs", "job_history"]);
  const tables = (await db.read.introspection.getTables()).map(({ name }) => name);
  const rows: Record<string, unknown[]> = {};
  for (const name of tables.filter((each) => !own.has(each)))
    rows[name] = await db.read
      .selectFrom(name as "users")
      .selectAll()
      .execute();
  return rows;
}

test("FT3: nothing is changed by what says neither Origin nor Sec-Fetch-Site, or says it of another site", async () => {
  const foreign: Record<string, string>[] = [
    {},
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { "Sec-Fetch-Site": "" },
    { "Sec-Fetch-Site": "cross-site", Origin: world.app.config.appUrl },
    { "Sec-Fetch-Site": "same-origin", Origin: "https://evil.test" },
    { Origin: `${world.app.config.appUrl}.evil.test` },
  ];
  // The server starts with the first request.
  await world.get("/health", null);
  const before = await everyRow();
  const let_in: string[] = [];
  for (const { path, method } of routes.filter((route) => route.method !== "GET"))
    for (const headers of foreign) {
      const person = await signedIn(world, "ann", { roles: { acme: "owner" } });
      const Cookie = `pricore=${person.cookies.get("pricore") ?? ""}`;
      const answer = await fetch(world.app.config.appUrl + addressOf(path), {
        method,
        headers: { Accept: "text/html", Cookie, ...headers },
        body: new URLSearchParams(),
        redirect: "manual",
      });
      if (answer.status !== 403)
        let_in.push(`${method} ${path} ${JSON.stringify(headers)}: ${answer.status}`);
    }
  expect(let_in).toEqual([]);
  expect(await everyRow()).toEqual(before);
}, 120_000);

test("T4: what another organization has looks like what nobody has", async () => {
  for (const route of routes.filter(({ path }) => parametersOf(path).some((name) => name !== "slug"))) {
    const seen = async (whose: Whose) => {
      const person = await enter("an owner");
      const answer = await person.ask(route.method, addressOf(route.path, whose));
      const text = withoutNames(await answer.text(), route, whose);
      return { route: `${route.method} ${route.path}`, status: answer.status, text };
    };
    const theirs = await seen("theirs");
    expect(theirs).toEqual(await seen("nobodys"));
    expect(theirs.text).not.toContain("ledger");
  }
}, 60_000);

/** What the answers are that they should not be; empty when every one is as the routes declare. */
async function differences(walked: Route[]): Promise<string[]> {
  const found: string[] = [];
  const add = (what: string, seen: string, wanted: string) => {
    if (seen !== wanted) found.push(`${what}: ${seen}, not ${wanted}`);
  };
  // What is looked at comes before what may be gone afterwards.
  const inOrder = walked.toSorted((a, b) => Number(a.method !== "GET") - Number(b.method !== "GET"));
  for (const route of inOrder)
    for (const who of everybody) {
      const answer = await (await enter(who)).ask(route.method, addressOf(route.path));
      const [seen, wanted] = [kindOf(answer), expected(route, who)];
      const isRight =
        seen === wanted || (wanted === "let in" && seen === "nothing there" && mayBeGone(route));
      if (!isRight) add(`${route.method} ${route.path} as ${who}`, seen, wanted);
      await answer.body?.cancel();
    }
  for (const path of new Set(walked.map((route) => route.path)))
    for (const method of methods.filter((each) => !takes(path, each))) {
      const answer = await (await enter("an owner")).ask(method, addressOf(path));
      add(`${method} ${path}`, `${answer.status}`, "405");
    }
  return found;
}

function expected({ says }: Route, who: Who): string {
  const isNobody = who === "nobody" || who === "a token";
  if (says.includes("visitor")) return "let in";
  // Without the password given just before; whoever is signed in has none of that either.
  if (isNobody || says.includes("challenge")) return "sent to sign in";
  const isForFew = says.includes("person administrator") || says.includes("person operator");
  if (isForFew && who !== "an administrator") return "nothing there";
  const role = says.find((declared) => declared.startsWith("member "))?.slice("member ".length);
  if (role && ["a stranger", "an administrator"].includes(who)) return "nothing there";
  const isConfirmed = !says.includes("confirmed") && !says.includes("person confirmed");
  if (role === "owner" && ["a member", "an admin"].includes(who)) return "forbidden";
  if (role === "admin" && who === "a member") return "forbidden";
  return isConfirmed || who !== "an owner who was away" ? "let in" : "sent to confirm";
}

/**
 * Secrets are guessed here, what is a person's own is nobody else's, a question is there only while it is asked, and an
 * act before may have taken the thing away.
 */
function mayBeGone({ path, method }: Route): boolean {
  const isOwn = path.startsWith("/account/") || path.includes(":secret") || path === "/live";
  const isQuestion = /\/(removals|host-key)$/.test(path);
  return isOwn || isQuestion || (method !== "GET" && parametersOf(path).some((name) => name !== "slug"));
}

function kindOf({ status, headers }: Response): string {
  const place = headers.get("location") ?? "";
  if (status === 303 && place.startsWith("/sign-in?next=")) return "sent to sign in";
  if (status === 303 && /^\/sign-in(\?ended=1)?$/.test(place) && !headers.has("clear-site-data"))
    return "sent to sign in";
  if (status === 303 && /^\/confirm(\?|$)/.test(place)) return "sent to confirm";
  if (status === 403) return "forbidden";
  if (status === 404) return "nothing there";
  return status === 401 || status >= 500 ? `${status}` : "let in";
}

/** A new session and the role every time: what is walked may end both. */
async function enter(who: Who): Promise<{ ask: Visitor["ask"] }> {
  if (who === "nobody") return visitor(world);
  if (who === "a token") {
    const { ask } = visitor(world);
    return {
      ask: (method, path, headers) => ask(method, path, { ...headers, Authorization: `Bearer ${token}` }),
    };
  }
  const people = {
    "a stranger": ["ben", {}],
    "an administrator": ["ida", { isAdmin: true }],
    "a member": ["mia", { roles: { acme: "member" } }],
    "an admin": ["ada", { roles: { acme: "admin" } }],
    "an owner": ["ann", { roles: { acme: "owner" } }],
    "an owner who was away": ["ann", { roles: { acme: "owner" } }],
  } as const;
  const [name, options] = people[who];
  const person = await signedIn(world, name, options);
  if (who === "an owner who was away") await longAgo(person);
  return person;
}

async function longAgo(person: Visitor): Promise<void> {
  const viewer = await findViewer(world.app, person.cookies.get("pricore") ?? "", {
    address: "",
    userAgent: "",
  });
  if (viewer) await world.app.sessions.update(viewer.session, { confirmed_at: 0 });
}

function parametersOf(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? "");
}

/** The organization in the address is always ours. */
function addressOf(path: string, whose: Whose = "ours"): string {
  return path.replace("/files/*", "/files/logo.svg").replace(/:(\w+)/g, (_, name: string) => {
    const sample = sampleOf(samples, path, name)?.[name === "slug" ? "ours" : whose];
    return encodeURIComponent(sample ?? name);
  });
}

/** The names that were asked for may be said again. */
function withoutNames(text: string, { path }: Route, whose: Whose): string {
  let plain = text;
  for (const name of parametersOf(path).filter((each) => each !== "slug"))
    plain = plain.replaceAll(sampleOf(samples, path, name)?.[whose] ?? "", "…");
  return plain.replace(/0[0-9a-f]{7}-[0-9a-f-]{27}/g, "…");
}

function takes(path: string, method: string): boolean {
  const sentMethod = method === "HEAD" ? "GET" : method;
  return routes.some((route) => addressOf(route.path) === addressOf(path) && route.method === sentMethod);
}

function routesOfTheProgram(): Route[] {
  const guards = { tokenAuth: createTokenAuth(world.app), guard: createRequestGuard(world.app) };
  return createPages(world.app, guards)
    .routes.map((route) => ({ path: route.path, method: route.method, says: declaredBy(route) }))
    .filter(({ says }) => !says.some((declared) => declared.startsWith("access ")));
}
