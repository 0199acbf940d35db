// The edge of HTTP: rows H1–H16, N1, N2, I2 and I3 of the list of attacks, against the built binary.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { basic } from "../clients/documents.ts";
import { sendRaw } from "../worlds/published.ts";
import { openTenants, type Tenants } from "./tenants.ts";
import { until } from "../tools/until.ts";

let ground: Tenants;
let slow: Promise<string>[];

beforeAll(async () => {
  ground = await openTenants();
  slow = slowRequests();
});
afterAll(() => ground?.close());

const reads = ["/acme/packages.json", "/acme/p2/acme/blog.json", "/acme/list.json", "/acme/search.json?q=b"];

test("H1: a foreign Host gets 421, and no header puts one into a document", async () => {
  const evil = { "X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https", Forwarded: "host=evil.test" };
  for (const path of reads) {
    const { status, body } = await raw("GET", path, { Host: "evil.test" });
    expect([path, status]).toEqual([path, 421]);
    expect(JSON.parse(body).message).toStartWith(`This registry is at ${own()}.`);
    const spoofed = await ground.ask(path, { headers: evil });
    expect(spoofed.status).toBe(200);
    expect((await spoofed.text()) + JSON.stringify([...spoofed.headers])).not.toContain("evil.test");
  }
  expect(ground.logged("host.rejected")).toContainEqual(
    expect.objectContaining({ host: "evil.test", path: "/acme/packages.json" }),
  );
  expect((await raw("GET", "/health", { Host: "evil.test" })).status).toBe(200);
});

test("H2: two Host headers get 400", async () => {
  for (const second of [own(), "evil.test"]) {
    const head = `GET /acme/packages.json HTTP/1.1\r\nHost: ${own()}\r\nHost: ${second}\r\n`;
    expect((await sendRaw(ground.server, `${head}${bearer()}\r\n`)).status).toBe(400);
  }
  expect((await raw("GET", "/acme/packages.json", {})).status).toBe(200);
});

test("H3: an address that climbs out of its folder leads to no file", async () => {
  const climbing = [
    "//etc/passwd",
    `http://${own()}/../../etc/passwd`,
    "/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/%2F%2F..%2F..%2Fapp.key",
    "/..;/app.key",
    "/assets/..%5c..%5capp.key",
    "/assets/base.css%00.zip",
    "/acme/dists/acme/blog/1.0.0/..%2f..%2f..%2fapp.key",
    "/acme/dists/acme/blog/1.0.0/%00.zip",
    `/acme/dists/..%2f..%2fother/ledger/7.7.7/${ground.ledgerDist.split("/").at(-1)}`,
    `/acme/dists/acme/blog/..%2f..%2f..%2f..%2fother/${ground.ledgerDist.split("/").at(-1)}`,
  ];
  for (const path of climbing) {
    const { status, body } = await raw("GET", path, {});
    expect([path, status]).toEqual([path, 404]);
    expect(body).not.toMatch(/root:|base64:|PK/);
  }
  const paths = ground.logged("path.traversal").map(({ path }) => path);
  expect(paths).toContain("/acme/dists/acme/blog/1.0.0/..%2f..%2f..%2fapp.key");
  expect(paths).not.toContain("/acme/packages.json");
  expect((await raw("GET", ground.dist, {})).status).toBe(200);
});

test("H4: a body with two lengths, or with pieces that are none, gets 400", async () => {
  const post = "POST /acme/notify-batch HTTP/1.1\r\n";
  const host = `Host: ${own()}\r\n`;
  const both = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n";
  const smuggled = "\r\n0\r\n\r\nGET /acme/packages.json HTTP/1.1\r\n";
  const messages = [
    `${post}${host}${both}${smuggled}${host}${bearer()}\r\n`,
    `${post}${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    `${post}${host}Content-Length: -1\r\n\r\nhello`,
    `${post}${host}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
  ];
  for (const message of messages) {
    const { status, body } = await sendRaw(ground.server, message);
    expect([message, status]).toEqual([message, 400]);
    expect(body).not.toContain("metadata-url");
  }
});

