// W4 and W5 of the list of attacks: too much for a webhook, at once or one after the other, against the built binary.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { sendRaw } from "../worlds/published.ts";
import { listenBeside, type Beside } from "../webhooks/beside.ts";
import { proofOf } from "../webhooks/recorded.ts";
import { openTenants, type Tenants } from "./tenants.ts";
import { until } from "../tools/until.ts";

let ground: Tenants;
let blog: Beside;
beforeAll(async () => {
  ground = await openTenants();
  blog = await listenBeside(ground.ann.dataDir, "blog");
});
afterAll(() => ground?.close());

const megabyte = 1024 * 1024;

const address = () => `/webhooks/git/${blog.repositoryId}`;

function post(body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(ground.server.url + address(), { method: "POST", headers, body });
}

/** Of the server; the most that it has ever held, and what it holds now. */
function memory(): { peak: number; now: number } {
  const status = readFileSync(`/proc/${ground.server.pid}/status`, "utf8");
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { peak: of("VmHWM"), now: of("VmRSS") };
}

function unannounced(megabytes: number): ReadableStream<Uint8Array> {
  let left = megabytes;
  const piece = new Uint8Array(megabyte).fill(32);
  return new ReadableStream({
    pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()),
  });
}

test("FT1: W4: more than 25 MB get 413, announced or not, and are not held in memory", async () => {
  const before = memory();
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        post(unannounced(26)).then(
          ({ status }) => status,
          () => 413,
        ),
      ),
    );
    expect(answers.every((status) => status === 413 || status === 503)).toBe(true);
  }
  const host = new URL(ground.server.url).host;
  const head = `POST ${address()} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n`;
  const announced = await sendRaw(ground.server, `${head}Content-Length: ${26 * megabyte}\r\n\r\n`);
  expect(announced.status).toBe(413);
  expect(announced.body).toContain("up to 25600 KB");
  expect(ground.logged("webhook.too_large").length).toBeGreaterThan(8);
  // Of 4 GB that were sent. Without the one place for large bodies it is several hundred.
  expect(memory().peak - before.now).toBeLessThan(110);
  expect((await post("{}", { "X-Webhook-Token": blog.secret })).status).toBe(202);
});

test("FT1: W4: 25 MB of commits with a valid signature are accepted", async () => {
  const body = JSON.stringify({ ref: "refs/heads/main", commits: "x".repeat(24 * megabyte) });
  expect((await post(body, proofOf("git", blog.secret, body))).status).toBe(202);
  // Who has the place keeps it to the end: nobody else's bytes get into the body.
  const together = await Promise.all(
    ["a", "b", "c", "d", "e", "f"].map((letter) => {
      const own = JSON.stringify({ ref: "refs/heads/main", commits: letter.repeat(24 * megabyte) });
      return post(own, proofOf("git", blog.secret, own));
    }),
  );
  const statuses = together.map(({ status }) => status);
  expect(statuses.filter((status) => status !== 202 && status !== 503)).toEqual([]);
  expect(statuses).toContain(202);
  const forged = await post(body, proofOf("git", "another", body));
  expect(forged.status).toBe(401);
});

test("W5: a thousand pushes at once are all acknowledged and become a few syncs", async () => {
  const body = '{"ref":"refs/heads/main"}';
  const proof = proofOf("git", blog.secret, body);
  const before = ground.count("syncs");
  const statuses = await Promise.all(
    Array.from({ length: 1000 }, async (_, at) => {
      const { status } = await post(body, { ...proof, "X-Pricore-Delivery": `push-${at}` });
      return status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([202]));
  await until(
    () => ground.count("jobs", "state in ('waiting', 'running') and name = 'sync-repository'") === 0,
  );
  expect(ground.count("syncs") - before).toBeLessThan(60);
  expect(ground.count("deliveries", "verdict = 'accepted' and sync_id is null")).toBe(0);
  expect(ground.logged("sync.coalesced").length).toBeGreaterThan(0);
});
