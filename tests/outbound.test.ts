import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Failure } from "../src/errors.ts";
import {
  checkHost,
  outbound,
  parseOutboundAllow,
  type OutboundPolicy,
  type OutboundRequest,
} from "../src/outbound/outbound.ts";
import { reservedPort } from "./tools/servers/ports.ts";
import { succeeded } from "./tools/process.ts";

const allowing = (text: string): OutboundPolicy => ({ allow: parseOutboundAllow(text).entries });
const nothing = allowing("");
const loopback = allowing("127.0.0.1");

const failed = (error: Failure) => `${error.kind} ${error.code}`;
const ask = (policy: OutboundPolicy, url: string, request?: OutboundRequest) =>
  outbound(policy, url, request).then(
    async (response) => `${response.status} ${await response.text()}`,
    failed,
  );

describe("OUTBOUND_ALLOW", () => {
  test("takes hosts, hosts with a port, addresses and networks", () => {
    const { entries, problems } = parseOutboundAllow(
      "git.internal, Git.Internal:8443,10.0.0.0/8,127.0.0.1:3000,::1,[fd00::1]:80,fd00::/8",
    );
    expect(problems).toEqual([]);
    expect(
      entries.map((entry) =>
        "host" in entry ? entry.host : `${entry.network.address}/${entry.network.prefix}`,
      ),
    ).toEqual([
      "git.internal",
      "git.internal",
      "10.0.0.0/8",
      "127.0.0.1/32",
      "::1/128",
      "fd00::1/128",
      "fd00::/8",
    ]);
    expect(entries.map(({ port }) => port)).toEqual([null, 8443, null, 3000, null, 80, null]);
    expect(parseOutboundAllow(" ")).toEqual({ entries: [], problems: [] });
  });

  test.each([
    "https://git.internal",
    "git.internal:0",
    "git.internal:70000",
    "10.0.0.0/40",
    "10.0.0/8",
    "a b",
    "fd00::/200",
    "fe80::1%eth0",
    "*.internal",
  ])("does not take %s", (text) => {
    expect(parseOutboundAllow(`127.0.0.1,${text}`)).toMatchObject({
      entries: [{ port: null }],
      problems: [expect.stringContaining(text)],
    });
  });

  test("opens a private address by its name, its port, itself or its network, and nothing else", async () => {
    const target = { host: "git.internal", port: 8443 };
    const resolve = async () => ["10.1.2.3"];
    const verdict = (text: string) =>
      checkHost(allowing(text), target, resolve).catch((error: Failure) => error.code);
    for (const text of ["git.internal", "GIT.internal:8443", "10.1.2.3", "10.1.2.3:8443", "10.0.0.0/8"]) {
      expect([text, await verdict(text)]).toEqual([text, ["10.1.2.3"]]);
    }
    for (const text of ["", "other.internal", "git.internal:443", "10.1.2.3:22", "10.2.0.0/16", "internal"]) {
      expect([text, await verdict(text)]).toEqual([text, "url_not_allowed"]);
    }
  });
});

