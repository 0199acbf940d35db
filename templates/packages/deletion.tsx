import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Removal } from "../parts/dialog.tsx";
import { Section } from "../parts/head.tsx";
import { count, counted } from "../parts/numbers.ts";
import { PackageName } from "../parts/package-name.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { DownloadsChart } from "./downloads.tsx";
import { DeletionLoss } from "./text.tsx";
import { versionHref } from "./frame.tsx";
import type { DeletionProps } from "./view.ts";

/** Who used it lately and who requires it, and then the name to type. */
export function DeletionPage({ shell, ...props }: DeletionProps & { shell: FrameData }) {
  const { head, version, dependents, downloads, problem } = props;
  const thing = version === null ? head.name : `${head.name} ${version}`;
  const href = version === null ? head.href : versionHref(head, version);
  const noun = version === null ? "package" : "version";
  return (
    <Frame
      shell={shell}
      title={`Delete ${thing}`}
      section="packages"
      path={[
        { label: "Packages", href: head.listHref },
        { label: head.name, href: head.href, mono: true },
        ...(version === null ? [] : [{ label: version, href, mono: true }]),
        { label: "Delete" },
      ]}
    >
      <div class="columns is-even">
        <div class="stack">
          <Removal
            page
            title={`Delete ${thing} from the registry?`}
            loss={<DeletionLoss {...props} />}
            expects={version ?? head.name}
            action={`${href}/delete`}
            verb={`Delete ${noun}`}
            cancel={href}
            error={problem ?? undefined}
          />
        </div>
        <div class="stack">
          <Section title="Downloads" note={`${count(downloads.total)} in 30 days`}>
            {downloads.total === 0 ? (
              <p class="secondary">No downloads in the last 30 days.</p>
            ) : (
              <DownloadsChart id="downloads" downloads={downloads} narrow />
            )}
          </Section>
          {dependents.length === 0 ? (
            <Section title="Required by">
              <p class="secondary">No package here requires it.</p>
            </Section>
          ) : (
            <Dependents {...props} />
          )}
        </div>
      </div>
    </Frame>
  );
}

function Dependents({ head, dependents, dependentsTotal }: DeletionProps) {
  return (
    <Table
      label="Required by"
      rows={35}
      columns={[
        { title: "Required by", heading: true },
        { title: counted(dependentsTotal, "package"), end: true, keeps: true },
        { title: "Why it matters", hiddenTitle: true },
      ]}
    >
      {dependents.map(({ name, constraint, isDev, only }) => (
        <Row>
          <Cell at="name" grows>
            <PackageName name={name} href={`${head.listHref}/${name}`} />
          </Cell>
          <Cell at="figure" end mono small>
            {constraint}
            {isDev ? " (dev)" : ""}
          </Cell>
          <Cell at="state" end tight>
            {only ? <span class="state is-failed strong">no other version fits</span> : ""}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
