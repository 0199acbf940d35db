import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Failure } from "../../src/errors.ts";
import { gitLimits, type Remote } from "../../src/git/mirror.ts";
import { startWorker } from "../../src/reading/worker-process.ts";
import { pktLine, flush } from "../../src/git/pkt-line.ts";
import { makeBareRepository } from "./bare-repository.ts";
import { advertisement, someCommit, startEvilServer, type EvilServer } from "./evil-server.ts";
import { anonymous, loopback, makeFolder, makeGit, removeFolder, sourceWorker } from "./ground.ts";
import { until } from "../tools/until.ts";

let folder: string;
let hanging: EvilServer;

beforeAll(async () => {
  folder = await makeFolder();
  hanging = await startEvilServer({
    advertise: { body: advertisement([`${someCommit} refs/heads/main`]) },
    upload: { body: Buffer.concat([pktLine(`shallow ${someCommit}`), flush]), end: "silent" },
  });
});

afterAll(async () => {
  hanging.stop();
  await removeFolder(folder);
});

const refs = [{ kind: "branch" as const, name: "main", reference: someCommit }];
const openHanging = (remote: Remote) => ({ remote, refs, policy: loopback, limits: gitLimits, folder });

/** Waits until the worker is in the middle of a fetch that never ends. */
async function untilAsked(requests: number): Promise<void> {
  await until(() => hanging.requests.length >= requests, { what: `${requests} requests have come` });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie still accepts signals, but it is dead.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function untilDead(pid: number): Promise<boolean> {
  await until(() => !isAlive(pid), { what: `process ${pid} is gone` });
  return !isAlive(pid);
}

describe("The process that mirrors a repository", () => {
  test("knows nothing of the environment, and its arguments hold no credential", async () => {
    process.env.CANARY = "a secret of the registry";
    const worker = startWorker(sourceWorker, { ...gitLimits, totalMs: 20_000 });
    const before = hanging.requests.length;
    const password = "correct horse battery";
    const remote: Remote = {
      ...anonymous(hanging.url),
      credential: { kind: "basic", username: "ann", password },
    };
    const opening = worker.call("open", openHanging(remote)).catch((error: Failure) => error.code);
    await untilAsked(before + 2);
    expect(hanging.requests.at(-1)?.authorization).toStartWith("Basic ");
    if (existsSync("/proc")) {
      expect(readFileSync(`/proc/${worker.pid}/environ`, "latin1")).not.toContain("CANARY");
      expect(readFileSync(`/proc/${worker.pid}/cmdline`, "latin1")).not.toContain(password);
      expect(readFileSync(`/proc/${worker.pid}/oom_score_adj`, "latin1").trim()).toBe("1000");
    }
    await worker.kill();
    expect(await opening).toBe("git_worker_died");
    const inheriting = Bun.spawn(["printenv", "CANARY"], { stdout: "pipe", env: process.env });
    expect(await new Response(inheriting.stdout).text()).toContain("a secret of the registry");
    delete process.env.CANARY;
  });

  test("may be killed, and nothing but its mirror fails", async () => {
    const repository = await makeBareRepository(join(folder, "blog.git"));
    const reference = await repository.commit({ "a.txt": "a" }, { tag: "v1" });
    const worker = startWorker(sourceWorker, { ...gitLimits, totalMs: 20_000 });
    await worker.call("open", {
      ...openHanging(anonymous(repository.path)),
      refs: [{ kind: "tag", name: "v1", reference }],
    });
    expect(await worker.call("snapshot", { reference })).toMatchObject({ composerJson: null });
    process.kill(worker.pid, "SIGKILL");
    const failure = await worker.call("snapshot", { reference }).catch((error: Failure) => error);
    expect(failure).toMatchObject({ kind: "unavailable", code: "git_worker_died" });
    expect((failure as Failure).message).toContain("SIGKILL");
    const again = await makeGit({ folder }).listRefs(anonymous(repository.path));
    expect(again.refs).toHaveLength(2);
  });

  test("is killed when a call takes longer than it may", async () => {
    const worker = startWorker(sourceWorker, { ...gitLimits, totalMs: 500 });
    const failure = await worker
      .call("open", openHanging(anonymous(hanging.url)))
      .catch((error: Failure) => error);
    expect(failure).toMatchObject({ kind: "unavailable", code: "git_timeout" });
    expect(await untilDead(worker.pid)).toBe(true);
    const late = await worker
      .call("snapshot", { reference: someCommit })
      .catch((error: Failure) => error.code);
    expect(late).toBe("git_timeout");
  });

  test("goes when the registry is killed", async () => {
    const parent = Bun.spawn([process.execPath, join(import.meta.dir, "worker-parent.ts"), hanging.url], {
      stdout: "pipe",
    });
    const before = hanging.requests.length;
    const { value } = await parent.stdout.getReader().read();
    const pid = Number(new TextDecoder().decode(value));
    await untilAsked(before + 2);
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await parent.exited;
    expect(await untilDead(pid)).toBe(true);
  });

  test("that can't be started is an error at once", async () => {
    const git = makeGit({ folder, worker: { command: ["/nonexistent/git-worker"], environment: {} } });
    const failure = await git.openMirror(anonymous(hanging.url), refs).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(Error);
    const broken = makeGit({ folder, worker: { command: ["/bin/false"], environment: {} } });
    const died = await broken.openMirror(anonymous(hanging.url), refs).catch((error: Failure) => error.code);
    expect(died).toBe("git_worker_died");
  });
});
