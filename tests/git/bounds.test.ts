// The limits of a worker process; and it never outlives its parent.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Failure } from "../../src/errors.ts";
import { gitLimits, type GitLimits } from "../../src/git/mirror.ts";
import { writePackIndex } from "../../src/git/native-pack.ts";
import type { WorkerCommand } from "../../src/reading/worker-process.ts";
import { makeBareRepository } from "./bare-repository.ts";
import { buildWorker } from "./build-worker.ts";
import { advertisement, packAnswer, someCommit, startEvilServer, type EvilServer } from "./evil-server.ts";
import { anonymous, makeFolder, makeGit, removeFolder, sourceWorker } from "./ground.ts";
import { offsetBack, packedObject, packTypes, packWith } from "./pack.ts";

let folder: string;
let built: WorkerCommand;
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await makeFolder();
  built = { command: [await buildWorker(folder)], environment: {} };
});

afterAll(async () => {
  for (const end of endings) await end();
  await removeFolder(folder);
});

const refs = [{ kind: "branch" as const, name: "main", reference: someCommit }];
const content = Buffer.from([4, 4, 4, ...Buffer.from("dddd")]);
const blob = packedObject(packTypes.blob, Buffer.from("dddd"));

/** A delta whose base begins `distance` bytes before it. */
const changeOf = (distance: number) =>
  packedObject(packTypes.offsetDelta, content, { base: offsetBack(distance) });
const changeOfNamed = (name: string) =>
  packedObject(packTypes.referenceDelta, content, { base: Buffer.from(name, "hex") });

/** The unpatched library would follow this cycle endlessly. */
const ownBase = packWith([changeOf(0)]);

async function serverOf(pack: Buffer): Promise<EvilServer> {
  const body = advertisement([`${someCommit} refs/heads/main`]);
  const server = await startEvilServer({ advertise: { body }, upload: { body: packAnswer(pack) } });
  endings.push(server.stop);
  return server;
}

type Reading = { worker: WorkerCommand; limits?: Partial<GitLimits> };

async function refusalOf(pack: Buffer, reading: Reading): Promise<Failure> {
  const git = makeGit({ folder, ...reading });
  return git.openMirror(anonymous((await serverOf(pack)).url), refs).then(
    async (mirror) => {
      await mirror.close();
      throw new Error("the pack was taken");
    },
    (error: Failure) => error,
  );
}

describe("A pack whose changes lead nowhere", () => {
  const cases: [what: string, objects: Buffer[]][] = [
    ["a change of itself", [changeOf(0)]],
    ["a change of what comes before the pack", [blob, changeOf(100_000)]],
    ["a change of the pack's own header", [blob, changeOf(blob.length + 4)]],
    [
      "a change of what an offset without end names",
      [packedObject(6, content, { base: Buffer.alloc(5000, 255) })],
    ],
  ];
  for (const [what, objects] of cases)
    test(`FA2: is refused at once: ${what}`, async () => {
      const limits = { memoryBytes: 250 * 1024 * 1024, totalMs: 20_000 };
      expect(await refusalOf(packWith(objects), { worker: built, limits })).toMatchObject({
        code: "git_protocol",
        message: expect.stringContaining("The pack can't be read: "),
      });
    });

  test("FA2: is refused at once: changes of objects that are nowhere, or of each other, by name", async () => {
    const [one, two] = ["a".repeat(40), "b".repeat(40)];
    for (const names of [[someCommit], [one, two], Array<string>(2000).fill(one)]) {
      const refused = await refusalOf(packWith(names.map(changeOfNamed)), { worker: built });
      expect(refused.code).toBe("git_nothing_fetched");
    }
  });

  test("FA2: costs no more when a hundred thousand changes follow one that cannot be read", async () => {
    const lost = changeOfNamed(someCommit);
    const chain = [lost];
    for (let at = 0; at < 100_000; at++) chain.push(changeOf(chain.at(-1)?.length ?? 0));
    const limits = { totalMs: 60_000 };
    const refused = await refusalOf(packWith(chain), { worker: built, limits });
    expect(refused.code).toBe("git_nothing_fetched");
  });

  test("FA2: ends in words in a local repository, where an index sends two changes to each other", async () => {
    const { path } = await makeBareRepository(join(folder, "circle.git"));
    const [one, two] = ["a".repeat(40), "b".repeat(40)];
    const first = changeOfNamed(two);
    const pack = packWith([first, changeOfNamed(one)]);
    const index = writePackIndex({
      hashes: [one, two],
      crcs: {},
      offsets: new Map([
        [one, 12],
        [two, 12 + first.length],
      ]),
      packfileSha: pack.subarray(-20).toString("hex"),
    });
    await mkdir(join(path, "objects/pack"), { recursive: true });
    await Bun.write(join(path, "objects/pack/pack-circle.pack"), new Uint8Array(pack));
    await Bun.write(join(path, "objects/pack/pack-circle.idx"), new Uint8Array(index));
    await Bun.write(join(path, "refs/heads/main"), `${one}\n`);
    const limits = { memoryBytes: 250 * 1024 * 1024, totalMs: 20_000 };
    const listing = makeGit({ folder, worker: built, limits }).listRefs(anonymous(path));
    await expect(listing).rejects.toMatchObject({
      code: "git_unreadable",
      message: expect.stringContaining("a chain of deltas has no end"),
    });
  });
});

