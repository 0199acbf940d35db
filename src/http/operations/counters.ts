// Counts answers as plain integers: a request costs one addition, and a scrape does the rest.
import type { RouteKind } from "../routes.ts";

export type Counters = {
  count(kind: RouteKind, status: number): void;
  /** The counts since the start. */
  requests(): { kind: string; status: number; count: number }[];
};

const statuses = 600;

export function createCounters(): Counters {
  const rows = new Map<string, Float64Array>();
  return {
    count(kind, status) {
      let row = rows.get(kind);
      if (row === undefined) rows.set(kind, (row = new Float64Array(statuses)));
      row[status] = (row[status] ?? 0) + 1;
    },
    requests() {
      const found = [...rows].flatMap(([kind, row]) =>
        [...row].map((count, status) => ({ kind, status, count })),
      );
      return found.filter(({ count }) => count > 0);
    },
  };
}

/** Counts the answer, whenever it comes. */
export function counted<Answer extends Response | Promise<Response>>(
  counters: Counters,
  kind: RouteKind,
  answer: Answer,
): Answer {
  if (!(answer instanceof Promise)) {
    counters.count(kind, (answer as Response).status);
    return answer;
  }
  return answer.then((response: Response) => {
    counters.count(kind, response.status);
    return response;
  }) as Answer;
}
