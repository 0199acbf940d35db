// Hostile servers: nothing they send is trusted without verification, and nothing makes a sync wait without a limit.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Failure } from "../../src/errors.ts";
import type { GitLimits, Ref, RefList } from "../../src/git/mirror.ts";
import { flush, pktLine } from "../../src/git/pkt-line.ts";
import { makeBareRepository, type BareRepository } from "./bare-repository.ts";
import { advertisement, packAnswer, someCommit, startEvilServer, type Saying } from "./evil-server.ts";
import { packedObject, packHeader, packOf, packTypes, packWith, sealed } from "./pack.ts";
import type { WorkerCommand } from "../../src/reading/worker-process.ts";
import { buildWorker } from "./build-worker.ts";
import { anonymous, makeFolder, makeGit, removeFolder, sourceWorker } from "./ground.ts";

let folder: string;
let honest: BareRepository;
let honestCommit: string;
let executable: string;

beforeAll(async () => {
  folder = await makeFolder();
  executable = await buildWorker(folder);
  honest = await makeBareRepository(join(folder, "honest.git"));
  honestCommit = await honest.commit(
    { "composer.json": '{"name": "acme/blog"}', "a.txt": "a".repeat(500) },
    { tag: "v1" },
  );
});

afterAll(() => removeFolder(folder));

async function withServer<T>(
  script: { advertise?: Saying; upload?: Saying },
  work: (url: string) => Promise<T>,
): Promise<T> {
  const server = await startEvilServer(script);
  try {
    return await work(server.url);
  } finally {
    server.stop();
  }
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no failure",
    (error: Failure) => `${error.kind} ${error.code}`,
  );

function list(advertise: Saying, limits?: Partial<GitLimits>): Promise<RefList> {
  return withServer({ advertise }, (url) => makeGit({ folder, limits }).listRefs(anonymous(url)));
}

const wanted = (reference: string): Ref[] => [{ kind: "branch", name: "main", reference }];

type Opening = { reference?: string; limits?: Partial<GitLimits>; worker?: WorkerCommand };

/** The result of opening a mirror of a server that answers with `upload`. */
function openMirror(upload: Saying, { reference = someCommit, limits, worker }: Opening) {
  const body = advertisement([`${reference} HEAD`, `${reference} refs/heads/main`]);
  return withServer({ advertise: { body }, upload }, async (url) => {
    const git = makeGit({ folder, limits, worker });
    return failureOf(git.openMirror(anonymous(url), wanted(reference)).then((mirror) => mirror.close()));
  });
}

