// A backup of a SQLite database that another process writes to all the time is of one moment.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runBackup } from "../../src/backup/run.ts";
import { openDatabase } from "../../src/store/engine/database.ts";
import { databaseBeside } from "../attacks/database-beside.ts";
import { until } from "../tools/until.ts";
import { backupGround } from "./ground.ts";

const writer = `
import { Database } from "bun:sqlite";
const db = new Database(process.argv[2]);
db.run("pragma busy_timeout = 5000");
db.run("pragma wal_autocheckpoint = 0");
const put = db.prepare("insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value");
for (let count = 1; ; count++) {
  db.transaction(() => { put.run("one", String(count)); put.run("other", String(count)); }).immediate();
  await Bun.sleep(4);
}`;

test("OP21: a backup under 200 writes a second has both halves of every transaction", async () => {
  const ground = await backupGround();
  const { config } = ground.world.app;
  const script = join(ground.folder, "writer.ts");
  await Bun.write(script, writer);
  const child = Bun.spawn([process.execPath, script, join(config.dataDir, "pricore.sqlite")], {
    stderr: "inherit",
  });
  const pairIn = (dataDir: string) => {
    using db = databaseBeside(dataDir);
    const rows = db
      .query<{ value: string }, []>("select value from settings where name in ('one', 'other')")
      .all();
    return rows.map(({ value }) => Number(value));
  };
  try {
    await until(() => (pairIn(config.dataDir)[0] ?? 0) > 20);
    await runBackup(ground.world.app);
    const [after = 0] = pairIn(config.dataDir);
    await until(() => (pairIn(config.dataDir)[0] ?? 0) > after, { what: "a writer that was not stopped" });
    await ground.restoreInto("restored");
    const [one = 0, other] = pairIn(join(ground.folder, "restored"));
    expect(one).toBeGreaterThan(20);
    expect(other).toBe(one);
    const db = await openDatabase({
      engine: "sqlite",
      path: join(ground.folder, "restored", "pricore.sqlite"),
    });
    await db.close();
  } finally {
    child.kill("SIGKILL");
    await child.exited;
    await ground.close();
  }
});