describe("The way out", () => {
  test.each([
    "http://127.0.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "https://10.1.2.3/",
    "https://172.31.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[ff02::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a01:203]/",
    "https://[64:ff9b::a01:203]/",
    "https://[2002:a01:203::]/",
    "https://[::127.0.0.1]/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://017700000001/",
    "https://127。0。0。1/",
    "http://93.184.216.34/",
  ])("does not lead to %s", async (url) => {
    const failure = (await outbound(nothing, url).catch((error: Failure) => error)) as Failure;
    expect(failed(failure)).toBe("invalid url_not_allowed");
    expect(failure.field).toBe("url");
    expect(failure.advice).toContain("OUTBOUND_ALLOW=");
  });

  test("does not lead to a name with a private address, alone or among others", async () => {
    const verdict = (addresses: string[]) =>
      checkHost(nothing, { host: "git.example.com", port: 443 }, async () => addresses).catch(
        (error: Failure) => error.code,
      );
    expect(await verdict(["10.0.0.1"])).toBe("url_not_allowed");
    expect(await verdict(["93.184.216.34", "10.0.0.1"])).toBe("url_not_allowed");
    expect(await verdict(["::ffff:10.0.0.1"])).toBe("url_not_allowed");
    expect(await verdict([])).toBe("outbound_unknown_host");
    expect(await verdict(["2606:2800:220:1::1", "93.184.216.34"])).toEqual([
      "93.184.216.34",
      "2606:2800:220:1::1",
    ]);
  });

  test.each([
    "file:///etc/passwd",
    "data:text/plain,x",
    "ftp://x/",
    "gopher://x/",
    "blob:x",
    "s3://x/y",
    "javascript:1",
    "//x/",
    "/etc",
    "",
  ])("has no place for the scheme of %j", async (url) => {
    expect(await ask(loopback, url)).toBe("invalid scheme_not_allowed");
  });

  test("refuses credentials in an address, and addresses that are malformed", async () => {
    expect(await ask(loopback, "https://ann:secret@git.example.com/")).toBe("invalid url_credentials");
    expect(await ask(loopback, "https://ann@git.example.com/")).toBe("invalid url_credentials");
    for (const url of [
      "https://x/\r\ny",
      "https://x/%0d%0ay",
      "https://x/\u0000",
      "https://x\\y/",
      "https://x /",
      "https://",
      `https://x/${"y".repeat(2048)}`,
    ]) {
      expect(await ask(loopback, url)).toBe("invalid url_malformed");
    }
  });
});

describe("A request", () => {
  let server: ReturnType<typeof Bun.serve>;
  let other: ReturnType<typeof Bun.serve>;
  let base: string;

  beforeAll(() => {
    const echo = (request: Request) => Response.json(Object.fromEntries(request.headers));
    other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: echo });
    const elsewhere: Record<string, string> = {
      "/other": `http://127.0.0.1:${other.port}/`,
      "/same": "/headers",
      "/private": "http://127.0.0.2/",
      "/metadata": "http://169.254.169.254/",
      "/file": "file:///etc/passwd",
      "/user": `http://ann:secret@127.0.0.1:${other.port}/`,
      "/hop3": "/hop2",
      "/hop2": "/hop1",
      "/hop1": "/headers",
      "/hop4": "/hop3",
      "/loop": "/loop",
    };
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        const { pathname } = new URL(request.url);
        const location = elsewhere[pathname];
        if (location) return new Response(null, { status: 302, headers: { location } });
        if (pathname === "/body") return new Response(await request.text());
        if (pathname === "/bomb") {
          return new Response(gzipSync(new Uint8Array(100 * 1024 * 1024)), {
            headers: { "content-encoding": "gzip" },
          });
        }
        if (pathname === "/gzip")
          return new Response(gzipSync("hello"), { headers: { "content-encoding": "gzip" } });
        if (pathname === "/brotli") return new Response("x", { headers: { "content-encoding": "br" } });
        if (pathname === "/empty") return new Response(null, { status: 204 });
        return echo(request);
      },
    });
    base = `http://127.0.0.1:${server.port}`;
  });

  afterAll(async () => {
    await server.stop(true);
    await other.stop(true);
  });

  const headersAt = async (path: string, headers: Record<string, string>) =>
    (await (await outbound(loopback, base + path, { headers })).json()) as Record<string, string>;

  test("gives status, headers, body and the address that answered", async () => {
    const response = await outbound(loopback, `${base}/body`, {
      method: "POST",
      body: "hello",
      headers: { accept: "*/*" },
    });
    expect([response.status, await response.text()]).toEqual([200, "hello"]);
    expect((await outbound(loopback, `${base}/gzip`)).headers.get("content-encoding")).toBeNull();
    expect(await ask(loopback, `${base}/gzip`)).toBe("200 hello");
    expect((await outbound(loopback, `${base}/empty`)).status).toBe(204);
    const moved = await outbound(loopback, `${base}/same`);
    expect(moved.url).toBe(`${base}/headers`);
    await moved.body?.cancel();
    expect(await ask(loopback, `${base}/brotli`)).toBe("unavailable unavailable");
  });

  test("goes to the one address that was checked, under the name that was asked for", async () => {
    const answers = [["127.0.0.1"], ["127.0.0.2"]];
    const lookups: string[] = [];
    const resolve = async (host: string) => {
      lookups.push(host);
      return answers.shift() ?? [];
    };
    const url = `http://git.example.test:${server.port}/headers`;
    const response = await outbound(loopback, url, { resolve });
    expect(await response.json()).toMatchObject({ host: `git.example.test:${server.port}` });
    expect(lookups).toEqual(["git.example.test"]);
    expect(await ask(loopback, url, { resolve })).toBe("invalid url_not_allowed");
  });

  test("follows three redirects, and not a fourth", async () => {
    expect(await ask(loopback, `${base}/hop3`)).toStartWith("200");
    expect(await ask(loopback, `${base}/hop4`)).toBe("invalid outbound_redirects");
    expect(await ask(loopback, `${base}/loop`)).toBe("invalid outbound_redirects");
  });

  test("is not led to an address that may not be asked", async () => {
    for (const path of ["/private", "/metadata", "/file", "/user"]) {
      expect([path, await ask(loopback, base + path)]).toEqual([path, "invalid redirect_refused"]);
    }
    const failure = (await outbound(loopback, `${base}/private`).catch((error: Failure) => error)) as Failure;
    expect(failure.message).toContain(`127.0.0.1:${server.port} redirects`);
    expect(failure.advice).toContain("OUTBOUND_ALLOW=127.0.0.2");
    expect(await ask(loopback, `${base}/same`, { method: "POST", body: "x" })).toBe(
      "invalid redirect_refused",
    );
  });

  test("takes no credential to another origin, whatever its name", async () => {
    const secrets = {
      authorization: "Bearer secret",
      cookie: "a=secret",
      "private-token": "secret",
      "job-token": "secret",
      "x-anything": "secret",
    };
    const same = await headersAt("/same", { ...secrets, accept: "text/plain" });
    expect(same).toMatchObject(secrets);
    const foreign = await headersAt("/other", { ...secrets, accept: "text/plain" });
    expect(foreign.accept).toBe("text/plain");
    expect(JSON.stringify(foreign)).not.toContain("secret");
  });

  test("stops reading a body that is larger than it may be, unpacked", async () => {
    const before = process.memoryUsage().rss;
    const response = await outbound(loopback, `${base}/bomb`, { limits: { bodyBytes: 1024 * 1024 } });
    expect(await response.text().catch(failed)).toBe("unavailable outbound_too_large");
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * 1024 * 1024);
    const enough = await outbound(loopback, `${base}/bomb`, { limits: { bodyBytes: 100 * 1024 * 1024 } });
    expect((await enough.bytes()).length).toBe(100 * 1024 * 1024);
  });
});

