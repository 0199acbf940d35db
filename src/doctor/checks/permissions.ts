// Who can read the data folder and the key.
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/config.ts";
import { fail, ok, withConfig, type Check } from "../check.ts";
import type { Machine } from "../machine.ts";

const byOthers = 0o077;

type Open = { path: string; mode: number; wanted: number };

export const permissions: Check = {
  id: "permissions",
  title: "File permissions",
  run: withConfig(async (config, { machine }) => {
    if (process.platform === "win32") return ok("Windows has permissions of another kind.");
    const open = await openToOthers(config, machine);
    if (open.length === 0) return ok("Only the owner can read the data folder and the key.");
    const names = open.map(({ path, mode }) => `${path} (mode ${mode.toString(8)})`);
    return fail(`Other users of this machine can read ${names.join(" and ")}.`, {
      advice: `Set mode ${open.map(({ path, wanted }) => `${wanted.toString(8)} on ${path}`).join(", ")}.`,
      remedy: { do: "mend", check: "permissions" },
    });
  }),
  async fix({ config, machine }) {
    const open = config === null ? [] : await openToOthers(config, machine);
    for (const { path, wanted } of open) await chmod(path, wanted);
    return open.length === 0
      ? "Nothing to mend."
      : `Only the owner can read ${open.map(({ path }) => path).join(" and ")}.`;
  },
};

async function openToOthers({ dataDir, database }: Config, machine: Machine): Promise<Open[]> {
  const files = ["app.key", ".env"].map((name) => ({ path: join(dataDir, name), wanted: 0o600 }));
  const data = database.engine === "sqlite" ? [{ path: database.path, wanted: 0o600 }] : [];
  const folder = { path: dataDir, wanted: 0o700 };
  const modes = await Promise.all(
    [folder, ...files, ...data].map(async (each) => ({ ...each, mode: await machine.mode(each.path) })),
  );
  const isClosed = modes[0]?.mode !== null && ((modes[0]?.mode ?? 0) & byOthers) === 0;
  // In a folder that nobody else can enter, the mode of a database file says nothing.
  return modes.flatMap(({ path, mode, wanted }) => {
    const counts = !isClosed || path.endsWith("app.key") || path.endsWith(".env");
    return mode !== null && (mode & byOthers) !== 0 && counts ? [{ path, mode, wanted }] : [];
  });
}
