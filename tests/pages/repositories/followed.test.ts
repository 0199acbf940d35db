// A sync that is followed from the form to the end, over the stream of the built binary.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Operator } from "../../worlds/shell.ts";
import { openEventStream } from "../../tools/event-stream.ts";
import { startGitHttp, type GitHttpServer } from "../../tools/servers/git-http-server.ts";
import { makeRepository } from "../../tools/repositories.ts";
import type { Served } from "../../tools/binary.ts";
import { openWorld } from "../../worlds/world.ts";

const password = "a long password of ann";

let operator: Operator;
let server: Served;
let git: GitHttpServer;
let cookie: string;

beforeAll(async () => {
  operator = await openWorld({ in: "shell", env: { OUTBOUND_ALLOW: "127.0.0.1" } });
  git = startGitHttp({ root: operator.folder });
  const steps = Array.from({ length: 40 }, (_, number) => ({
    manifest: { name: "acme/blog" },
    tags: [`1.0.${number}`],
  }));
  await makeRepository(operator.folder, "acme/blog", steps);
  await operator.run(["user", "create", "--email", "ann@acme.test", "--name", "Ann", "--password-stdin"], {
    stdin: password,
  });
  await operator.must("org", "create", "acme", "--name", "Acme", "--owner", "ann@acme.test");
  server = await operator.serve();
  const signedIn = await post("/sign-in", { email: "ann@acme.test", password, next: "/" });
  cookie = (signedIn.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
}, 60_000);
afterAll(async () => {
  await git?.stop();
  await operator?.close();
});

function post(path: string, form: Record<string, string>): Promise<Response> {
  return fetch(server.url + path, {
    method: "POST",
    body: new URLSearchParams(form),
    headers: { Origin: server.url, Accept: "text/html", Cookie: cookie ?? "" },
    redirect: "manual",
  });
}

async function read(path: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(server.url + path, {
    headers: { Accept: "text/html", Cookie: cookie, ...headers },
  });
  expect(answer.status).toBe(200);
  return (await answer.text()).replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
}

test("a repository that is added is followed live until all its versions are there", async () => {
  const live = await openEventStream(`${server.url}/live?organization=acme`, { Cookie: cookie });
  expect(live.status).toBe(200);
  const added = await post("/organizations/acme/repositories", { url: `${git.url}/acme/blog.git` });
  const page = added.headers.get("location") ?? "";
  expect(page).toBe("/organizations/acme/repositories/blog");
  const { id } = (await live.next("package", 30_000)) as { id: string };
  while ((await read(page)).includes("Last checked Never")) await live.next(`sync-${id}`, 30_000);
  const part = await read(page, { "HX-Request": "true" });
  expect(part).toContain("Added 41");
  expect(part).not.toContain("Syncing");
  live.close();
}, 60_000);

test("a server that is told to stop does not wait for its streams", async () => {
  const live = await openEventStream(`${server.url}/live?organization=acme`, { Cookie: cookie });
  expect(live.status).toBe(200);
  server.kill("SIGTERM");
  await live.ended;
  expect(await server.ended).toBe(0);
}, 30_000);
