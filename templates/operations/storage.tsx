// What the disk holds, by whom, and how it grew.
import type { StorageUse } from "../../src/registry/operations/overview.ts";
import { BarChart } from "../parts/bar-chart.tsx";
import { Section } from "../parts/head.tsx";
import { count, size } from "../parts/numbers.ts";
import { Cell, Figure, Row, Table } from "../parts/table.tsx";
import { date } from "../parts/time.tsx";
import { paths } from "../paths.ts";

/** `open`: the organizations that the viewer may open. */
type Props = { storage: StorageUse; open: string[]; now: number };

export function StorageSections({ storage, open, now }: Props) {
  const link = (slug: string, href: string) => (open.includes(slug) ? href : null);
  if (storage.archiveBytes === 0)
    return (
      <Section title="Storage">
        <p class="prose">No archives yet. They appear here with the first synced repository.</p>
      </Section>
    );
  return (
    <>
      <Section title="What the storage holds" note={`${size(storage.archiveBytes)} of archives`}>
        <Holding storage={storage} />
      </Section>
      <Growth storage={storage} now={now} />
      <div class="columns is-even">
        <HeldTable
          label="By organization"
          rows={storage.organizations.map(({ slug, name, ...held }) => ({
            ...held,
            name,
            href: link(slug, paths.organization(slug)),
          }))}
        />
        <HeldTable
          label="Largest packages"
          isCode
          rows={storage.packages.map(({ slug, name, ...held }) => ({
            ...held,
            name,
            href: link(slug, paths.package(slug, name)),
          }))}
        />
      </div>
    </>
  );
}

type Part = { name: string; bytes: number; shade: string };

const shades = ["first", "second", "third", "fourth", "fifth"];

/** One bar for the whole disk, or for the whole bucket. */
function Holding({ storage }: { storage: StorageUse }) {
  const parts = partsOf(storage);
  const total = Math.max(
    1,
    parts.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  let from = 0;
  return (
    <figure class="holding">
      <svg role="img" height="28">
        <title>What the storage holds</title>
        <desc>{parts.map(({ name, bytes }) => `${name} ${size(bytes)}`).join(", ")}</desc>
        {parts.map(({ name, bytes, shade }) => {
          const [x, width] = [(from / total) * 100, (bytes / total) * 100];
          from += bytes;
          return (
            <rect
              class={`is-held-${shade}`}
              x={`${x.toFixed(2)}%`}
              width={`${width.toFixed(2)}%`}
              height="28"
            >
              <title>{`${name}: ${size(bytes)}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        {parts.map(({ name, bytes, shade }) => (
          <span class="legend">
            <svg aria-hidden="true">
              <rect width="8" height="8" class={`is-held-${shade}`} />
            </svg>
            {`${name} `}
            <span class="num secondary">{size(bytes)}</span>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** The largest organizations, the rest of them, the database, other files and what is free. */
function partsOf({ organizations, archiveBytes, databaseBytes, disk }: StorageUse): Part[] {
  const named = organizations
    .slice(0, shades.length)
    .map(({ name, bytes }, at) => ({ name, bytes, shade: shades[at] ?? "" }));
  const rest = archiveBytes - named.reduce((sum, { bytes }) => sum + bytes, 0);
  const others = rest > 0 ? [{ name: "Other organizations", bytes: rest, shade: "rest" }] : [];
  if (disk === null) return [...named, ...others];
  const foreign = Math.max(0, disk.size - disk.free - archiveBytes - databaseBytes);
  return [
    ...named,
    ...others,
    { name: "Database", bytes: databaseBytes, shade: "database" },
    { name: "Other files of the disk", bytes: foreign, shade: "foreign" },
    { name: "Free", bytes: disk.free, shade: "free" },
  ];
}

const units = [
  { name: "GB", bytes: 1024 ** 3 },
  { name: "MB", bytes: 1024 ** 2 },
  { name: "KB", bytes: 1024 },
];

function Growth({ storage: { weeks }, now }: Omit<Props, "open">) {
  const highest = Math.max(...weeks.map(({ bytes }) => bytes));
  const unit = units.find(({ bytes }) => highest >= 2 * bytes) ?? { name: "bytes", bytes: 1 };
  const added = weeks.reduce((sum, { bytes }) => sum + bytes, 0);
  const [first, last] = [weeks[0]?.at ?? now, weeks.at(-1)?.at ?? now];
  return (
    <Section
      title={`Archives added per week, in ${unit.name}`}
      note={`${size(added)} in ${weeks.length} weeks; hatched: this week so far`}
    >
      <BarChart
        id="growth"
        title={`Archives added per week, ${date(first, now)} to ${date(last, now)}`}
        about={`${size(added)} in all, at most ${size(highest)} in one week.`}
        bars={weeks.map(({ at, bytes }) => ({ label: date(at, now), value: bytes / unit.bytes }))}
        headings={["Week from", unit.name]}
        last="This week"
        height={120}
      />
    </Section>
  );
}

type Held = { name: string; href: string | null; bytes: number; archives: number };

function HeldTable({ label, rows, isCode = false }: { label: string; rows: Held[]; isCode?: boolean }) {
  return (
    <Table
      label={label}
      rows={33}
      columns={[
        { title: label, heading: true },
        { title: "Archives", end: true },
        { title: "Size", end: true },
      ]}
    >
      {rows.map(({ name, href, bytes, archives }) => (
        <Row>
          <Cell at="name" grows breaks mono={isCode}>
            {href === null ? name : <a href={href}>{name}</a>}
          </Cell>
          <Cell at="note" end tight>
            <Figure value={archives} text={count(archives)} unit=" archives" />
          </Cell>
          <Cell at="figure" end tight>
            <span class="num">{size(bytes)}</span>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