test("H5: a head of 100 KB gets 431", async () => {
  expect((await raw("GET", "/acme/packages.json", { "X-Large": "x".repeat(100_000) })).status).toBe(431);
  expect((await raw("GET", "/acme/packages.json", { "X-Small": "x".repeat(1000) })).status).toBe(200);
});

test("H6: a body over the limit gets 413, whether it tells its length, hides it or lies", async () => {
  const large = JSON.stringify({ downloads: [], padding: "x".repeat(70_000) });
  expect((await ground.ask("/acme/notify-batch", { method: "POST", body: large })).status).toBe(413);
  const hidden = new Blob([large]).stream();
  expect((await ground.ask("/acme/notify-batch", { method: "POST", body: hidden })).status).toBe(413);
  // Bun itself refuses the larger one.
  for (const length of ["999999", "999999999"])
    expect((await raw("POST", "/acme/notify-batch", { "Content-Length": length })).status).toBe(413);
  const small = '{"downloads":[]}';
  // What follows the announced length is another request, and none that means anything.
  const head = `POST /acme/notify-batch HTTP/1.1\r\nHost: ${own()}\r\n${bearer()}`;
  const longer = await sendRaw(
    ground.server,
    `${head}Content-Length: ${small.length}\r\nConnection: close\r\n\r\n${small}${"x".repeat(2000)}`,
  );
  expect([200, 400]).toContain(longer.status);
  expect((await ground.ask("/acme/notify-batch", { method: "POST", body: small })).status).toBe(200);
  expect(ground.logged("http.too_large").length).toBeGreaterThanOrEqual(3);
});

test("H9: a line break in an address never becomes a header", async () => {
  const broken = "%0d%0aX-Injected:%20yes%0d%0a";
  const paths = [
    `/acme/dists/acme/blog${broken}/1.0.0/${"a".repeat(40)}.zip`,
    ground.dist.replace("/1.0.0/", `/1.0.0${broken}/`),
    `/acme/p2/acme/blog${broken}.json`,
    `/acme${broken}/packages.json`,
    `/acme/search.json?q=${broken}`,
    `/${broken}`,
  ];
  for (const path of paths) {
    const { headers } = await ground.ask(path);
    expect([path, headers.get("X-Injected")]).toEqual([path, null]);
  }
  const archive = await ground.ask(paths[1] ?? "");
  expect(archive.headers.get("Content-Disposition")).toMatch(
    /^attachment; filename="acme-blog-[0-9a-f]{7}\.zip"$/,
  );
});

test("H11: a wrong method gets 405, and parameters that come twice or bodies on GET are no fault of ours", async () => {
  expect((await ground.ask("/acme/list.json", { method: "POST", body: "{}" })).status).toBe(405);
  expect((await ground.ask("/acme/notify-batch", { method: "GET" })).status).toBe(405);
  for (const path of [
    "/acme/search.json?q=blog&q=shop&type=a&type=b",
    "/acme/list.json?filter=a&filter[]=b&vendor=x&vendor=y",
    "/acme/search.json?q[a]=1&__proto__=x&constructor=y",
    "/acme/search.json?q=%ff%fe&type=%00",
  ])
    expect([path, (await ground.ask(path)).status]).toEqual([path, 200]);
  const withBody = await raw("GET", "/acme/list.json", { "Content-Length": "2" }, "{}");
  expect(withBody.status).toBe(200);
  const body = '{"downloads":[]}';
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]) {
    const headers = { "Content-Type": type };
    const { status } = await ground.ask("/acme/notify-batch", { method: "POST", headers, body });
    // Composer's report is read for what it says, whatever it calls itself.
    expect([type, status]).toEqual([type, 200]);
  }
  expect(ground.logged("http.failed")).toEqual([]);
});

