// What came to a webhook, and what came of it.
import { Section } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { counted } from "../parts/numbers.ts";
import { Pagination } from "../parts/pagination.tsx";
import { State } from "../parts/state.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { DeliveryMark } from "./webhook-part.tsx";
import type { DeliveryLine, WebhookView } from "./webhook-view.ts";

/** One page of deliveries, newest first. */
export function Deliveries(props: {
  webhook: WebhookView;
  base: string;
  now: number;
  page: number;
  pageSize: number;
}) {
  const { webhook, base, now, page, pageSize } = props;
  const { deliveries, total, state } = webhook;
  const here = `${base}/webhook`;
  if (total === 0 && state === "none") return <></>;
  return (
    <Section title="Deliveries" note="of the last 30 days">
      {deliveries.length === 0 ? (
        <Empty title="No deliveries yet">
          Deliveries appear here right away, with their result. Push to the repository to see one.
        </Empty>
      ) : (
        <Table
          label="Deliveries"
          columns={[
            { title: "Response and event" },
            { title: "Tags and branches", from: "tablet" },
            { title: "Result" },
            { title: "When", end: true },
          ]}
        >
          {deliveries.map((line) => (
            <Delivery line={line} now={now} />
          ))}
        </Table>
      )}
      <Pagination
        page={page}
        pageSize={pageSize}
        total={total}
        href={(next) => (next === 1 ? here : `${here}?page=${next}`)}
      />
    </Section>
  );
}

function Delivery({ line, now }: { line: DeliveryLine; now: number }) {
  const { refs, sync, repeats, at } = line;
  const visible = refs.slice(0, 3);
  return (
    <Row>
      <Cell at="name">
        <DeliveryMark line={line} />
      </Cell>
      <Cell from="tablet" grows breaks>
        {visible.map((ref, at) => [at > 0 ? ", " : "", <code>{ref}</code>])}
        {refs.length > visible.length ? ` and ${refs.length - visible.length} more` : ""}
      </Cell>
      <Cell at="state" breaks>
        {sync === null ? null : (
          <State kind={sync.kind}>
            {sync.href === null ? sync.text : <a href={sync.href}>{sync.text}</a>}
          </State>
        )}
        {repeats > 0 ? <span class="muted">{` sent ${counted(repeats, "more time")}`}</span> : null}
      </Cell>
      <Cell at="figure" end>
        <Time at={at} now={now} />
      </Cell>
    </Row>
  );
}
