import { Notice } from "../parts/notice.tsx";
import { counted } from "../parts/numbers.ts";

/** What Composer does not get, although its refs were read. */
export function LeftOut({ count }: { count: number }) {
  return (
    <Notice
      tone="waiting"
      icon="triangle-alert"
      title={`${counted(count, "development version")} ${count === 1 ? "is" : "are"} left out of what Composer gets`}
    >
      A document holds 32 MB at most, and the oldest of them have no room in it. Delete branches that nobody
      installs, or take out of composer.json what nobody needs.
    </Notice>
  );
}
