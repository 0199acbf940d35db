// `bun run bench [serving|syncing]`: figures as ratios measured in one run; asserts nothing.
import { print } from "./rounds.ts";
import { benchServing } from "./serving.ts";
import { benchSyncing } from "./syncing.ts";

const only = process.argv[2];
if (!only || only === "serving")
  print("Requests per second, Pricore / nginx (more is better)", await benchServing(16));
if (!only || only === "syncing") print("Seconds, Pricore / git (less is better)", await benchSyncing(200));
