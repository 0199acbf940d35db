// A thousand pushes a second, each sent on schedule, independent of earlier responses.
import { openTenants } from "../tests/attacks/tenants.ts";
import { listenBeside } from "../tests/webhooks/beside.ts";
import { proofOf } from "../tests/webhooks/recorded.ts";
import { until } from "../tests/tools/until.ts";

const perSecond = 1000;
const seconds = Number(process.env["BENCH_SECONDS"] ?? 5);

export async function benchDeliveries(): Promise<string[]> {
  const ground = await openTenants();
  try {
    const { repositoryId, secret } = await listenBeside(ground.ann.dataDir, "blog");
    const url = `${ground.server.url}/webhooks/git/${repositoryId}`;
    const body = JSON.stringify({ ref: "refs/heads/main", commits: "x".repeat(8000) });
    const proof = proofOf("git", secret, body);
    const before = ground.count("syncs");
    const push = async (at: number): Promise<{ ms: number; status: number }> => {
      const started = performance.now();
      const headers = { ...proof, "X-Pricore-Delivery": `push-${at}` };
      const response = await fetch(url, { method: "POST", headers, body });
      await response.arrayBuffer();
      return { ms: performance.now() - started, status: response.status };
    };
    const running: ReturnType<typeof push>[] = [];
    const started = performance.now();
    for (let at = 0; at < perSecond * seconds; at++) {
      const early = started + (at * 1000) / perSecond - performance.now();
      if (early > 1) await Bun.sleep(early);
      running.push(push(at));
    }
    const answers = await Promise.all(running);
    const sent = (performance.now() - started) / 1000;
    await until(
      () => ground.count("jobs", "state in ('waiting', 'running') and name = 'sync-repository'") === 0,
    );
    const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
    const at = (share: number) => `${(times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1)} ms`;
    const refused = answers.filter(({ status }) => status !== 202).length;
    return [
      `  ${answers.length} pushes in ${sent.toFixed(1)} s, ${refused} not acknowledged`,
      `  median ${at(0.5)}, 99th percentile ${at(0.99)}, worst ${at(1)}`,
      `  ${ground.count("syncs") - before} syncs, ${ground.count("deliveries")} deliveries kept`,
    ];
  } finally {
    await ground.close();
  }
}
