// What the faked forges have in common.
import type { ForgeRequest, FakeForge, FakeHook, FakeRepository } from "./fake-forge.ts";

export const missing = () => Response.json({ message: "Not Found" }, { status: 404 });

/** Sorted by path, those of an owner or all. */
export function repositoriesOf(forge: FakeForge, owner: string | null): FakeRepository[] {
  const all = [...forge.repositories.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return owner === null ? all : all.filter(({ path }) => path.startsWith(`${owner}/`));
}

export function pageOf<Item>(items: Item[], { query }: ForgeRequest, sizeName: string) {
  const size = Math.min(100, Number(query.get(sizeName) ?? "30"));
  const page = Number(query.get("page") ?? "1");
  return { items: items.slice((page - 1) * size, page * size), page, isLast: page * size >= items.length };
}

/** With a Link header while there is more. */
export function linked<Item>(
  items: Item[],
  request: ForgeRequest,
  of: { size: string; prefix: string },
): Response {
  const { items: shown, page, isLast } = pageOf(items, request, of.size);
  const query = new URLSearchParams(request.query);
  query.set("page", String(page + 1));
  const next = `${request.forge.origin}${of.prefix}${request.path}?${query}`;
  const headers: Record<string, string> = isLast ? {} : { link: `<${next}>; rel="next"` };
  return Response.json(shown, { headers });
}

let made = 0;

/** One more for the repository, or a change of one that is there. */
export function keepHook(repository: FakeRepository, id: string | null, change: Partial<FakeHook>): FakeHook {
  const known = repository.hooks.find((each) => each.id === id);
  if (known) return Object.assign(known, change);
  const hook: FakeHook = {
    id: String(++made),
    url: "",
    secret: "",
    isActive: true,
    events: [],
    verifiesTls: true,
    ...change,
  };
  repository.hooks.push(hook);
  return hook;
}

/** GET lists or shows, POST makes, PATCH or PUT changes, DELETE removes. */
export function answerHooks(
  { method, body }: ForgeRequest,
  { repository, id }: { repository: FakeRepository; id: string | null },
  words: {
    read(body: Record<string, unknown>): Partial<FakeHook>;
    show(hook: FakeHook): unknown;
    list?(hooks: unknown[]): unknown;
  },
): Response {
  const hook = repository.hooks.find((each) => each.id === id);
  if (id !== null && !hook) return missing();
  if (method === "DELETE") {
    repository.hooks = repository.hooks.filter((each) => each.id !== id);
    return new Response(null, { status: 204 });
  }
  if (method !== "GET") {
    const kept = keepHook(repository, id, words.read(body));
    return Response.json(words.show(kept), { status: id === null ? 201 : 200 });
  }
  if (hook) return Response.json(words.show(hook));
  const all = repository.hooks.map(words.show);
  return Response.json(words.list ? words.list(all) : all);
}

/** A question about a former path is redirected, a change of it is not taken there. */
export function redirected({ method }: ForgeRequest, location: string): Response {
  return new Response(null, { status: method === "GET" ? 301 : 307, headers: { location } });
}
