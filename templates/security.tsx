import { Frame } from "./frame.tsx";
import type { Shell } from "./shell.ts";
import { PageHead } from "./parts/head.tsx";
import { Notice } from "./parts/notice.tsx";

/** What is so today: Composer asks, and is told of none. */
export function SecurityPage({ shell }: { shell: Shell }) {
  return (
    <Frame shell={shell} title="Security" section="security" path={[{ label: "Security" }]}>
      <PageHead title="Security" />
      <Notice tone="plain" title="Advisories are not known here yet">
        {"When "}
        <code>composer audit</code>
        {
          " asks this registry, it is told of none, whatever the packages contain. For packages of packagist.org it goes on to ask there, so advisories about those are still found."
        }
      </Notice>
    </Frame>
  );
}
