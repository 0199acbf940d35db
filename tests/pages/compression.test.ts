// Pages and files come compressed to whoever takes them so, and a page that an attacker could measure does not.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { encodingFor } from "../../src/http/compression.ts";
import type { TestApp } from "../worlds/process.ts";
import { signedIn, type Visitor } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let ann: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  await ann.get("/sign-in");
});
afterAll(() => world?.close());

/** As it is on the wire. */
async function raw(
  path: string,
  headers: Record<string, string>,
): Promise<{ answer: Response; body: Uint8Array }> {
  const cookie = [...ann.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const answer = await fetch(world.app.config.appUrl + path, {
    headers: { Accept: "text/html", Cookie: cookie, ...headers },
    decompress: false,
    redirect: "manual",
  });
  return { answer, body: await answer.bytes() };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const overview = "/organizations/acme";

describe("compressed", () => {
  test("FU14: is a page, with Brotli where the browser takes it, else with gzip, else not at all", async () => {
    const plain = await raw(overview, { "Accept-Encoding": "identity" });
    const brotli = await raw(overview, { "Accept-Encoding": "gzip, deflate, br" });
    const zipped = await raw(overview, { "Accept-Encoding": "gzip" });
    expect(plain.answer.headers.get("content-encoding")).toBeNull();
    expect(brotli.answer.headers.get("content-encoding")).toBe("br");
    expect(zipped.answer.headers.get("content-encoding")).toBe("gzip");
    for (const { answer } of [plain, brotli, zipped])
      expect(answer.headers.get("vary")).toBe("Accept-Encoding");
    expect(text(brotliDecompressSync(brotli.body))).toBe(text(plain.body));
    expect(text(gunzipSync(zipped.body))).toBe(text(plain.body));
    expect(zipped.body.length).toBeLessThan(plain.body.length / 3);
  });

  test("FU14: is every file but the faces, which are compressed already", async () => {
    const { body } = await raw(overview, {});
    const addresses = [...text(body).matchAll(/\/assets\/[\w.-]+/g)].map(([address]) => address);
    expect(new Set(addresses.map((each) => each.split(".").at(-1)))).toEqual(
      new Set(["css", "js", "svg", "woff2"]),
    );
    for (const address of new Set(addresses)) {
      const plain = await raw(address, { "Accept-Encoding": "identity" });
      const small = await raw(address, { "Accept-Encoding": "gzip, br" });
      expect(plain.answer.headers.get("content-encoding")).toBeNull();
      if (address.endsWith(".woff2")) {
        expect(small.answer.headers.get("content-encoding")).toBeNull();
        continue;
      }
      expect(small.answer.headers.get("vary")).toBe("Accept-Encoding");
      expect(small.answer.headers.get("content-encoding")).toBe("br");
      expect(text(brotliDecompressSync(small.body))).toBe(text(plain.body));
    }
  });

  test("FU14: is no page that another site had opened, so that its size tells that site nothing", async () => {
    const from = (site: string) => raw(overview, { "Accept-Encoding": "br", "Sec-Fetch-Site": site });
    for (const site of ["cross-site", "same-site"])
      expect((await from(site)).answer.headers.get("content-encoding")).toBeNull();
    for (const site of ["same-origin", "none"])
      expect((await from(site)).answer.headers.get("content-encoding")).toBe("br");
  });

  test("FU14: is no page that shows a secret", async () => {
    const made = await ann.post("/account/tokens", { name: "laptop", expires: "never" });
    expect(made.status).toBe(303);
    const { answer, body } = await raw(made.headers.get("location") ?? "", { "Accept-Encoding": "br" });
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(text(body)).toContain("prc_");
  });

  test("FU14: is no answer without a body", async () => {
    const gone = await raw("/", { "Accept-Encoding": "br" });
    expect(gone.answer.headers.get("content-encoding")).toBeNull();
  });
});

describe("what a request takes", () => {
  const taken = (value: string) =>
    encodingFor(new Request("http://localhost/", { headers: { "Accept-Encoding": value } }));
  const cases: [header: string, encoding: string | null][] = [
    ["gzip, deflate, br, zstd", "br"],
    ["gzip;q=1.0, br;q=0.5", "gzip"],
    ["BR", "br"],
    ["br;q=0, gzip", "gzip"],
    ["*", "br"],
    ["*;q=0", null],
    ["gzip;q=0, *", "br"],
    ["identity", null],
    ["", null],
    ["deflate, brr", null],
    [";;;,,,q=1", null],
    ["gzip; q=nonsense", "gzip"],
  ];
  for (const [header, encoding] of cases)
    test(`FU14: "${header}" is ${encoding ?? "nothing"}`, () =>
      expect(taken(header)).toBe(encoding as never));
});
