// The control of every fault test: a registry that opens the hole is caught by the client that asks.
import { expect, test } from "bun:test";
import { startAsking, wrongOf } from "./asking.ts";

const options = { token: "x", names: ["acme/blog", "acme/unknown"], published: ["acme/blog"] };

async function account(answer: (name: string) => Response) {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => answer(/p2\/(.*)\.json$/.exec(url)?.[1] ?? ""),
  });
  const asking = startAsking({ ...options, url: `http://127.0.0.1:${server.port}/acme` });
  await asking.round();
  await server.stop(true);
  return asking.stop();
}

test("a client that asks finds nothing wrong with packages, shields and honest errors", async () => {
  const { requests: count, wrong } = await account((name) =>
    Response.json({ packages: { [name]: name === "acme/blog" ? [{}] : [] } }),
  );
  expect([count > 0, wrong]).toEqual([true, []]);
  for (const status of [401, 503])
    expect((await account(() => new Response("", { status }))).wrong).toEqual([]);
});

test("a client that asks counts every answer that would send it to another registry", async () => {
  const wrongs: [Response, RegExp][] = [
    [new Response("", { status: 404 }), /with 404/],
    [new Response("", { status: 500 }), /with 500/],
    [Response.json({ packages: {} }), /does not name it/],
    [Response.json({ packages: [] }), /does not name it/],
    [new Response("<html>"), /does not name it/],
    [
      Response.json({ packages: { "acme/blog": [], "acme/unknown": [] } }),
      /acme\/blog .* without its versions/,
    ],
  ];
  for (const [answer, words] of wrongs) {
    const { wrong } = await account(() => answer.clone());
    expect(wrong.join("\n")).toMatch(words);
  }
});

test("no answer at all is not counted as wrong", () => {
  expect(wrongOf({ name: "acme/blog", status: 0, text: "" }, ["acme/blog"])).toBe(null);
});
