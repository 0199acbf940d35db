import { paths } from "../paths.ts";
import { SectionHead } from "../parts/head.tsx";
import { PackageName } from "../parts/package-name.tsx";
import { ListState } from "../parts/state.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { TickStrip } from "../parts/ticks.tsx";
import type { Freshness } from "../../src/registry/organizations/overview.ts";

/** Worst first, with what the last syncs came to. */
export function FreshnessSection(props: { rows: Freshness[]; total: number; slug: string; now: number }) {
  const { rows, total, slug, now } = props;
  const link = { href: paths.repositories(slug), text: total > 1 ? `All ${total}` : "View" };
  return (
    <section class="section comes-first">
      <SectionHead title="Repository status" note="last 18 syncs, newest on the right" link={link} />
      <Table label="Repository status" columns={columns}>
        {rows.map(({ name, label, state, at, ticks }) => (
          <Row>
            <Cell at="name" grows>
              <PackageName name={label} href={paths.repository(slug, name)} row />
            </Cell>
            <Cell at="note" tight>
              <TickStrip ticks={ticks} />
            </Cell>
            <Cell at="figure" end tight small>
              <ListState kind={state} at={at} now={now} />
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  );
}

const columns = [
  { title: "Repository", hiddenTitle: true },
  { title: "Last syncs", hiddenTitle: true },
  { title: "Status", hiddenTitle: true },
];