describe("A process that reads", () => {
  // Runs from source, where the library follows a cycle endlessly. It stands for any other way to cause a loop.
  test("FA2: is stopped when it takes more memory than it may", async () => {
    const limits = { memoryBytes: 300 * 1024 * 1024 };
    expect(await refusalOf(ownBase, { worker: sourceWorker, limits })).toMatchObject({
      kind: "unavailable",
      code: "git_memory",
      message: "Reading the repository took more than 300 MB of memory and was stopped.",
    });
  });

  test("FA2: is stopped when it takes more of the processor than it may", async () => {
    const limits = { cpuMs: 1000, memoryBytes: Number.MAX_SAFE_INTEGER };
    expect(await refusalOf(ownBase, { worker: sourceWorker, limits })).toMatchObject({
      code: "git_cpu",
      message: "Reading the repository took more than 1 s of processor time and was stopped.",
    });
  });

  test("FA2: goes with its parent, in the middle of a loop too", async () => {
    for (const worker of [built, sourceWorker]) {
      const server = await serverOf(ownBase);
      const parent = Bun.spawn(
        [process.execPath, join(import.meta.dir, "worker-parent.ts"), server.url, ...worker.command],
        { stdout: "pipe", stderr: "ignore" },
      );
      const { value } = await parent.stdout.getReader().read();
      const pid = Number(new TextDecoder().decode(value));
      while (server.requests.length < 2) await Bun.sleep(10);
      // The built worker refuses that pack and waits; when stopped it cannot react, like one in a loop.
      if (worker === built) process.kill(pid, "SIGSTOP");
      else while (cpuTicks(pid) < 100) await Bun.sleep(20);
      parent.kill("SIGKILL");
      await parent.exited;
      expect(await isGone(pid)).toBe(true);
    }
  });

  test("FA2: keeps the pack in a file, so that a large one takes no memory of its own", async () => {
    const noise = Buffer.alloc(60 * 1024 * 1024);
    for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
    const pack = packWith([packedObject(packTypes.blob, noise)]);
    const refused = await refusalOf(pack, {
      worker: built,
      limits: { memoryBytes: 300 * 1024 * 1024 },
    });
    expect(refused.code).toBe("git_nothing_fetched");
    expect(gitLimits.memoryBytes).toBe(512 * 1024 * 1024);
  });
});

function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return true;
    } catch {
      return true;
    }
    await Bun.sleep(10);
  }
  process.kill(pid, "SIGKILL");
  return false;
}