test("H12: TRACE, OPTIONS and CONNECT are not answered, and no other origin is let in", async () => {
  for (const path of [...reads, "/acme/notify-batch", "/", "/health"]) {
    for (const method of ["TRACE", "OPTIONS"]) {
      const headers = { Origin: "https://evil.test", "Access-Control-Request-Method": "POST" };
      const response = await ground.ask(path, { method, headers });
      expect([method, path, response.status]).toEqual([method, path, 405]);
      const granted = [...response.headers.keys()].filter((name) => name.startsWith("access-control"));
      expect(granted).toEqual([]);
    }
    const fromElsewhere = await ground.ask(path, { headers: { Origin: "https://evil.test" } });
    expect(fromElsewhere.headers.get("Access-Control-Allow-Origin")).toBe(null);
  }
  const { status } = await sendRaw(
    ground.server,
    `CONNECT evil.test:443 HTTP/1.1\r\nHost: ${own()}\r\nConnection: close\r\n\r\n`,
  );
  expect(status).toBeGreaterThanOrEqual(400);
});

test("H13: what takes a careless validator for ever is answered as anything else", async () => {
  const stars = `${"*a".repeat(3000)}*b`;
  const email = `${"a".repeat(20_000)}@${"a.".repeat(20_000)}`;
  for (const path of [
    `/acme/list.json?filter=${stars}`,
    `/acme/search.json?q=${"%25_".repeat(2000)}`,
    `/acme/p2/acme/${"a-".repeat(4000)}.json`,
    `/acme/dists/acme/${"a-".repeat(2000)}!/1/${"a".repeat(4000)}.zip`,
  ])
    expect([200, 404]).toContain((await ground.ask(path)).status);
  const user = await ground.ann.run(["user", "create", "--email", email, "--name", "x", "--password-stdin"], {
    stdin: "a long password",
  });
  expect(user.code).toBe(1);
  const url = `https://${"a.".repeat(20_000)}test/${"../".repeat(10_000)}`;
  expect((await ground.ann.run(["repo", "add", "--org", "acme", url])).code).toBe(1);
  const pattern = `acme/${"*a".repeat(80)}`;
  const token = await ground.makeToken("stars", "--package", pattern);
  expect((await ground.ask(`/acme/p2/acme/${"a".repeat(180)}b.json`, { token })).status).toBe(200);
});

test("H14: one range is sent, a thousand are answered with the whole, and one that cannot be with 416", async () => {
  const whole = await (await ground.ask(ground.dist)).bytes();
  const ranged = async (range: string) => {
    const response = await ground.ask(ground.dist, { headers: { Range: range } });
    return { status: response.status, bytes: (await response.bytes()).length };
  };
  const thousand = Array.from({ length: 1000 }, (_, at) => `${at}-${at}`).join(",");
  expect(await ranged("bytes=0-9")).toEqual({ status: 206, bytes: 10 });
  expect(await ranged(`bytes=${thousand}`)).toEqual({ status: 200, bytes: whole.length });
  expect(await ranged("bytes=0-,0-,0-")).toEqual({ status: 200, bytes: whole.length });
  expect(await ranged(`bytes=${whole.length}-`)).toEqual({ status: 416, bytes: 0 });
  expect(await ranged("bytes=9-1")).toMatchObject({ status: 416 });
  expect(await ranged(`bytes=-${"9".repeat(15)}`)).toEqual({ status: 206, bytes: whole.length });
  expect(await ranged(`bytes=${"9".repeat(400)}-`)).toEqual({ status: 200, bytes: whole.length });
});

// Composer's reads are not limited by address: a whole company may come from one. Overload itself is R11 and R12.
test("H15: a thousand connections of one address do not keep others from being served", async () => {
  const sockets = await Promise.all(
    Array.from({ length: 1000 }, () =>
      Bun.connect({ hostname: "127.0.0.1", port: ground.server.port, socket: { data() {} } }),
    ),
  );
  for (const path of [...reads, ground.dist]) expect((await ground.ask(path)).status).toBe(200);
  for (const socket of sockets) socket.end();
});

