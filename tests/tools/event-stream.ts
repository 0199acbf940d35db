// Server-sent events, read as a browser reads them.

export type EventStream = {
  status: number;
  headers: Headers;
  /** Named events so far, in their order. */
  events: { event: string; data: unknown }[];
  /** Comments too: all that was sent. */
  text(): string;
  /** Resolves with the first event of this name that is not waited for yet. */
  next(name: string, withinMs?: number): Promise<unknown>;
  /** Resolves when the server has ended it. */
  ended: Promise<void>;
  isOpen(): boolean;
  close(): void;
};

export async function openEventStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  const aborting = new AbortController();
  const answer = await fetch(url, { headers, signal: aborting.signal, redirect: "manual" });
  const events: EventStream["events"] = [];
  const taken = new Set<number>();
  let text = "";
  let isOpen = true;
  const read = async () => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of answer.body ?? []) {
      const part = decoder.decode(chunk as Uint8Array, { stream: true });
      text += part;
      const blocks = (rest + part).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1];
        if (event) events.push({ event, data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null") });
      }
    }
  };
  const ended = read()
    .catch(() => {})
    .finally(() => {
      isOpen = false;
    });
  return {
    status: answer.status,
    headers: answer.headers,
    events,
    text: () => text,
    ended,
    isOpen: () => isOpen,
    close: () => aborting.abort(),
    async next(name, withinMs = 10_000) {
      const deadline = performance.now() + withinMs;
      while (performance.now() < deadline) {
        const at = events.findIndex(({ event }, index) => event === name && !taken.has(index));
        if (at >= 0) {
          taken.add(at);
          return events[at]?.data;
        }
        await Bun.sleep(20);
      }
      const received = events.map(({ event }) => event).join(", ");
      throw new Error(`No "${name}" within ${withinMs} ms; heard: ${received || "nothing"}.`);
    },
  };
}
