// Somebody with a browser, as far as the server can tell: cookies are kept, forms say from where they come.
import { createUser } from "../../src/registry/accounts/users.ts";
import { startSession } from "../../src/registry/accounts/sessions.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { setMember } from "../../src/store/organizations/members.ts";
import type { Role } from "../../src/store/schema.ts";
import { findUser, type User } from "../../src/store/accounts/users.ts";
import type { TestApp } from "../worlds/process.ts";

export type Visitor = {
  /** The answer itself, redirects and all. */
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(
    path: string,
    form?: Record<string, string | string[]>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** Any method, with an empty form where one is sent; `Origin` is ours unless said otherwise. */
  ask(method: string, path: string, headers?: Record<string, string>): Promise<Response>;
  /** The text of a page that must be there, after redirects. */
  read(path: string): Promise<string>;
  cookies: Map<string, string>;
};

export const password = (name: string) => `a long password of ${name}`;

/** Not signed in. */
export function visitor({ app, get: start }: TestApp): Visitor {
  // The server starts with the first request.
  return visitorAt(app.config.appUrl, { whenReady: () => start("/health", null) });
}

type Way = {
  whenReady?: () => Promise<unknown>;
  /** Where the server is, when its own address leads elsewhere. */
  address?: string;
  /** Those of another visitor. */
  cookies?: Map<string, string>;
};

/** Of a server that runs anywhere. */
export function visitorAt(
  appUrl: string,
  { whenReady = async () => {}, address = appUrl, cookies = new Map<string, string>() }: Way = {},
): Visitor {
  const ask = async (path: string, init: RequestInit) => {
    await whenReady();
    const headers = new Headers(init.headers);
    headers.set("Accept", "text/html");
    if (cookies.size > 0)
      headers.set("Cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    if (!headers.has("Host")) headers.set("Host", new URL(appUrl).host);
    const answer = await fetch(address + path, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
      if (value === "" || /Max-Age=0\b/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  return {
    cookies,
    get: (path, headers = {}) => ask(path, { headers }),
    ask(method, path, headers = {}) {
      if (method === "GET" || method === "HEAD") return ask(path, { method, headers });
      const own = { Origin: appUrl, ...headers };
      return ask(path, { method, body: new URLSearchParams(), headers: own });
    },
    post(path, form = {}, headers = {}) {
      const body = new URLSearchParams();
      for (const [name, value] of Object.entries(form))
        for (const each of [value].flat()) body.append(name, each);
      return ask(path, { method: "POST", body, headers: { Origin: appUrl, ...headers } });
    },
    async read(path) {
      let answer = await ask(path, {});
      for (let hops = 0; answer.status === 303 && hops < 5; hops++)
        answer = await ask(answer.headers.get("location") ?? "/", {});
      if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`);
      return answer.text();
    },
  };
}

/** A person with the password `password(name)`, `name@acme.test`; made when it is not there yet. */
export async function makePerson({ app }: TestApp, name: string, { isAdmin = false } = {}): Promise<User> {
  const email = `${name}@acme.test`;
  const known = await findUser(app.db, email);
  return known ?? createUser(app, { email, name, isAdmin, password: password(name), actor: "cli" });
}

/** Signed in without the form, with these roles in organizations that are there. */
export async function signedIn(
  world: TestApp,
  name: string,
  { roles = {}, isAdmin = false }: { roles?: Record<string, Role>; isAdmin?: boolean } = {},
): Promise<Visitor & { user: User }> {
  const { app } = world;
  const user = await makePerson(world, name, { isAdmin });
  for (const [slug, role] of Object.entries(roles)) {
    const organization = await getOrganization(app.db, slug);
    await setMember(app.db, organization.id, { userId: user.id, role, now: app.now() });
  }
  const browser = { address: "127.0.0.1", userAgent: "a test" };
  const { secret } = await startSession(app, { user, browser, isRemembered: false });
  const person = visitor(world);
  person.cookies.set("pricore", secret);
  return { ...person, user };
}