describe("A list of refs", () => {
  test("keeps the good ones and reports the bad ones with their reason", async () => {
    const names = [
      "--output=x",
      "../../x",
      "a..b",
      "$(id)",
      `long-${"x".repeat(60_000)}`,
      "a\u0001b",
      "good",
    ];
    const broken = Buffer.concat([Buffer.from(`${someCommit} refs/tags/`), Buffer.from([0xff, 0xfe])]);
    const refs = [
      `${someCommit} HEAD`,
      `${someCommit} refs/heads/main`,
      ...names.map((name) => `${someCommit} refs/tags/${name}`),
    ];
    const found = await list({ body: advertisement([...refs, broken, `${someCommit} refs/pull/1/head`]) });
    expect(found.refs.map(({ name }) => name)).toEqual(["main", "$(id)", "good"]);
    expect(found.unusable.map(({ name }) => name.slice(0, 10))).toEqual([
      "--output=x",
      "../../x",
      "a..b",
      "long-xxxxx",
      "a\u0001b",
      "\uFFFD\uFFFD",
    ]);
    expect(found.unusable.every(({ reason }) => reason.startsWith("the name"))).toBe(true);
    expect(found.defaultBranch).toBe("main");
  });

  test("takes a branch for the default one only if it is there", async () => {
    const missing = await list({ body: advertisement([`${someCommit} refs/heads/other`]) });
    expect(missing.defaultBranch).toBeNull();
    const unnamed = [`${someCommit} HEAD`, `${someCommit} refs/heads/a`, `${someCommit} refs/heads/master`];
    expect((await list({ body: advertisement(unnamed, "shallow") })).defaultBranch).toBe("master");
  });

  test("is refused when it holds more than the limit", async () => {
    const refs = Array.from({ length: 11 }, (_, i) => `${someCommit} refs/tags/v${i}`);
    expect(await failureOf(list({ body: advertisement(refs) }, { refs: 10 }))).toBe(
      "unavailable git_too_many_refs",
    );
    expect((await list({ body: advertisement(refs) }, { refs: 11 })).refs).toHaveLength(11);
  });

  const service = [pktLine("# service=git-upload-pack\n"), flush];
  const line = pktLine(`${someCommit} refs/heads/main\0shallow\n`);
  const faults: [string, Saying, string][] = [
    [
      "an error of the server",
      { body: Buffer.concat([...service, pktLine("ERR access denied\u001b[31m\n"), flush]) },
      "unavailable git_server_error",
    ],
    ["a list without an end", { body: Buffer.concat([...service, line]) }, "unavailable git_protocol"],
    ["half a line", { body: Buffer.concat([...service, line.subarray(0, 30)]) }, "unavailable git_protocol"],
    ["a cut connection", { body: Buffer.concat([...service, line]), end: "cut" }, "unavailable outbound_cut"],
    ["a length that isn't one", { body: Buffer.from("zzzz") }, "unavailable git_protocol"],
    [
      "a length that is too short",
      { body: Buffer.concat([...service, Buffer.from("0003")]) },
      "unavailable git_protocol",
    ],
    ["nothing at all", { body: Buffer.alloc(0) }, "unavailable git_protocol"],
    [
      "a line that is no ref",
      { body: Buffer.concat([...service, pktLine("hello\n"), flush]) },
      "unavailable git_protocol",
    ],
    ["a web page", { type: "text/html", body: Buffer.from("<html>") }, "unavailable git_not_a_repository"],
    [
      "another protocol version",
      { body: Buffer.concat([...service, pktLine("version 2\n"), flush]) },
      "unavailable git_protocol",
    ],
    [
      "SHA-256 names",
      { body: advertisement([`${"1".repeat(64)} refs/heads/main`], "object-format=sha256") },
      "unavailable git_object_format",
    ],
    ["no permission", { status: 403 }, "forbidden git_forbidden"],
    ["no such page", { status: 404 }, "notFound git_not_found"],
    [
      "too many requests",
      { status: 429, headers: { "retry-after": "99999999" } },
      "tooMany git_rate_limited",
    ],
    ["a broken server", { status: 502 }, "unavailable git_server_error"],
  ];
  test.each(faults)("is not believed with %s", async (_, saying, expected) => {
    expect(await failureOf(list(saying))).toBe(expected);
  });

  test("says what the server said, without its control characters", async () => {
    const body = Buffer.concat([...service, pktLine("ERR no\u001b[31m\r\nentry\u202e\n"), flush]);
    const failure = (await list({ body }).catch((error: Failure) => error)) as Failure;
    expect(failure.message).toBe("The git server said: no [31m entry");
  });

  test("waits six hours at most, whatever a server asks for", async () => {
    const failure = await list({ status: 429, headers: { "retry-after": "99999999" } }).catch(
      (error: Failure) => error,
    );
    expect(failure).toMatchObject({ retryAfterSeconds: 6 * 3600 });
  });

  test("is given up when the server falls silent", async () => {
    const silent = list({ body: Buffer.concat(service), end: "silent" }, { silenceMs: 100 });
    expect(await failureOf(silent)).toBe("unavailable outbound_timeout");
  });
});

const workers: Record<string, () => WorkerCommand> = {
  "run from source": () => sourceWorker,
  "of the executable": () => ({ command: [executable], environment: {} }),
};

