import { paths } from "../paths.ts";
import type { FrameData } from "../frame/shell.ts";
import { Button, ButtonLink, Cancel } from "../parts/button.tsx";
import { CommandBlock } from "../parts/command.tsx";
import { DialogBody, Removal } from "../parts/dialog.tsx";
import { Checkbox, Field } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { counted } from "../parts/numbers.ts";
import { errorAt, type Problem } from "../parts/problem.tsx";
import { Cell, Row, RowActions, Table } from "../parts/table.tsx";
import { addressChangeText, vendorReleaseText } from "./text.ts";
import { SettingsFrame } from "./settings-menu.tsx";

export type GeneralForm = { name: string; notice: string; publishesSource: boolean };

type GeneralProps = {
  shell: FrameData;
  slug: string;
  form: GeneralForm;
  vendors: { vendor: string; packages: number }[];
  /** What was typed as a new vendor. */
  vendor: string;
  isOwner: boolean;
  problem: Problem | null;
};

export function GeneralPage({ shell, slug, form, vendors, vendor, isOwner, problem }: GeneralProps) {
  const settings = paths.settings(slug);
  return (
    <SettingsFrame shell={shell} setting="general">
      <PageHead title="General" />
      <Form action={settings} submit="Save changes" busy="Saving…">
        <Field
          name="name"
          label="Name"
          value={form.name}
          error={errorAt(problem, "name")}
          required
          maxlength={100}
          autocomplete="off"
        />
        <Field
          name="notice"
          label="Notice"
          optional
          rows={2}
          value={form.notice}
          error={errorAt(problem, "notice")}
          hint="Composer shows it whenever it uses this registry, as “Info from …”. Up to 500 characters."
        />
        <Checkbox
          name="publishes_source"
          value="1"
          label="Include source URLs"
          checked={form.publishesSource}
          hint="Lets --prefer-source clone from the Git host. Without it, Composer only gets archives. Credentials are never included. Turning this on or off makes every client reinstall each package once, at its next composer update."
        />
      </Form>
      <Section title="Address">
        <div class="stack is-close">
          <CommandBlock command={[`${shell.appUrl}/`, { own: slug }]} plain announcement="Address copied" />
          {isOwner ? (
            <div class="actions">
              <ButtonLink href={`${settings}/address`}>Change address</ButtonLink>
            </div>
          ) : (
            <p class="prose">Only the owner can change it.</p>
          )}
        </div>
      </Section>
      <Section title="Protected vendors" note="served only from here">
        <div class="stack is-close">
          <VendorTable vendors={vendors} settings={settings} />
          <form method="post" action={`${settings}/vendors`} class="form">
            <Field
              name="vendor"
              label="Add a vendor"
              value={vendor}
              placeholder="acme"
              error={errorAt(problem, "vendor")}
              hint="Unknown packages of this vendor are reported as missing, so Composer never takes them from another registry."
              mono
              required
              autocomplete="off"
              button={<Button>Add vendor</Button>}
            />
          </form>
        </div>
      </Section>
    </SettingsFrame>
  );
}

function VendorTable({ vendors, settings }: Pick<GeneralProps, "vendors"> & { settings: string }) {
  if (vendors.length === 0)
    return (
      <p class="prose">
        None yet. A vendor is protected automatically once a repository publishes its first package.
      </p>
    );
  const columns = [{ title: "Vendor" }, { title: "Packages here" }, { title: "Actions", hiddenTitle: true }];
  return (
    <Table label="Vendors" columns={columns} rows={44}>
      {vendors.map(({ vendor, packages }) => (
        <Row>
          <Cell at="name" mono strong>
            {vendor}
          </Cell>
          <Cell at="state" grows>
            {packages === 0 ? <span class="muted">none</span> : counted(packages, "package")}
          </Cell>
          <Cell at="figure" end tight>
            <RowActions>
              <ButtonLink
                href={`${settings}/vendors/${encodeURIComponent(vendor)}`}
                variant="quiet"
                small
                destroys
                aria-label={`Release ${vendor}`}
              >
                Release
              </ButtonLink>
            </RowActions>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

type GiveUpVendorProps = {
  shell: FrameData;
  slug: string;
  vendor: string;
  packages: number;
  problem: Problem | null;
};

export function GiveUpVendorPage({ shell, slug, vendor, packages, problem }: GiveUpVendorProps) {
  const settings = paths.settings(slug);
  return (
    <SettingsFrame shell={shell} setting="general" title="Release vendor">
      <Removal
        page
        title={
          <>
            {"Release "}
            <code>{vendor}</code>
            {"?"}
          </>
        }
        loss={vendorReleaseText(vendor, packages)}
        expects={vendor}
        action={`${settings}/vendors/${encodeURIComponent(vendor)}`}
        verb="Release vendor"
        cancel={settings}
        error={problem?.message}
      />
    </SettingsFrame>
  );
}

export function ChangeAddressPage(props: {
  shell: FrameData;
  slug: string;
  typed: string;
  problem: Problem | null;
}) {
  const { shell, slug, typed, problem } = props;
  const settings = paths.settings(slug);
  return (
    <SettingsFrame shell={shell} setting="general" title="Change address">
      <DialogBody
        page
        title={
          <>
            {"Change the address of "}
            {shell.organization?.name}
            {"?"}
          </>
        }
        about={addressChangeText(shell.appUrl, slug)}
      >
        <form class="dialog" method="post" action={`${settings}/address`}>
          <Field
            name="slug"
            label="New address"
            value={typed}
            hint="2 to 39 lowercase letters, digits and single hyphens."
            error={problem?.message}
            mono
            required
            autofocus
            autocomplete="off"
          />
          <div class="actions">
            <Button destroys busy="Changing…">
              Change address
            </Button>
            <Cancel href={settings} />
          </div>
        </form>
      </DialogBody>
    </SettingsFrame>
  );
}
