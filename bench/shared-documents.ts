// The benefit of CACHE_STORE=redis: a document that is not in a server's memory yet, from Redis and from the database,
// both as close as on one machine.
import { randomBytes } from "node:crypto";
import { createRedisBodies } from "../src/cache/document-bodies.ts";
import { documentLoader, type LoadDocument } from "../src/http/composer/load-document.ts";
import { openRedis } from "../src/redis/connection.ts";
import { migrate, openDatabase } from "../src/store/engine/database.ts";
import { putDocument } from "../src/store/packages/documents.ts";
import { addOrganization } from "../src/store/organizations/organizations.ts";
import { makeDatabase } from "../tests/tools/servers/databases.ts";
import { startRedis, stopServers } from "../tests/tools/servers/services.ts";
import { measure, type Figure } from "./rounds.ts";

const reads = 200;
const sizes = [10, 65, 200, 1000];

export async function benchSharedDocuments(): Promise<{ figures: Figure[]; notes: string[] }> {
  const { url } = await startRedis();
  const log = { info() {}, warn() {} };
  const redis = openRedis({ url, use: "a benchmark", log });
  const figures: Figure[] = [];
  for (const engine of ["pgsql", "mysql"] as const) {
    const place = await makeDatabase(engine);
    const db = await openDatabase(place.address);
    await migrate(db);
    const { id } = await addOrganization(db, { slug: "acme", name: "Acme", now: 0 });
    const shared = documentLoader(db, createRedisBodies({ redis, prefix: `${engine}:` }));
    const alone = documentLoader(db, null);
    for (const kilobytes of sizes) {
      const name = `acme/of-${kilobytes}`;
      const body = new Uint8Array(randomBytes(kilobytes * 1024));
      await putDocument(db, { organization_id: id, name, last_modified: 1, hash: "", body });
      for (const atOnce of [1, 8]) {
        const sides = {
          name: `${engine}, ${kilobytes} KB, ${atOnce} at once`,
          rounds: Number(process.env["BENCH_ROUNDS"] ?? 7),
          prepare: () => milliseconds(shared, { id, name, atOnce }),
          ours: () => milliseconds(shared, { id, name, atOnce }),
          reference: () => milliseconds(alone, { id, name, atOnce }),
        };
        figures.push(await measure(sides));
      }
    }
    await db.close();
    await place.remove();
  }
  await redis.close();
  await stopServers();
  return { figures, notes: [] };
}

/** Milliseconds of one read. */
async function milliseconds(
  load: LoadDocument,
  { id, name, atOnce }: { id: string; name: string; atOnce: number },
): Promise<number> {
  const start = performance.now();
  for (let read = 0; read < reads; read += atOnce)
    await Promise.all(Array.from({ length: atOnce }, () => load(id, name)));
  return (performance.now() - start) / reads;
}
