import { createApp } from "../src/app.ts";
import { parseConfig } from "../src/config.ts";
import { createLog } from "../src/log.ts";
import { startServer } from "../src/http/server.ts";
import { startSession } from "../src/registry/sessions.ts";
import { createUser } from "../src/registry/users.ts";
import { getOrganization } from "../src/store/organizations.ts";
import { setMember } from "../src/store/members.ts";
import { findUser } from "../src/store/users.ts";
const parsed = parseConfig({
  DATA_DIR: "/tmp/packages/big",
  PORT: "8765",
  APP_URL: "http://localhost:8765",
  SYNC_INTERVAL: "off",
});
if ("problems" in parsed) throw new Error(parsed.problems.join());
const app = await createApp(parsed.config, { log: createLog({ level: "error", format: "json" }) });
const acme = await getOrganization(app.db, "acme");
const has = await app.db.read.selectFrom("package_downloads").select("day").limit(1).execute();
if (!has.length)
  await app.db.transaction(async (open) => {
    for (let at = 0; at < 30; at++) {
      const day = new Date(Date.now() - at * 86_400_000).toISOString().slice(0, 10);
      const rows = Array.from({ length: 10000 }, (_, n) => ({
        organization_id: acme.id,
        package_name: `acme/package-${n}`,
        day,
        count: 3 + (n % 5),
      }));
      for (let f = 0; f < 10000; f += 1000) {
        await open.write
          .insertInto("package_downloads")
          .values(rows.slice(f, f + 1000))
          .execute();
        await open.write
          .insertInto("downloads")
          .values(rows.slice(f, f + 1000).map((r) => ({ ...r, version_normalized: `1.${at}.0.0` })))
          .execute();
      }
    }
  });
const user =
  (await findUser(app.db, "ann@acme.test")) ??
  (await createUser(app, {
    email: "ann@acme.test",
    name: "Ann",
    isAdmin: false,
    password: "a long password of ann",
    actor: "cli",
  }));
await setMember(app.db, acme.id, { userId: user.id, role: "owner", now: Date.now() });
const { secret } = await startSession(app, {
  user,
  browser: { address: "", userAgent: "" },
  isRemembered: true,
});
const server = await startServer(app);
const o = "/organizations/acme",
  p = `${o}/packages/acme/package-1`;
for (const path of [
  o,
  `${o}/packages`,
  `${o}/packages?page=150`,
  `${o}/packages?q=package-77`,
  `${o}/packages?q=pakage-77xx`,
  `${o}/packages?sort=downloads`,
  `${o}/packages?sort=updated`,
  `${o}/packages?type=library`,
  `${o}/packages?state=abandoned`,
  p,
  `${p}/versions`,
  `${p}/versions/1.7.0`,
  `${p}/dependents`,
  `${p}/downloads?days=90`,
  `${p}/why?version=1.2.0`,
  `${p}/delete`,
  `${o}/repositories`,
  `${o}/activity`,
]) {
  const times: number[] = [];
  let status = 0;
  for (let i = 0; i < 12; i++) {
    const t = performance.now();
    const r = await fetch("http://localhost:8765" + path, {
      headers: { Cookie: `pricore=${secret}`, Accept: "text/html" },
      redirect: "manual",
    });
    await r.text();
    status = r.status;
    times.push(performance.now() - t);
  }
  times.sort((a, b) => a - b);
  console.log(path.padEnd(60), status, times[6]!.toFixed(1), times[11]!.toFixed(1));
}
await server.stop();
await app.close();
process.exit(0);
