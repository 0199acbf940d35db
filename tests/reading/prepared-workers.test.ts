import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createPreparedWorkers } from "../../src/reading/prepared-workers.ts";
import { startWorker, type WorkerProcess } from "../../src/reading/worker-process.ts";
import { gitLimits } from "../../src/git/mirror.ts";
import { makeBareRepository } from "../git/bare-repository.ts";
import { anonymous, makeFolder, makeGit, removeFolder, sourceWorker } from "../git/ground.ts";
import { until } from "../tools/until.ts";

let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => removeFolder(folder));

function spares() {
  const started: WorkerProcess[] = [];
  const start = () => {
    const worker = startWorker(sourceWorker, { ...gitLimits, totalMs: 20_000 });
    started.push(worker);
    return worker;
  };
  return { started, ...createPreparedWorkers(start) };
}

function untilDead(worker: WorkerProcess): Promise<void> {
  return until(() => !worker.isAlive(), { what: "the worker is gone" });
}

describe("A process that is started ahead", () => {
  test("serves the next mirror, and is ended by that one alone", async () => {
    const { prepare, claim, started } = spares();
    const prepared = prepare();
    const worker = claim();
    prepared.close();
    expect(started).toEqual([worker]);
    const repository = await makeBareRepository(join(folder, "blog.git"));
    await repository.commit({ "a.txt": "a" }, { tag: "v1" });
    const list = await worker.call("listLocal", { path: repository.path, limits: gitLimits });
    expect(list.refs).toHaveLength(2);
    await worker.kill();
  });

  test("serves no second mirror", async () => {
    const { prepare, claim } = spares();
    const prepared = prepare();
    const [first, second] = [claim(), claim()];
    expect(second.pid).not.toBe(first.pid);
    prepared.close();
    await Promise.all([first.kill(), second.kill()]);
  });

  test("goes when there is nothing to mirror", async () => {
    const { prepare, started } = spares();
    prepare().close();
    await untilDead(started[0] as WorkerProcess);
  });

  test("is passed over when it has died", async () => {
    const { prepare, claim, started } = spares();
    const prepared = prepare();
    await started[0]?.kill();
    await untilDead(started[0] as WorkerProcess);
    const worker = claim();
    expect(worker.isAlive()).toBe(true);
    prepared.close();
    await worker.kill();
  });

  test("that cannot be started is reported when a mirror is opened", async () => {
    const git = makeGit({ folder, worker: { command: ["/nonexistent/git-worker"], environment: {} } });
    git.prepare().close();
    const opening = git.openMirror(anonymous("http://127.0.0.1:1/a.git"), []);
    expect(await opening.catch((error: Error) => error)).toBeInstanceOf(Error);
  });
});