describe("A server that dawdles", () => {
  const bodies: Record<string, (socket: Socket) => void> = {
    "never answers": () => {},
    "stops in the head": (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-"),
    "stops in the body": (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"),
    "drips for ever": (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const timer = setInterval(() => socket.write("x"), 20);
      socket.on("close", () => clearInterval(timer)).on("error", () => clearInterval(timer));
    },
    "cuts the body": (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"),
    "answers no HTTP": (socket) => socket.end("SSH-2.0-OpenSSH\r\n"),
  };
  const limits = { connectMs: 2000, firstByteMs: 200, silenceMs: 200, totalMs: 600 };
  const expected: [string, Partial<typeof limits>, string][] = [
    ["never answers", {}, "outbound_timeout"],
    ["stops in the head", {}, "outbound_timeout"],
    ["stops in the body", {}, "outbound_timeout"],
    ["drips for ever", {}, "outbound_timeout"],
    ["drips for ever", { silenceMs: 5000 }, "outbound_timeout"],
    ["cuts the body", {}, "outbound_cut"],
    ["answers no HTTP", {}, "outbound_unreachable"],
  ];
  test.each(expected)("and %s is given up (%j)", async (what, other, code) => {
    const server = createServer((socket) => bodies[what]?.(socket.on("error", () => {})));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const outcome = await outbound(loopback, `http://127.0.0.1:${port}/`, { limits: { ...limits, ...other } })
      .then((response) => response.text())
      .catch((error: Failure) => error.code);
    server.close();
    expect(outcome).toBe(code);
  });

  test("is not taken for silent while its reader dawdles, but is afterwards", async () => {
    const length = 4 * 1024 * 1024;
    const answer = (body: Buffer) => (socket: Socket) => {
      socket.on("error", () => {}).write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
      socket.write(body);
    };
    const readLate = async (body: Buffer) => {
      const server = createServer(answer(body));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const response = await outbound(loopback, `http://127.0.0.1:${port}/`, {
        limits: { ...limits, totalMs: 20_000 },
      });
      await Bun.sleep(500);
      const outcome = await response.bytes().then((bytes) => bytes.length, failed);
      server.close();
      return outcome;
    };
    expect(await readLate(Buffer.alloc(length))).toBe(length);
    expect(await readLate(Buffer.alloc(length - 1))).toBe("unavailable outbound_timeout");
  });

  test("and takes no more connections is given up", async () => {
    const listening = `$c = stream_context_create(["socket" => ["backlog" => 1]]);
      $s = stream_socket_server("tcp://127.0.0.1:0", $e, $m, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $c);
      echo stream_socket_get_name($s, false); fflush(STDOUT); sleep(30);`;
    const listener = Bun.spawn(["php", "-r", listening], { stdout: "pipe", stderr: "ignore" });
    const name = new TextDecoder().decode((await listener.stdout.getReader().read()).value);
    const port = Number(name.split(":")[1]);
    // The kernel keeps as many as the queue holds and drops what comes then.
    const waiting = Array.from({ length: 8 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    await Bun.sleep(200);
    const patient = { connectMs: 300, firstByteMs: 3000, silenceMs: 3000, totalMs: 3000 };
    const asking = outbound(loopback, `http://${name}/`, { limits: patient });
    const failure = (await asking.catch((error: Failure) => error)) as Failure;
    for (const socket of waiting) socket.destroy();
    listener.kill();
    expect(failure.code).toBe("outbound_timeout");
    expect(failure.message).toContain("could not be reached");
  });

  test("and isn't there is unreachable", async () => {
    expect(await ask(loopback, `http://127.0.0.1:${reservedPort()}/`)).toBe(
      "unavailable outbound_unreachable",
    );
    const failure = await outbound(loopback, "https://git.invalid/").catch((error: Failure) => error);
    expect(failure).toMatchObject({ kind: "unavailable", code: "outbound_unknown_host" });
  });
});

describe("A certificate", () => {
  let folder: string;
  let server: ReturnType<typeof Bun.serve>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "outbound-"));
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
    const names = ["-subj", "/CN=git.example.test", "-addext", "subjectAltName=DNS:git.example.test"];
    await succeeded([
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      ...names,
      ...files,
    ]);
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { key: Bun.file(join(folder, "key.pem")), cert: Bun.file(join(folder, "cert.pem")) },
      fetch: (request) => new Response(`hello ${request.headers.get("host")}`),
    });
  });

  afterAll(async () => {
    await server.stop(true);
    await rm(folder, { recursive: true });
  });

  /** Asks in a process of its own, because what is trusted is decided at start. */
  const askIn = (
    env: Record<string, string>,
    host: string,
    command = [process.execPath, join(import.meta.dir, "tools/outbound-ask.ts")],
  ) => succeeded([...command, `https://${host}:${server.port}/`], { env });

  const trusting = () => ({ NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") });

  test("that nobody vouches for is refused, even if the environment says not to look", async () => {
    expect(await askIn({}, "git.example.test")).toBe("unavailable outbound_tls");
    expect(await askIn({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }, "git.example.test")).toBe(
      "unavailable outbound_tls",
    );
  });

  test("that is trusted opens the connection, for its own name only", async () => {
    expect(await askIn(trusting(), "git.example.test")).toBe(`200 hello git.example.test:${server.port}`);
    expect(await askIn(trusting(), "other.example.test")).toBe("unavailable outbound_tls");
  });

  test("is looked at by the executable in the same way", async () => {
    const outfile = join(folder, "ask");
    await Bun.build({
      entrypoints: [join(import.meta.dir, "tools/outbound-ask.ts")],
      target: "bun",
      compile: { outfile },
    });
    expect(await askIn(trusting(), "git.example.test", [outfile])).toBe(
      `200 hello git.example.test:${server.port}`,
    );
    expect(await askIn(trusting(), "other.example.test", [outfile])).toBe("unavailable outbound_tls");
    expect(await askIn({}, "git.example.test", [outfile])).toBe("unavailable outbound_tls");
  });
});
