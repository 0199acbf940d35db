import { describe, expect, test } from "bun:test";
import { PublicLayout, PublicHead, FactorSteps, OtherWays } from "../../templates/frame/bare.tsx";
import { ErrorPage, FramedError, MistakePart } from "../../templates/frame/error.tsx";
import { Frame } from "../../templates/frame/frame.tsx";
import type { Markup } from "../../templates/jsx/jsx-runtime.ts";
import { Live } from "../../templates/frame/live.tsx";
import { Matched, PaletteResults } from "../../templates/palette/palette.tsx";
import { Badge, SeverityBadge } from "../../templates/parts/badge.tsx";
import { BarChart } from "../../templates/parts/bar-chart.tsx";
import { Button, ButtonLink, MenuItem, MoreMenu } from "../../templates/parts/button.tsx";
import { Chain } from "../../templates/parts/chain.tsx";
import { CommandBlock, CommandList, CopyButton } from "../../templates/parts/command.tsx";
import { Dialog, DialogBody, Removal } from "../../templates/parts/dialog.tsx";
import { Feed } from "../../templates/parts/feed.tsx";
import { Checkbox, Field, FieldGroup, OneTimeCode, Select } from "../../templates/parts/field.tsx";
import { Figures, GettingStarted, Pairs, LastCheck } from "../../templates/parts/figures.tsx";
import { Choices, FilterChip, Filters } from "../../templates/parts/filter.tsx";
import { Fact, PageHead, Section } from "../../templates/parts/head.tsx";
import { LineChart } from "../../templates/parts/line-chart.tsx";
import { Empty, Notice, Panel, Toast, Well } from "../../templates/parts/notice.tsx";
import { OnceSecret } from "../../templates/parts/once-secret.tsx";
import { PackageName } from "../../templates/parts/package-name.tsx";
import { Pagination } from "../../templates/parts/pagination.tsx";
import { Legend, Progress } from "../../templates/parts/progress.tsx";
import { ListState, State, StateIcon } from "../../templates/parts/state.tsx";
import { Cell, Figure, Group, GroupName, Row, Table } from "../../templates/parts/table.tsx";
import { SideMenu, Tabs } from "../../templates/parts/tabs.tsx";
import { TickStrip } from "../../templates/parts/ticks.tsx";
import { Time } from "../../templates/parts/time.tsx";
import { Steps } from "../../templates/frame/steps.tsx";
import { shellOf } from "../browser/samples/shell.ts";

const asset = (name: string) => `/assets/${name}`;
const now = Date.parse("2026-11-24T12:04:09Z");
const evil = `"'><img src=x onerror=alert(1)>&lt;-x`;
const outside = { appName: evil, appUrl: "https://registry.acme.example", asset, version: evil };
const shell = shellOf(asset);
const evilShell = shellOf(asset, {
  appName: evil,
  version: evil,
  viewer: { name: evil, email: evil, isAdmin: true, theme: "dark" },
  organization: { ...shell.organization!, name: evil },
  organizations: [{ slug: "acme", name: evil }],
  toast: evil,
});

