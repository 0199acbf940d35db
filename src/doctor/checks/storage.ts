// Writes, reads and deletes objects as a release does, so that a missing right is known before somebody needs it.
import { createHash, randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { outbound } from "../../outbound/outbound.ts";
import { hasUsers } from "../../store/accounts/users.ts";
import { hasOrganizations } from "../../store/organizations/organizations.ts";
import { fail, ok, withApp, type Check } from "../check.ts";

const smallBytes = 1024;
/** A bucket takes larger ones in parts. */
const largeBytes = 6 * 1024 * 1024;
const linkMs = 8000;

export const storage: Check = {
  id: "storage",
  title: "Archive storage",
  run: withApp(async (app) => {
    // A start takes an object beside an empty database for the archives of one that was lost.
    if (!(await hasUsers(app.db)) && !(await hasOrganizations(app.db)))
      return ok("It is tried once there is an account or an organization.");
    for (const size of [smallBytes, largeBytes]) {
      const problem = await tryObject(app, randomBytes(size));
      if (problem !== null)
        return fail(`Of the archive storage, this does not work: ${problem}`, { advice: adviceFor(app) });
    }
    return ok(
      app.config.storage.kind === "s3"
        ? "The bucket takes, gives and deletes objects."
        : "Archives are on the disk.",
    );
  }),
};

function adviceFor({ config }: App): string {
  if (config.storage.kind === "local") return `Check the permissions of ${join(config.dataDir, "dists")}.`;
  return "Check S3_ENDPOINT, S3_BUCKET and the keys, and allow them to put, get, list and delete objects.";
}

/** What failed, with its step; null when everything works. */
async function tryObject(app: App, bytes: Buffer): Promise<string | null> {
  const { storage, config } = app;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const path = join(config.dataDir, "tmp", `doctor-${sha256.slice(0, 16)}`);
  let step = "write a temporary file";
  try {
    await writeFile(path, bytes, { mode: 0o600 });
    step = "put";
    await storage.put(sha256, path);
    step = "get";
    const found = await storage.get(sha256);
    if (found === null || (await found.slice(10, 20).bytes()).length !== 10)
      throw new Error("it is not there");
    if (!(await storage.isSound(sha256))) throw new Error("its bytes are others");
    step = "link";
    await tryLink(app, sha256, bytes.length);
    step = "delete";
    await storage.remove(sha256);
    return null;
  } catch (error) {
    await storage.remove(sha256).catch(() => {});
    return `${step}: ${messageOf(error)}.`.replace(/\.\.$/, ".");
  } finally {
    await rm(path, { force: true });
  }
}

/** As a client fetches it: with nothing but the link. */
async function tryLink({ storage, config }: App, sha256: string, sizeBytes: number): Promise<void> {
  const link = storage.link(sha256, "doctor.zip");
  if (link === null) return;
  const { hostname, port } = new URL(link);
  const allow = [{ host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? null : Number(port) }];
  const answer = await outbound({ allow: [...config.outboundAllow, ...allow] }, link, {
    limits: { totalMs: linkMs, bodyBytes: 2 * sizeBytes },
  });
  const { length } = await answer.bytes();
  if (answer.status !== 200 || length !== sizeBytes) throw new Error(`the bucket answers ${answer.status}`);
}
