// Choosing repositories from the list of a Git host, many at once.
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { FilterChip, Filters } from "../parts/filter.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { ForgeList, hrefOf, keptOf, type ForgeListProps } from "./forge-list.tsx";

type Choice = { id: string; text: string };

export function FromForgePage(props: {
  shell: FrameData;
  base: string;
  connect: string;
  accounts: Choice[];
  /** Null when the Git host did not say. */
  owners: Choice[] | null;
  list: ForgeListProps | null;
}) {
  const { shell, base, connect, accounts, owners, list } = props;
  const path = [
    { label: "Repositories", href: base },
    { label: "Add", href: `${base}/new` },
    { label: "From a Git host" },
  ];
  return (
    <Frame shell={shell} title="Add from a Git host" section="repositories" path={path}>
      <PageHead
        title="Add from a Git host"
        about="All repositories that the connected account can read. Choose the ones that have packages."
        actions={<ButtonLink href={`${base}/new`}>Enter a URL</ButtonLink>}
      />
      {list === null ? (
        <Empty
          title="No Git host connected yet"
          actions={
            <ButtonLink href={connect} variant="primary" icon="plus">
              Connect a Git host
            </ButtonLink>
          }
        >
          Connect GitHub, GitLab, Bitbucket or Gitea to choose repositories from a list.
        </Empty>
      ) : (
        <>
          <Chooser list={list} accounts={accounts} owners={owners} />
          <ForgeList {...list} />
        </>
      )}
    </Frame>
  );
}

function Chooser(props: { list: ForgeListProps; accounts: Choice[]; owners: Choice[] | null }) {
  const { list, accounts, owners } = props;
  const { here, query } = list;
  const account = accounts.find(({ id }) => id === query.credential)?.text ?? "";
  const owner = owners?.find(({ id }) => id === query.owner)?.text ?? query.owner;
  const href = (change: Partial<ForgeListProps["query"]>) => hrefOf(here, { ...query, page: "", ...change });
  return (
    <Filters
      action={here}
      value={query.q}
      placeholder="Part of a name"
      label="Search the Git host"
      keep={keptOf({ ...query, q: "", page: "" })}
      target="#forge-list"
      dear
    >
      <FilterChip
        label={accounts.length > 1 ? `Account: ${account}` : account}
        options={accounts.map(({ id, text }) => ({
          href: href({ credential: id, owner: "", q: "" }),
          text,
        }))}
      />
      {owners === null || owners.length === 0 ? (
        <OwnerForm list={list} />
      ) : (
        <FilterChip
          label={query.owner === "" ? "Owner" : `Owner: ${owner}`}
          options={[
            ...(list.needsOwner ? [] : [{ href: href({ owner: "" }), text: "All" }]),
            ...owners.map(({ id, text }) => ({ href: href({ owner: id }), text })),
          ]}
        />
      )}
    </Filters>
  );
}

/** For a Git host that does not list the owners. */
function OwnerForm({ list: { here, query } }: { list: ForgeListProps }) {
  return (
    <form action={here} class="inline-form">
      <input type="hidden" name="credential" value={query.credential} />
      <Field name="owner" label="Owner" value={query.owner} mono button={<Button>Show</Button>} />
    </form>
  );
}