/** Every component, with the hostile text wherever somebody's words may come. */
const parts: Record<string, () => Markup> = {
  Frame: () => (
    <Frame
      shell={evilShell}
      title={evil}
      section="packages"
      path={[{ label: evil, href: evil }, { label: evil }]}
    >
      {evil}
    </Frame>
  ),
  Bare: () => (
    <PublicLayout outside={outside} title={evil} doing={evil} about={evil}>
      <PublicHead title={evil}>{evil}</PublicHead>
      <FactorSteps steps={[evil, evil]} now={1} />
      <OtherWays ways={[{ href: evil, icon: "mail", text: evil, note: evil }]} />
    </PublicLayout>
  ),
  Steps: () => (
    <Steps
      outside={outside}
      title={evil}
      steps={[{ name: evil, note: evil }]}
      now={0}
      skip={{ href: evil, text: evil }}
    />
  ),
  ErrorPage: () => <ErrorPage appName={evil} title={evil} message={evil} asset={asset} />,
  FramedError: () => <FramedError shell={evilShell} title={evil} message={evil} />,
  Live: () => <Live topics={{ organization: evil }} />,
  MistakePart: () => <MistakePart title={evil} message={evil} actions={evil} />,
  PaletteResults: () => (
    <PaletteResults
      query={evil}
      groups={[
        {
          label: evil,
          found: [{ href: evil, icon: "package", name: <Matched text={evil} query="img" />, note: evil }],
        },
      ]}
    />
  ),
  "PaletteResults with nothing": () => <PaletteResults query={evil} groups={[]} />,
  Badge: () => <Badge>{evil}</Badge>,
  SeverityBadge: () => <SeverityBadge severity="high" href={evil} />,
  BarChart: () => (
    <BarChart
      id="chart"
      title={evil}
      about={evil}
      bars={[{ label: evil, value: 1 }]}
      headings={[evil, evil]}
      last={evil}
    />
  ),
  LineChart: () => (
    <LineChart
      id="lines"
      title={evil}
      about={evil}
      labels={[evil, evil]}
      main={[1, 2]}
      second={[null, 2]}
      format={() => evil}
      headings={[evil, evil, evil]}
    />
  ),
  Button: () => (
    <Button value={evil} label={evil} busy={evil} data-x={evil}>
      {evil}
    </Button>
  ),
  ButtonLink: () => <ButtonLink href={evil}>{evil}</ButtonLink>,
  MoreMenu: () => (
    <MoreMenu label={evil}>
      <MenuItem href={evil}>{evil}</MenuItem>
    </MoreMenu>
  ),
  Chain: () => <Chain label={evil} links={[{ name: evil, note: evil, is: "failed" }]} advice={evil} />,
  CommandBlock: () => <CommandBlock command={[evil, { own: evil }]} announcement={evil} />,
  CommandList: () => <CommandList title={evil} commands={[[evil]]} note={evil} caption={evil} />,
  CopyButton: () => <CopyButton text={evil} label={evil} />,
  Dialog: () => (
    <Dialog id="dialog" label={evil}>
      <DialogBody title={evil} about={evil} />
    </Dialog>
  ),
  Removal: () => (
    <Removal title={evil} loss={evil} expects={evil} action={evil} verb={evil} cancel={evil} error={evil} />
  ),
  Feed: () => <Feed now={now} entries={[{ by: { person: evil }, what: evil, at: now }]} />,
  Field: () => (
    <Field
      name="field"
      label={evil}
      value={evil}
      hint={evil}
      error={evil}
      placeholder={evil}
      expects={evil}
    />
  ),
  "Field of several lines": () => <Field name="area" label={evil} value={evil} rows={3} />,
  Select: () => <Select name="select" label={evil} value={evil} options={[{ value: evil, text: evil }]} />,
  Checkbox: () => <Checkbox name="box" label={evil} value={evil} hint={evil} error={evil} />,
  FieldGroup: () => <FieldGroup legend={evil} hint={evil} error={evil} />,
  OneTimeCode: () => <OneTimeCode name="code" label={evil} error={evil} hint={evil} />,
  Figures: () => <Figures figures={[{ label: evil, value: evil, note: evil, href: evil }]} />,
  GettingStarted: () => (
    <GettingStarted done={1} total={2} dismiss={evil}>
      {evil}
    </GettingStarted>
  ),
  Pairs: () => <Pairs pairs={[[evil, evil]]} />,
  LastCheck: () => (
    <LastCheck label={evil} value={evil}>
      {evil}
    </LastCheck>
  ),
  FilterChip: () => <FilterChip label={evil} options={[{ href: evil, text: evil }]} />,
  "FilterChip that is on": () => <FilterChip label={evil} value={evil} clear={evil} />,
  Filters: () => (
    <Filters
      action={evil}
      value={evil}
      placeholder={evil}
      label={evil}
      keep={{ type: evil }}
      target={evil}
      tally={{ visible: 1, total: 2, clear: evil }}
    />
  ),
  Choices: () => <Choices label={evil} options={[{ href: evil, text: evil }]} />,
  PageHead: () => <PageHead title={evil} about={evil} facts={<Fact>{evil}</Fact>} actions={evil} />,
  "PageHead of a package": () => <PageHead packageName={evil} />,
  Section: () => (
    <Section title={evil} note={evil} link={{ href: evil, text: evil }} end={evil}>
      {evil}
    </Section>
  ),
  Notice: () => (
    <Notice tone="failed" title={evil} links={[{ href: evil, text: evil }]}>
      {evil}
    </Notice>
  ),
  Empty: () => (
    <Empty title={evil} actions={evil}>
      {evil}
    </Empty>
  ),
  Well: () => (
    <Well title={evil} end={evil}>
      {evil}
    </Well>
  ),
  Panel: () => <Panel>{evil}</Panel>,
  Toast: () => <Toast>{evil}</Toast>,
  OnceSecret: () => (
    <OnceSecret
      title={evil}
      secret={evil}
      noun={evil}
      commands={[{ label: evil, command: [evil] }]}
      note={evil}
      done={evil}
    />
  ),
  PackageName: () => <PackageName name={`acme/${evil}`} href={evil} />,
  Pagination: () => <Pagination page={2} pageSize={1} total={3} href={() => evil} />,
  Progress: () => (
    <Progress
      label={evil}
      word={evil}
      total={2}
      noun={evil}
      shares={[{ of: "added", text: evil, count: 1 }]}
      current={evil}
      doing={evil}
      time={evil}
      note={evil}
    />
  ),
  Legend: () => <Legend of="done">{evil}</Legend>,
  State: () => <State kind="failed" word={evil} at={now} now={now} />,
  ListState: () => <ListState kind="fresh" word={evil} at={now} now={now} />,
  StateIcon: () => <StateIcon kind="fresh" label={evil} />,
  Table: () => (
    <Table
      label={evil}
      columns={[
        { title: evil, sort: { href: evil, is: "ascending" } },
        { title: evil, heading: true },
      ]}
      grouped
    >
      <Group>
        <Row>
          <GroupName span={1}>{evil}</GroupName>
          <Cell>{evil}</Cell>
          <Cell>
            <Figure value={0} text={evil} />
          </Cell>
        </Row>
      </Group>
    </Table>
  ),
  Tabs: () => <Tabs label={evil} tabs={[{ href: evil, text: evil }]} />,
  SideMenu: () => <SideMenu label={evil} items={[{ href: evil, text: evil }]} />,
};

