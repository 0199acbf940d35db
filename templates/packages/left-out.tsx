import { Notice } from "../parts/notice.tsx";
import { counted } from "../parts/numbers.ts";

/** What Composer does not get, although its refs were read. */
export function LeftOut({ count }: { count: number }) {
  return (
    <Notice
      tone="waiting"
      icon="triangle-alert"
      title={`${counted(count, "development version")} ${count === 1 ? "is" : "are"} not available to Composer`}
    >
      The metadata of a package is limited to 32 MB, and the oldest development versions no longer fit. Delete
      unused branches, or remove unneeded fields from composer.json.
    </Notice>
  );
}