test("H16: nobody becomes somebody else by X-Forwarded-For", async () => {
  const headers = { "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", Forwarded: "for=10.9.8.7" };
  const token = ground.tokens.random;
  for (const path of reads) {
    const plain = await ground.ask(path, { token });
    const spoofed = await ground.ask(path, { token, headers });
    expect(spoofed.status).toBe(401);
    expect(await spoofed.text()).toBe(await plain.text());
  }
  expect(ground.server.printed()).not.toContain("10.9.8.7");
});

test("I2: guessing at a token finds nothing, and the log names no character of the guess", async () => {
  const { token } = ground;
  const at = token.length - 10;
  const near = [
    token.slice(0, -1),
    `${token}0`,
    token.toUpperCase(),
    token.slice(0, at) + (token[at] === "a" ? "b" : "a") + token.slice(at + 1),
    new Bun.CryptoHasher("sha256").update(token).digest("hex"),
    `${token}' or '1'='1`,
    "%",
    "prc_%",
  ];
  const answers = new Set<string>();
  for (const guess of near)
    for (const header of [basic(guess), { Authorization: `Bearer ${guess}` }]) {
      const response = await ground.ask("/acme/packages.json", { token: null, headers: header });
      expect([guess, response.status]).toEqual([guess, 401]);
      answers.add(await response.text());
    }
  expect(answers.size).toBe(1);
  await until(() => ground.logged("token.bad").some(({ reason }) => reason === "unknown"));
  for (const guess of near.slice(0, 5)) expect(ground.server.printed()).not.toContain(guess.slice(0, 12));
  expect((await ground.ask("/acme/packages.json")).status).toBe(200);
});

test("I2: whose refused token it was stands in the log and not in the answer", async () => {
  for (const held of ["revoked", "foreign", "stranger", "expired"] as const)
    await ground.ask("/acme/list.json", { token: ground.tokens[held] });
  const logLines = () =>
    ["token.revoked_use", "authz.denied", "token.bad"].map((event) => ground.logged(event).length);
  await until(() => logLines().every((lines) => lines > 0));
  expect(ground.logged("authz.denied").length).toBeGreaterThanOrEqual(2);
  expect(ground.logged("token.bad")).toContainEqual(expect.objectContaining({ reason: "expired" }));
});

test("FA14: lines about bad tokens carry the address, and many of one network become one line", async () => {
  const flood = await openTenants();
  for (let round = 0; round < 20; round++)
    await Promise.all(
      Array.from({ length: 50 }, () => flood.ask("/acme/packages.json", { token: flood.tokens.random })),
    );
  await until(() => flood.logged("token.bad").length > 0);
  await Bun.sleep(200);
  const lines = flood.logged("token.bad");
  expect(lines.length).toBeLessThanOrEqual(60);
  expect(new Set(lines.map(({ address }) => address))).toEqual(new Set(["127.0.0.1"]));
  expect((await flood.ask("/acme/packages.json")).status).toBe(200);
  await flood.close();
});

test("I3: a token in an address gets 400 with a hint, right or wrong, and stands in no line of the log", async () => {
  const { token } = ground;
  for (const query of [`token=${token}`, "token=wrong", `access_token=${token}`, `x=${token}`])
    for (const path of ["/acme/packages.json", "/acme/p2/acme/blog.json", "/acme/list.json", ground.dist]) {
      const response = await ground.ask(`${path}?${query}`, { token: null });
      expect([path, response.status]).toEqual([path, 400]);
      expect(((await response.json()) as { message: string }).message).toContain("auth.json");
    }
  await until(() => ground.logged("token.in_url").length >= 16);
  expect(ground.server.printed()).not.toContain(token);
  expect((await ground.ask("/acme/packages.json?x=1")).status).toBe(200);
});