describe("hostile text stays text", () => {
  for (const [name, part] of Object.entries(parts))
    test(`in ${name}`, () => {
      const { html } = part();
      const elements: string[] = [];
      const attributes: string[] = [];
      new HTMLRewriter()
        .on("*", {
          element(element) {
            elements.push(element.tagName);
            for (const [attribute] of element.attributes) attributes.push(attribute);
          },
        })
        .transform(html);
      expect(elements).not.toContain("img");
      expect(attributes.filter((each) => each === "style" || each.startsWith("on"))).toEqual([]);
      expect(html).not.toContain("<img");
      // What looked like an entity when it was typed does not become one.
      expect(html).not.toContain("&lt;-x");
    });
});

describe("a user of a screen reader", () => {
  test("hears what is wrong with a field, and gets back what was typed", () => {
    const { html } = (
      <Field name="url" label="URL" value={"AT&amp;T"} hint="HTTPS or SSH." error="It is private." />
    );
    expect(html).toContain('aria-invalid="true"');
    expect(html).toContain('aria-describedby="url-error url-hint"');
    expect(html).toContain('id="url-error"');
    expect(html).toContain('id="url-hint"');
    expect(html).toContain('<label for="url">');
    expect(html).toContain('value="AT&amp;amp;T"');
  });

  test("hears nothing of an error that is none", () => {
    const { html } = <Field name="url" label="URL" />;
    expect(html).not.toContain("aria-invalid");
    expect(html).not.toContain("aria-describedby");
  });

  test("hears how far a sync is", () => {
    const { html } = (
      <Progress label="Sync" total={200} noun="refs" shares={[{ of: "added", text: "added", count: 42 }]} />
    );
    expect(html).toContain('role="progressbar"');
    expect(html).toContain('aria-valuenow="42"');
    expect(html).toContain('aria-valuetext="42 of 200 refs"');
  });

  test("hears what eighteen ticks show", () => {
    const ticks = [
      ...Array.from({ length: 15 }, () => "same" as const),
      "failed",
      "failed",
      "failed",
    ] as const;
    expect((<TickStrip ticks={[...ticks]} />).html).toContain("18 syncs: 3 failed, the last three");
    expect((<TickStrip ticks={[]} />).html).toContain("No syncs yet");
    expect((<TickStrip ticks={["failed", "same"]} />).html).toContain('"2 syncs: 1 failed"');
  });

  test("hears by which column a table is sorted", () => {
    const columns = [
      { title: "Package", sort: { href: "?", is: "descending" as const } },
      { title: "Latest" },
    ];
    const { html } = <Table label="Packages" columns={columns} />;
    expect(html.match(/aria-sort/g)).toHaveLength(1);
    expect(html).toContain('aria-sort="descending"');
  });

  test("hears the name of a package in one piece", () => {
    const { html } = <PackageName name="acme/erp-connector-bundle" href="#" />;
    expect(html.replaceAll(/<[^>]*>/g, "")).toBe("acme/erp-connector-bundle");
  });

  test("hears a good state in a list though its word is not shown", () => {
    const { html } = <ListState kind="fresh" at={now - 120_000} now={now} />;
    expect(html).toContain('<span class="visually-hidden">up to date, checked </span>');
    expect(html).toContain("2 min ago");
  });

  test("hears a chart as a title and a sentence, and reads it as a table", () => {
    const { html } = (
      <BarChart
        id="downloads"
        title="Downloads"
        about="3 in 2 days."
        bars={[
          { label: "1 Nov", value: 1 },
          { label: "2 Nov", value: 2 },
        ]}
        headings={["Day", "Downloads"]}
      />
    );
    expect(html).toContain("<title>Downloads</title><desc>3 in 2 days.</desc>");
    expect(html).toContain('<table id="downloads-numbers">');
    expect(html).toContain("2 Nov (today)");
  });
});

