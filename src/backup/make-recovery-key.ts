// Makes the recovery key of an installation; its public half is stored, and its private half is given out once.
import type { App } from "../app.ts";
import { conflict } from "../errors.ts";
import { findSetting, setSetting } from "../store/settings.ts";
import { makeRecoveryPair } from "./recovery-key.ts";

/** Sets that were made before open with the former key. Fails as `conflict` when there is one and `replace` is false. */
export async function makeRecoveryKey(app: App, { replace }: { replace: boolean }): Promise<string> {
  if (!replace && (await findSetting(app.db, "recovery_key")) !== null)
    throw conflict(
      "This registry has a recovery key, which was shown when it was made and is stored nowhere.",
      {
        code: "recovery_key_made",
        remedy: { do: "replace-recovery-key" },
      },
    );
  const { publicKey, text } = makeRecoveryPair();
  await setSetting(app.db, "recovery_key", publicKey);
  app.log.info("backup.recovery_key_made");
  return text;
}
