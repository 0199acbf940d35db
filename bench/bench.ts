// `bun run bench [NAME]… [--minutes 20]`: figures as ratios to a reference that is measured in the same run. Asserts
// nothing. Without a name it runs everything but the soak.
import { parseArgs } from "node:util";
import { benchBinary } from "./binary.ts";
import { benchComposer } from "./composer.ts";
import { benchDeliveries } from "./deliveries.ts";
import { benchHugeRepository } from "./huge-repository.ts";
import { benchLargeTrees } from "./large-trees.ts";
import { benchPush } from "./push.ts";
import { benchPages } from "./pages.ts";
import { print, type Figure } from "./rounds.ts";
import { benchSatis } from "./satis.ts";
import { benchScale } from "./scale.ts";
import { benchServing } from "./serving.ts";
import { benchSharedDocuments } from "./shared-documents.ts";
import { benchSoak } from "./soak.ts";
import { benchSyncing } from "./syncing.ts";
import { benchWorstRepository } from "./worst-repository.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string", default: "20" } },
});

type Part = { title: string; run: () => Promise<{ figures: Figure[]; notes: string[] }> };

const parts: Record<string, Part> = {
  serving: {
    title: "Requests per second, Pricore / nginx (more is better)",
    run: () => benchServing([16, 1000]),
  },
  syncing: {
    title: "Seconds, Pricore / git (less is better)",
    run: async () => ({ figures: [...(await benchSyncing(200)), ...(await benchSyncing(1000))], notes: [] }),
  },
  large: {
    title: "Seconds of a first sync of large trees, Pricore / git (less is better)",
    run: async () => {
      const found = [
        await benchLargeTrees({ tags: 63, files: 18_500 }),
        await benchLargeTrees({ tags: 500, files: 20_000 }),
      ];
      return { figures: found.map(({ figure }) => figure), notes: found.map(({ note }) => note) };
    },
  },
  push: { title: "From a push to installable, by a webhook", run: benchPush },
  deliveries: {
    title: "Pushes of one repository, a thousand a second, until they are acknowledged",
    run: async () => ({ figures: [], notes: await benchDeliveries() }),
  },
  memory: {
    title: "Memory of a first sync",
    run: async () => ({ figures: [], notes: await benchHugeRepository() }),
  },
  worst: {
    title: "Reads while the worst repository is synced",
    run: async () => ({ figures: [], notes: await benchWorstRepository() }),
  },
  scale: { title: "A large registry / a small one", run: () => benchScale(100, 10_000) },
  pages: {
    title: "Requests per second of a page / of the sign-in page (more is better)",
    run: () => benchPages(10_000),
  },
  binary: { title: "The executable / a hello-world of Elysia built the same way", run: benchBinary },
  satis: { title: "Seconds, Pricore / Satis (less is better)", run: benchSatis },
  composer: {
    title: "Seconds of Composer, Pricore / a static layout behind nginx (less is better)",
    run: benchComposer,
  },
  shared: {
    title: "Milliseconds of a document that is not in memory, Redis / database (less is better)",
    run: benchSharedDocuments,
  },
  soak: {
    title: "A long run, by least squares once the process is warm",
    run: async () => ({ figures: [], notes: await benchSoak(Number(values.minutes)) }),
  },
};

const unknown = positionals.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}.`);
  process.exit(2);
}
for (const [name, { title, run }] of Object.entries(parts)) {
  if (!(positionals.length > 0 ? positionals.includes(name) : name !== "soak")) continue;
  const { figures, notes } = await run();
  print(title, figures);
  for (const note of notes) console.log(note);
}
