// The process of a backup or a rehearsal: its order comes by standard input, and a failure's reason goes to standard
// output.
import { createApp } from "../app.ts";
import { messageOf } from "../errors.ts";
import { redact } from "../log.ts";
import { dieWithParent } from "../reading/dies-with-parent.ts";
import type { Order } from "./process.ts";
import { rehearse } from "./rehearse.ts";
import { runBackup } from "./run.ts";

export async function runBackupWorker(): Promise<number> {
  dieWithParent();
  try {
    const order = (await Bun.stdin.json()) as Order;
    // It was killed before this process could be bound to it.
    if (process.ppid !== order.parent) return 1;
    const appKey = order.appKey === null ? null : new Uint8Array(Buffer.from(order.appKey, "base64"));
    const app = await createApp({ ...order.config, appKey }, { mayMake: false });
    try {
      if (order.task === "backup") await runBackup(app);
      else await rehearse(app);
      return 0;
    } finally {
      // In order: a process that ends with its database open empties the write-ahead log behind the server's back.
      await app.close();
    }
  } catch (error) {
    process.stdout.write(`${redact(messageOf(error))}\n`);
    return 1;
  }
}
