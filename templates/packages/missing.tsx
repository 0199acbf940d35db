// Packages that are required and missing: installs fail until their repositories are added.
import { paths } from "../paths.ts";
import type { MissingPackage } from "../../src/registry/packages/missing.ts";
import { ButtonLink } from "../parts/button.tsx";
import { SectionHead } from "../parts/head.tsx";
import { PackageName } from "../parts/package-name.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";

const shownRequiring = 3;

export function MissingSection(props: { missing: MissingPackage[]; slug: string; canEdit: boolean }) {
  const { missing, slug, canEdit } = props;
  if (missing.length === 0) return <></>;
  return (
    <section class="section">
      <SectionHead title="Missing dependencies" note="packages that require them cannot be installed" />
      <Table label="Missing dependencies" columns={columns}>
        {missing.map(({ name, requiredBy }) => (
          <Row>
            <Cell at="name" grows>
              <PackageName name={name} />
            </Cell>
            <Cell at="note" small>
              {`required by ${listed(requiredBy)}`}
            </Cell>
            <Cell at="figure" end tight>
              {canEdit ? (
                <ButtonLink small href={paths.newRepository(slug)}>
                  Add repository
                </ButtonLink>
              ) : null}
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  );
}

const columns = [
  { title: "Package", hiddenTitle: true },
  { title: "Required by", hiddenTitle: true },
  { title: "Actions", hiddenTitle: true },
];

function listed(names: string[]): string {
  const others = names.length - shownRequiring;
  return others > 0 ? `${names.slice(0, shownRequiring).join(", ")} and ${others} more` : names.join(", ");
}
