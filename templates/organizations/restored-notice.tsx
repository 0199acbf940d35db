// What an administrator must look at after a restore, and the button that says that this registry is the real one.
import type { UnconfirmedRestore } from "../../src/registry/backups/restored.ts";
import { Form } from "../parts/form.tsx";
import { Notice } from "../parts/notice.tsx";
import { exact } from "../parts/time.tsx";
import { paths } from "../paths.ts";

export function RestoredNotice({ restored }: { restored: UnconfirmedRestore | null }) {
  if (restored === null) return <></>;
  return (
    <Notice tone="waiting" title={`Restored from the backup of ${exact(restored.to)}`}>
      <p>
        {
          "Everything is as it was then. Look for tokens that were revoked, members who left and passwords that were "
        }
        {
          "changed after it: they count again. Versions of later come back from git with the next sync. Webhooks are "
        }
        {"left as they are until you confirm that no other copy of this registry is running."}
      </p>
      <Form action={paths.confirmRestore} submit="This is now the real one" variant="plain" />
    </Notice>
  );
}
