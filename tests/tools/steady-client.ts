// A client that asks all the time, in a process of its own, so that nothing of the test itself delays it.
// `steady-client <url> <headers>` asks until its input ends and then prints the milliseconds of every answer.
import { join } from "node:path";

export type Patience = { answers: number; refused: number; median: number; p99: number; longest: number };

const pauseMs = 2;

/** How long a reader waits for its answers while `work` goes on. */
export async function patienceDuring(
  { url, headers }: { url: string; headers: Record<string, string> },
  work: () => Promise<unknown>,
): Promise<Patience> {
  const client = Bun.spawn(
    [process.execPath, join(import.meta.dir, "steady-client.ts"), url, JSON.stringify(headers)],
    {
      stdin: "pipe",
      stdout: "pipe",
    },
  );
  try {
    await work();
  } finally {
    await client.stdin.end();
  }
  const { times, refused } = (await new Response(client.stdout).json()) as Told;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { answers: times.length, refused, median: at(0.5), p99: at(0.99), longest: at(1) };
}

type Told = { times: number[]; refused: number };

if (import.meta.main) {
  const [url = "", headers = "{}"] = process.argv.slice(2);
  const tally: Told = { times: [], refused: 0 };
  const over = new AbortController();
  void Bun.stdin.text().then(() => over.abort());
  while (!over.signal.aborted) {
    const since = performance.now();
    const answer = await fetch(url, { headers: JSON.parse(headers) as Record<string, string> });
    await answer.arrayBuffer();
    tally.times.push(performance.now() - since);
    if (!answer.ok) tally.refused++;
    await Bun.sleep(pauseMs);
  }
  console.log(JSON.stringify(tally));
}