test("N1: of a report of a million rows, huge names or nonsense what is right counts, in every report", async () => {
  const report = (body: string) => ground.ask("/acme/notify-batch", { method: "POST", body });
  const row = { name: "acme/shop", version: "1.0.0.0" };
  const many = JSON.stringify({ downloads: Array.from({ length: 1_000_000 }, () => 1) });
  expect((await report(many)).status).toBe(413);
  const huge = JSON.stringify({ downloads: [{ name: "x".repeat(1_000_000), version: "1" }] });
  expect((await report(huge)).status).toBe(413);
  const installs = () => ground.count("installs", "package_name <> 'acme/shop'");
  const odd = [{ name: "acme/unknown", version: "1" }, { ...row, version: -1 }, { name: ["x"] }, null];
  expect((await report(JSON.stringify({ downloads: odd }))).status).toBe(200);
  expect(installs()).toBe(0);
  // The first five hundred rows are looked at.
  const late = [...Array.from({ length: 500 }, () => null), row];
  expect((await report(JSON.stringify({ downloads: late }))).status).toBe(200);
  expect(ground.count("installs") + ground.count("downloads")).toBe(0);
  const twice = JSON.stringify({ downloads: [row, row, { ...row, name: "ACME/shop" }] });
  for (let time = 0; time < 3; time++) expect((await report(twice)).status).toBe(200);
  const downloads = async () => {
    const list = await ground.ann.json<{ name: string; downloads: number }[]>(
      "package",
      "list",
      "--org",
      "acme",
    );
    return list.find(({ name }) => name === "acme/shop")?.downloads ?? 0;
  };
  await until(async () => (await downloads()) >= 3);
  // A report is one run of a client, which installs a version once.
  expect(await downloads()).toBe(3);
});

test("N2: a report with a token of another organization gets 401 and counts nothing", async () => {
  const count = () => ground.count("installs") + ground.count("downloads");
  const before = count();
  const body = JSON.stringify({ downloads: [{ name: "acme/blog", version: "1.0.0.0" }] });
  for (const held of ["foreign", "stranger", "revoked", "expired", "random"] as const) {
    const token = ground.tokens[held];
    expect((await ground.ask("/acme/notify-batch", { method: "POST", token, body })).status).toBe(401);
  }
  expect(count()).toBe(before);
  expect((await ground.ask("/acme/notify-batch", { method: "POST", body })).status).toBe(200);
  expect(count()).toBe(before + 1);
  expect(ground.logged("authz.denied").length).toBeGreaterThanOrEqual(1);
});

test("H7: a head or a body that never ends is cut off, and others are served meanwhile", async () => {
  expect((await ground.ask("/acme/packages.json")).status).toBe(200);
  for (const answer of await Promise.all(slow)) expect(answer).not.toContain("200 OK");
});

/** Connections that send next to nothing; what each got until the server closed it. */
function slowRequests(): Promise<string>[] {
  const head = `POST /acme/notify-batch HTTP/1.1\r\nHost: ${own()}\r\n`;
  return [
    drip("", ""),
    drip(head, ""),
    drip(head, "X-More: x\r\n"),
    drip(`${head}${bearer()}Content-Length: 1000\r\n\r\n`, "x"),
    drip(`${head}${bearer()}Transfer-Encoding: chunked\r\n\r\n`, "1\r\nx\r\n"),
  ];
}

async function drip(start: string, more: string): Promise<string> {
  const closed = Promise.withResolvers<string>();
  let received = "";
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: ground.server.port,
    socket: {
      data: (_socket, bytes) => void (received += bytes.toString()),
      close: () => closed.resolve(received),
    },
  });
  socket.write(start);
  const timer = setInterval(() => socket.write(more), 1000);
  return closed.promise.finally(() => clearInterval(timer));
}

function own(): string {
  return new URL(ground.server.url).host;
}

function bearer(): string {
  return `Authorization: Bearer ${ground.token}\r\nConnection: close\r\n`;
}

/** With acme's token, over a connection of its own. */
function raw(method: string, path: string, headers: Record<string, string>, body = "") {
  const all = { Host: own(), Authorization: `Bearer ${ground.token}`, Connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return sendRaw(ground.server, [`${method} ${path} HTTP/1.1`, ...lines, "", body].join("\r\n"));
}
