// A list of packages with nothing in it: because of what was searched, or because there is nothing yet.
import type { Child } from "../jsx/jsx-runtime.ts";
import { Actions, ButtonLink } from "../parts/button.tsx";
import { Empty } from "../parts/notice.tsx";
import { counted } from "../parts/numbers.ts";
import { address, stateText, type PackageListProps } from "./list-query.ts";

export function NothingMatches({ list }: { list: PackageListProps }) {
  const { query, similar, base } = list;
  const filters = [
    query.type === "" ? null : `Type: ${query.type}`,
    query.repository === "" ? null : `Source: ${query.repository}`,
    query.state === "" ? null : `Status: ${stateText[query.state] ?? query.state}`,
  ].filter((text) => text !== null);
  const sentences: Child[] = [];
  if (similar.length > 0)
    sentences.push(
      "Did you mean ",
      similar.map((name, at) => [
        at === 0 ? "" : at === similar.length - 1 ? " or " : ", ",
        <a class="mono" href={`${base}/${name}`}>
          {name}
        </a>,
      ]),
      "? ",
    );
  if (filters.length > 0)
    sentences.push(
      filters.length === 1 ? "The filter " : "The filters ",
      <strong>{filters.join(", ")}</strong>,
      list.hidden === 0
        ? " does not hide any packages."
        : ` ${filters.length === 1 ? "hides" : "hide"} ${counted(list.hidden, "other package")}.`,
    );
  if (sentences.length === 0) sentences.push("All words must match the name or description.");
  return (
    <Empty
      title={query.q === "" ? "No package matches" : ["No package matches ", <code>{query.q}</code>]}
      actions={
        <Actions>
          {query.q === "" ? null : (
            <ButtonLink href={address(list, { q: "", page: 1 })}>Clear search</ButtonLink>
          )}
          {filters.length === 0 ? null : (
            <ButtonLink href={address(list, { type: "", repository: "", state: "", page: 1 })}>
              {filters.length === 1 ? "Clear filter" : "Clear filters"}
            </ButtonLink>
          )}
        </Actions>
      }
    >
      {sentences}
    </Empty>
  );
}

export function NoPackages({
  list: { addHref, base, deleted, repositoriesHref },
}: {
  list: PackageListProps;
}) {
  return (
    <Empty
      title="No packages yet"
      actions={
        addHref === null ? (
          <ButtonLink href={repositoriesHref}>View repositories</ButtonLink>
        ) : (
          <ButtonLink href={addHref}>Add the first repository</ButtonLink>
        )
      }
    >
      Packages appear here once a repository with a <code>composer.json</code> is synced.
      {deleted === 0 ? null : (
        <>
          {" "}
          <a
            href={`${base}?state=deleted`}
          >{`View ${counted(deleted, "deleted package", "deleted packages")}`}</a>
        </>
      )}
    </Empty>
  );
}
