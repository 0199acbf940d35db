// The notice about repositories without a successful check for too long, and that all are up to date again.
import { paths } from "../paths.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import type { OverdueRepositories } from "../../src/registry/syncs/overdue.ts";
import { Notice } from "../parts/notice.tsx";
import { span } from "../parts/numbers.ts";
import { exact, Time } from "../parts/time.tsx";
import { overdueText } from "./text.ts";

/** Nothing when all has been well. */
export function OverdueNotice({
  overdue,
  slug,
  now,
}: {
  overdue: OverdueRepositories | null;
  slug: string;
  now: number;
}) {
  if (overdue === null) return <></>;
  return overdue.is === "late" ? (
    <Behind overdue={overdue} slug={slug} now={now} />
  ) : (
    <Notice tone="fresh" small title="All repositories are up to date again">
      {"Since "}
      <Time at={overdue.recoveredAt} now={now} />
      {`. Some had no successful check for ${span(overdue.recoveredAt - overdue.beganAt)}.`}
    </Notice>
  );
}

function Behind({
  overdue,
  slug,
  now,
}: {
  overdue: OverdueRepositories & { is: "late" };
  slug: string;
  now: number;
}) {
  const { count, since, names, failure } = overdue;
  const title = overdueText(count, now - since);
  const text = count === 1 ? "View repository" : `View ${count} repositories`;
  return (
    <Notice tone="waiting" title={title} links={[{ href: `${paths.repositories(slug)}?sort=fresh`, text }]}>
      <p>
        {listed(names, count - names.length, slug)}
        {". "}
        {failure === null ? null : `The last sync of ${failure.name} failed: ${failure.error} `}
        {`Composer still gets the versions known at ${exact(since)}. New pushes appear after the next successful sync.`}
      </p>
    </Notice>
  );
}

function listed(names: string[], others: number, slug: string): Child[] {
  const linked = names.map((name) => (
    <a href={paths.repository(slug, name)}>
      <code>{name}</code>
    </a>
  ));
  const parts: Child[] = linked.flatMap((link, at) => (at === 0 ? [link] : [", ", link]));
  return others > 0 ? [...parts, ` and ${others} more`] : parts;
}
