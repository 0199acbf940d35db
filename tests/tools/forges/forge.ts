// A forge on loopback: its repositories over git, its interface as its description says it, and faults at will.
import type { ForgeName } from "../../../src/forges/forge.ts";
import { runBackend } from "../servers/git-http-server.ts";
import { answerBitbucket } from "./bitbucket.ts";
import { answerGitea } from "./gitea.ts";
import { answerGithub } from "./github.ts";
import { answerGitlab } from "./gitlab.ts";
import type { FakeForge, FakeRepository, ForgeRequest } from "./fake-forge.ts";

export const secretWords = "internal-host-of-the-forge";

const interfaces = {
  github: { prefix: "/api/v3", answer: answerGithub },
  gitlab: { prefix: "/api/v4", answer: answerGitlab },
  bitbucket: { prefix: "/!api/2.0", answer: answerBitbucket },
  gitea: { prefix: "/api/v1", answer: answerGitea },
};

/** `root` is the folder with the git repositories, when there are any: `acme/blog.git` below it. */
export function startForge(name: ForgeName, { root = null }: { root?: string | null } = {}): FakeForge {
  const { prefix, answer } = interfaces[name];
  let hanging: (() => void)[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    async fetch(request) {
      const url = new URL(request.url);
      if (/\.git(\/|$)|\/info\/refs$/.test(url.pathname)) return answerGit(request, url);
      forge.requests.push(`${request.method} ${url.pathname}${url.search}`);
      if (!url.pathname.startsWith(`${prefix}/`)) return new Response("<html></html>", { status: 404 });
      if (forge.faults.silent) await new Promise<void>((resolve) => hanging.push(resolve));
      const body = (await request.json().catch(() => ({}))) as Record<string, unknown>;
      const path = decodeURI(url.pathname.slice(prefix.length));
      return withRate(
        answerApi(request, { method: request.method, path, query: url.searchParams, body, forge }),
      );
    },
  });

  function answerApi(request: Request, call: ForgeRequest): Response {
    const { faults } = forge;
    if (faults.status !== null) return new Response(`<h1>${secretWords}</h1>`, { status: faults.status });
    if (faults.expired || !isAuthorized(request))
      return Response.json({ message: `Bad credentials at ${secretWords}` }, { status: 401 });
    if (faults.json !== undefined) return Response.json(faults.json);
    if (faults.limited !== null) return limited(faults.limited);
    return answer(call);
  }

  function isAuthorized({ headers }: Request): boolean {
    const authorization = headers.get("authorization");
    if (name !== "bitbucket") return authorization === `Bearer ${forge.token}`;
    const basic = Buffer.from(`${forge.account.email}:${forge.token}`).toString("base64");
    return authorization === `Basic ${basic}` || authorization === `Bearer ${forge.token}`;
  }

  function limited({ kind, until }: { kind: "primary" | "secondary"; until: number }): Response {
    const seconds = String(Math.floor(until / 1000));
    const message =
      kind === "primary" ? "API rate limit exceeded" : "You have exceeded a secondary rate limit";
    if (name === "github" && kind === "secondary") return Response.json({ message }, { status: 403 });
    const own = { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": seconds };
    if (name === "github") return Response.json({ message }, { status: 403, headers: own });
    const after = { "retry-after": new Date(until).toUTCString() };
    return Response.json({ message }, { status: 429, headers: after });
  }

  function withRate(response: Response): Response {
    const { rate } = forge;
    if (rate === null) return response;
    rate.remaining = Math.max(0, rate.remaining - 1);
    const start = name === "gitlab" ? "ratelimit" : "x-ratelimit";
    response.headers.set(`${start}-limit`, String(rate.limit));
    response.headers.set(`${start}-remaining`, String(rate.remaining));
    response.headers.set(`${start}-reset`, String(Math.floor(rate.resetsAt / 1000)));
    return response;
  }

  /** A renamed repository is redirected to, as forges do; the token opens everything. */
  async function answerGit(request: Request, url: URL): Promise<Response> {
    const [, path = "", suffix, rest = ""] =
      /^\/(.+?)(\.git)?(\/info\/.*|\/git-.*)?$/.exec(url.pathname) ?? [];
    const usual = suffix === undefined ? path : path.toLowerCase();
    const now = forge.renamed.get(path) ?? (suffix === undefined || usual !== path ? usual : undefined);
    if (now !== undefined && forge.redirectsGit)
      return new Response(null, { status: 301, headers: { location: `/${now}.git${rest}${url.search}` } });
    const password = Buffer.from((request.headers.get("authorization") ?? "").slice(6), "base64")
      .toString()
      .replace(/^[^:]*:/, "");
    const repository = forge.repositories.get(path);
    if (password !== forge.token || forge.faults.expired)
      return new Response("", { status: 401, headers: { "www-authenticate": "Basic realm=git" } });
    const { root } = forge;
    if (!repository || root === null) return new Response("", { status: 404 });
    const own = new Request(new URL(`/${repository.folder}${rest}${url.search}`, url), request);
    return runBackend(own, root);
  }

  const forge: FakeForge = {
    name,
    origin: `http://127.0.0.1:${server.port}`,
    root,
    account: { login: "ann", name: "Ann", email: "ann@acme.test" },
    token: `${name}-token-of-ann`,
    may: { read: true, keepWebhooks: true, listOwners: true },
    scopes: { github: ["repo", "read:org"], gitlab: ["api"], bitbucket: null, gitea: null }[name],
    organizations: ["acme"],
    repositories: new Map(),
    renamed: new Map(),
    redirectsGit: true,
    faults: { expired: false, status: null, silent: false, limited: null, json: undefined },
    rate: null,
    requests: [],
    add(path, more = {}) {
      const id = forge.repositories.size + 1;
      const folder = `${path}.git`;
      const usual = { folder, isPrivate: true, isArchived: false, description: null, hooks: [] };
      const repository: FakeRepository = { id, path, ...usual, ...more };
      forge.repositories.set(path, repository);
      return repository;
    },
    rename(from, to) {
      const repository = forge.repositories.get(from);
      if (!repository) throw new Error(`there is no ${from}`);
      forge.repositories.delete(from);
      forge.repositories.set(to, { ...repository, path: to });
      forge.renamed.set(from, to);
    },
    async stop() {
      for (const release of hanging) release();
      hanging = [];
      await server.stop(true);
    },
  };
  return forge;
}
