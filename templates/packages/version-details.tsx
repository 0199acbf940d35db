// Beside a version: its downloads, what its manifest says of it, and the checksum of its archive.
import type { Child } from "../jsx/jsx-runtime.ts";
import { CopyButton } from "../parts/command.tsx";
import { Pairs } from "../parts/figures.tsx";
import { Section } from "../parts/head.tsx";
import { count, size } from "../parts/numbers.ts";
import { DownloadsChart } from "./downloads.tsx";
import type { VersionPageProps } from "./view.ts";

export function VersionDetails(props: VersionPageProps) {
  return (
    <aside class="stack">
      <Section
        title="Downloads"
        end={
          <span>
            <strong class="num">{count(props.downloads.total)}</strong> in 30 days
          </span>
        }
      >
        <DownloadsChart id="downloads" downloads={props.downloads} narrow />
      </Section>
      <Section title="Details">
        <Pairs pairs={detailsOf(props)} />
      </Section>
      {props.archive === null ? null : (
        <Section
          title="Archive, SHA-256"
          end={<CopyButton text={props.archive.sha256} label="Copy SHA-256" />}
        >
          <div class="stack">
            <p class="mono small secondary breaks">{props.archive.sha256}</p>
          </div>
        </Section>
      )}
    </aside>
  );
}

function detailsOf(props: VersionPageProps): [Child, Child][] {
  const mono = (text: string) => <span class="mono small">{text}</span>;
  const details: [Child, Child][] = [
    ["Type", mono(props.type)],
    ["Normalized", mono(props.versionNormalized)],
    ["Archive", props.archive === null ? "none" : size(props.archive.sizeBytes)],
  ];
  if (props.license.length > 0) details.push(["License", props.license.join(", ")]);
  for (const { name, about } of props.authors) details.push(["Author", <span title={about}>{name}</span>]);
  if (props.homepage !== null)
    details.push([
      "Homepage",
      <a href={props.homepage} rel="nofollow noopener noreferrer">
        {props.homepage}
      </a>,
    ]);
  if (props.keywords.length > 0) details.push(["Keywords", props.keywords.join(", ")]);
  if (props.bin.length > 0) details.push(["Executables", mono(props.bin.join(", "))]);
  return details;
}
