// `bun run faults --minutes N --seed S`: kills syncs of random repositories at random writes for as long as it is
// told, and prints the seed of the first breach. `--syncs N`: that many syncs by several processes instead.
import { parseArgs } from "node:util";
import { startOwnRedis, stopServers } from "../tools/servers/services.ts";
import { firstSync, killEverywhere, killPoints, laterSync } from "./kills.ts";
import { runProcesses } from "./processes.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now()) },
    syncs: { type: "string" },
  },
});
if (values.syncs !== undefined) {
  const run = await runProcesses({ redis: await startOwnRedis(), syncs: Number(values.syncs) });
  await run.fleet.close();
  await stopServers();
  for (const fault of run.faults) console.error(fault);
  const { startedSyncs, eventIds } = run;
  console.log(
    `${values.syncs} syncs in ${run.seconds.toFixed(1)} s: ${startedSyncs} begun, ${eventIds.size} heard of`,
  );
  process.exit(run.faults.length === 0 ? 0 : 1);
}
const until = performance.now() + Number(values.minutes) * 60_000;
let kills = 0;
for (let round = 0; performance.now() < until; round++) {
  const seed = `${values.seed}:${round}`;
  const pick = (what: string, count: number) => Number(Bun.hash(`${seed} ${what}`) % BigInt(count));
  const tags = 2 + pick("tags", 30);
  const scene = await (pick("scene", 2) === 0 ? firstSync(tags) : laterSync(tags));
  const point = killPoints[pick("point", killPoints.length)] ?? "pwrite64";
  const from = 1 + pick("from", 100);
  const result = await killEverywhere(scene, { point, from, step: 1 + pick("step", 40), atMost: 20 });
  await scene.remove();
  kills += result.kills;
  if (result.breaches.length === 0) continue;
  console.error(`seed ${seed} (${tags} tags, ${point} from ${from}):\n${result.breaches.join("\n")}`);
  process.exit(1);
}
console.log(`${kills} kills, no breach; seed ${values.seed}`);
