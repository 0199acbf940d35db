// GitHub and GitLab on loopback, which people sign in with: the way there and back.
import { expect } from "bun:test";
import type { User } from "../../src/store/accounts/users.ts";
import { signedIn, type Visitor } from "../pages/visitor.ts";
import type { TestApp } from "./process.ts";
import { startOAuthForge, type FakePerson, type OAuthServer } from "../tools/forges/oauth-server.ts";

export type OAuthForge = "github" | "gitlab";
export type OAuthForges = Record<OAuthForge, OAuthServer>;

export type WithOAuth = OAuthForges & {
  /** Where the browser is sent to. */
  setOut(person: Visitor, forge?: OAuthForge, next?: string): Promise<string>;
  /** To the forge, where the person agrees, and back. */
  goThere(person: Visitor, forge?: OAuthForge, next?: string): Promise<Response>;
  /** The same at GitHub, by one of our forms. */
  goByForm(person: Visitor, path: string, form?: Record<string, string>): Promise<Response>;
  /** Ann with a password, and GitHub connected to her account. */
  connected(): Promise<Visitor & { user: User }>;
};

/** Who is signed in at the forges. */
export const ann: FakePerson = {
  id: 7,
  login: "ann-hub",
  emails: [{ email: "ann@acme.test", verified: true }],
};

/** They run before the registry, which needs their addresses in its settings. */
export function startOAuthForges(): OAuthForges {
  const forges = { github: startOAuthForge("github"), gitlab: startOAuthForge("gitlab") };
  forges.github.person = ann;
  forges.gitlab.person = { ...ann, login: "ann-lab" };
  return forges;
}

export function withOAuth(world: TestApp, forges: OAuthForges): WithOAuth {
  const setOut: WithOAuth["setOut"] = async (person, forge = "github", next = "") => {
    const answer = await person.get(`/auth/${forge}/redirect${next && `?next=${encodeURIComponent(next)}`}`);
    expect(answer.status).toBe(303);
    return answer.headers.get("location") ?? "";
  };
  const goByForm: WithOAuth["goByForm"] = async (person, path, form = {}) => {
    const shown = await person.post(path, form);
    if (shown.status !== 200) return shown;
    return person.get(await forges.github.agree(onward(await shown.text())));
  };
  return {
    ...forges,
    setOut,
    goByForm,
    goThere: async (person, forge = "github", next = "") =>
      person.get(await forges[forge].agree(await setOut(person, forge, next))),
    async connected() {
      const person = await signedIn(world, "ann");
      const answer = await goByForm(person, "/auth/github/link");
      expect([answer.status, answer.headers.get("location")]).toEqual([303, "/account/connections"]);
      return person;
    },
  };
}

export async function isSignedIn(person: Visitor): Promise<boolean> {
  return (await person.get("/account/sessions")).status === 200;
}

/** Where a page of ours leads by itself. */
export function onward(page: string): string {
  return (/http-equiv="refresh" content="0; url=([^"]+)"/.exec(page)?.[1] ?? "").replaceAll("&amp;", "&");
}
