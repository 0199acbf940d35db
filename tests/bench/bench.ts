// `bun run bench [serving|syncing|scale|binary]`: figures as ratios measured in one run; asserts nothing.
import { benchBinary } from "./binary.ts";
import { benchComposer } from "./composer.ts";
import { benchHugeRepository } from "./huge-repository.ts";
import { print } from "./rounds.ts";
import { benchScale } from "./scale.ts";
import { benchServing } from "./serving.ts";
import { benchSyncing } from "./syncing.ts";

const only = process.argv[2];
if (!only || only === "serving") {
  const { figures, notes } = await benchServing([16, 1000]);
  print("Requests per second, Pricore / nginx (more is better)", figures);
  console.log(notes.join("\n"));
}
if (!only || only === "syncing") {
  const figures = [...(await benchSyncing(200)), ...(await benchSyncing(1000))];
  print("Seconds, Pricore / git (less is better)", figures);
}
if (!only || only === "memory") {
  console.log("\nMemory of a sync");
  console.log((await benchHugeRepository()).join("\n"));
}
if (!only || only === "scale") {
  const { figures, notes } = await benchScale(100, 10_000);
  print("A large registry / a small one", figures);
  console.log(notes.join("\n"));
}
if (!only || only === "binary") {
  const { figures, notes } = await benchBinary();
  print("The executable / a hello-world of Elysia built the same way", figures);
  console.log(notes.join("\n"));
}
if (!only || only === "composer") {
  const { figures, notes } = await benchComposer();
  print("Seconds of Composer, Pricore / a static layout behind nginx (less is better)", figures);
  console.log(notes.join("\n"));
}