describe.each(Object.keys(workers))("A fetch by a worker %s", (name) => {
  const open = (upload: Saying, options: Opening = {}) =>
    openMirror(upload, { worker: workers[name]?.(), ...options });

  const pack = (...objects: Buffer[]) => packWith(objects);
  const start = [pktLine(`shallow ${someCommit}`), flush, pktLine("NAK\n")];
  const blob = packedObject(packTypes.blob, Buffer.from("hello"));

  const unusable = /^unavailable git_(protocol|nothing_fetched)$/;
  const faults: [string, Saying, string | RegExp][] = [
    [
      "an error of the server",
      { body: pktLine("ERR upload-pack: not our ref\n") },
      "unavailable git_server_error",
    ],
    [
      "an error on the side",
      { body: Buffer.concat([...start, pktLine("\u0003out of memory\n"), flush]) },
      "unavailable git_server_error",
    ],
    ["no pack", { body: Buffer.concat([...start, flush]) }, "unavailable git_protocol"],
    ["a pack without an end", { body: packAnswer(pack(blob)).subarray(0, -4) }, "unavailable git_protocol"],
    ["half a pack", { body: packAnswer(pack(blob).subarray(0, -25)) }, unusable],
    [
      "a cut connection",
      { body: packAnswer(pack(blob)).subarray(0, -20), end: "cut" },
      "unavailable outbound_cut",
    ],
    ["a pack of something else", { body: packAnswer(pack(blob)) }, unusable],
    [
      "a pack with another checksum",
      { body: packAnswer(Buffer.concat([pack(blob).subarray(0, -20), Buffer.alloc(20, 1)])) },
      unusable,
    ],
    [
      "a pack that says less than it holds",
      { body: packAnswer(sealed(Buffer.concat([packHeader(9), blob]))) },
      unusable,
    ],
    [
      "an object of another size",
      { body: packAnswer(pack(packedObject(packTypes.blob, Buffer.from("hello"), { size: 9 }))) },
      unusable,
    ],
    ["a change to an object that isn't there", { body: packAnswer(pack(changeOf(someCommit))) }, unusable],
    ["bytes that are no pack", { body: packAnswer(Buffer.alloc(100, 7)) }, unusable],
    ["a web page", { type: "text/html", body: Buffer.from("<html>") }, "unavailable git_not_a_repository"],
    [
      "a server that wants to be asked elsewhere",
      { status: 307, headers: { location: "/elsewhere" } },
      "invalid redirect_refused",
    ],
  ];
  test.each(faults)("is not believed with %s", async (_, upload, expected) => {
    expect(await open(upload, { limits: { totalMs: 20_000 } })).toMatch(expected);
  });

  test("succeeds with an honest pack", async () => {
    const body = packAnswer(await packOf(honest, honestCommit), honestCommit);
    expect(await open({ body }, { reference: honestCommit })).toBe("no failure");
  });

  test("stops a pack that is larger than the limit", async () => {
    const random = packedObject(packTypes.blob, Buffer.from(crypto.getRandomValues(new Uint8Array(50_000))));
    const body = packAnswer(pack(random));
    expect(await open({ body }, { limits: { packBytes: 10_000 } })).toBe("unavailable git_pack_too_large");
  });

  test("is killed when it takes too long", async () => {
    const saying: Saying = { body: start[0], end: "silent" };
    expect(await open(saying, { limits: { totalMs: 1000 } })).toMatch(/unavailable (git|outbound)_timeout/);
  });

  test("follows a repository that has moved, but takes no credential to another server", async () => {
    const there = await startEvilServer({
      advertise: { body: advertisement([`${someCommit} refs/heads/main`]) },
    });
    const location = `${there.url}/info/refs?service=git-upload-pack`;
    const here = await startEvilServer({ advertise: { status: 301, headers: { location } } });
    const credential = { kind: "basic" as const, username: "ann", password: "secret" };
    const git = makeGit({ folder });
    const remote = { ...anonymous(here.url), credential };
    const { refs } = await git.listRefs(remote);
    await failureOf(git.openMirror(remote, refs));
    here.stop();
    there.stop();
    expect(refs).toHaveLength(1);
    expect(here.requests.every(({ authorization }) => authorization !== undefined)).toBe(true);
    expect(there.requests.map(({ method, authorization }) => [method, authorization])).toEqual([
      ["GET", undefined],
      ["POST", undefined],
    ]);
  });
});

function changeOf(base: string): Buffer {
  return packedObject(packTypes.referenceDelta, Buffer.from([5, 5, 0x90, 5]), {
    base: Buffer.from(base, "hex"),
  });
}