describe("a time", () => {
  test("carries the exact one", () => {
    expect((<Time at={now - 360_000} now={now} />).html).toBe(
      '<time datetime="2026-11-24T11:58:09.000Z" title="24 Nov 2026, 11:58:09 UTC">6 min ago</time>',
    );
  });

  test("that never came is said", () => {
    expect((<Time at={null} now={now} />).html).toContain("never");
  });
});

describe("the frame", () => {
  test("shows the settings to those who may change them and the outbox to administrators", () => {
    const frame = (changes: Parameters<typeof shellOf>[1]) =>
      (<Frame shell={shellOf(asset, changes)} title="Overview" section="overview" path={[]} />).html;
    const member = frame({
      organization: { ...shell.organization!, role: "member" },
      viewer: { ...shell.viewer, isAdmin: false },
    });
    expect(member).not.toContain("/settings");
    expect(member).not.toContain("/outbox");
    expect(frame({})).toContain("/organizations/acme/settings");
    expect(frame({})).toContain("/outbox");
  });

  test("marks where one is, names the page and follows its organization", () => {
    const { html } = (
      <Frame shell={shell} title="Packages" section="packages" path={[{ label: "Packages" }]} />
    );
    expect(html).toContain("<title>Packages · Acme · Pricore</title>");
    expect(html.match(/data-live="{&quot;organization&quot;:&quot;acme&quot;}"/g)).toHaveLength(1);
    expect(html.match(/href="\/organizations\/acme\/packages" [^>]*aria-current="page"/g)).toHaveLength(2);
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    expect(html).not.toContain("<style");
  });

  test("outside an organization has no stream and no sections", () => {
    const { html } = (
      <Frame
        shell={shellOf(asset, { organization: null })}
        title="Account"
        section="account"
        path={[{ label: "Account" }]}
      />
    );
    expect(html).not.toContain("data-live");
    expect(html).not.toContain("/packages");
    expect(html).toContain("<title>Account · Pricore</title>");
  });

  test("keeps to the theme that somebody chose", () => {
    const html = (theme: "system" | "dark") =>
      (
        <Frame
          shell={shellOf(asset, { viewer: { ...shell.viewer, theme } })}
          title="x"
          section={null}
          path={[]}
        />
      ).html;
    expect(html("dark")).toContain('<html lang="en" data-theme="dark">');
    expect(html("system")).toContain('<html lang="en">');
  });
});
