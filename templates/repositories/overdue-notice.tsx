// What an organization is told when repositories have fallen behind, and when all are proven again.
import type { Child } from "../jsx/jsx-runtime.ts";
import { Notice } from "../parts/notice.tsx";
import { counted, span } from "../parts/numbers.ts";
import { exact, Time } from "../parts/time.tsx";

export type OverdueRepositories =
  | {
      is: "late";
      count: number;
      limitMs: number;
      since: number;
      names: string[];
      failure: { name: string; error: string } | null;
    }
  | { is: "recovered"; beganAt: number; recoveredAt: number };

/** Nothing when all has been well. */
export function OverdueNotice({
  late,
  base,
  now,
}: {
  late: OverdueRepositories | null;
  base: string;
  now: number;
}) {
  if (late === null) return <></>;
  return late.is === "late" ? (
    <Behind late={late} base={base} now={now} />
  ) : (
    <Notice tone="fresh" small title="All repositories are proven fresh again">
      {"Since "}
      <Time at={late.recoveredAt} now={now} />
      {`, after ${span(late.recoveredAt - late.beganAt)} in which some were behind.`}
    </Notice>
  );
}

function Behind({
  late,
  base,
  now,
}: {
  late: OverdueRepositories & { is: "late" };
  base: string;
  now: number;
}) {
  const { count, since, names, failure } = late;
  const title = `${counted(count, "repository", "repositories")} not proven fresh for ${span(now - since).replace(/ \d+ s$/, "")}`;
  const words = count === 1 ? "See it" : `See the ${count} repositories`;
  return (
    <Notice tone="waiting" title={title} links={[{ href: `${base}/repositories?sort=fresh`, words }]}>
      <p>
        {listed(names, count - names.length, base)}
        {". "}
        {failure === null ? null : `The last sync of ${failure.name} failed: ${failure.error} `}
        {`What Composer reads is unchanged since ${exact(since)}; new pushes arrive with the next sync that ends well.`}
      </p>
    </Notice>
  );
}

function listed(names: string[], others: number, base: string): Child[] {
  const linked = names.map((name) => (
    <a href={`${base}/repositories/${encodeURIComponent(name)}`}>
      <code>{name}</code>
    </a>
  ));
  const parts: Child[] = linked.flatMap((link, at) => (at === 0 ? [link] : [", ", link]));
  return others > 0 ? [...parts, ` and ${others} more`] : parts;
}
