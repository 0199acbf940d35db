// The ten most used pages of a large organization, for a signed-in user, compared with the sign-in page.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "../src/app.ts";
import { createOrganization } from "../src/registry/organizations/organizations.ts";
import { startSession } from "../src/registry/accounts/sessions.ts";
import { createUser } from "../src/registry/accounts/users.ts";
import type { Organization } from "../src/store/organizations/organizations.ts";
import { setMember } from "../src/store/organizations/members.ts";
import { addRepository } from "../src/store/repositories/repositories.ts";
import { succeeded } from "../tests/tools/process.ts";
import { measure, type Figure } from "./rounds.ts";
import { addPackages, withApp } from "./many-packages.ts";
import { startOn } from "./scale.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const seconds = Number(process.env["BENCH_SECONDS"] ?? 2);
const days = 30;
const downloads = 1_000_000;

const organization = "/organizations/acme";
const pkg = `${organization}/packages/acme/package-1`;
const pages: [name: string, path: string][] = [
  ["overview", organization],
  ["packages", `${organization}/packages`],
  ["packages, searched", `${organization}/packages?q=package-77`],
  ["packages, by downloads", `${organization}/packages?sort=downloads`],
  ["a package that all require", pkg],
  ["its versions", `${pkg}/versions`],
  ["one version", `${pkg}/versions/1.7.0`],
  ["its downloads", `${pkg}/downloads?days=90`],
  ["repositories", `${organization}/repositories`],
  ["activity", `${organization}/activity`],
];

/** Ratios of requests per second; the notes have the 99th percentile of each page, in milliseconds. */
export async function benchPages(packages: number): Promise<{ figures: Figure[]; notes: string[] }> {
  const dataDir = await mkdtemp(join(tmpdir(), "pricore-pages-"));
  try {
    const cookie = await fill(dataDir, packages);
    const server = await startOn(dataDir);
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const [name, path] of pages) {
      const tails: number[] = [];
      const ask = async (address: string) => {
        const { perSecond, tailMs } = await load(server.origin + address, cookie);
        if (address === path) tails.push(tailMs);
        return perSecond;
      };
      const reference = () => ask("/sign-in?next=%2F");
      figures.push(await measure({ name, rounds, ours: () => ask(path), reference }));
      const tail = tails.toSorted((a, b) => a - b)[Math.floor(tails.length / 2)] ?? 0;
      notes.push(`  ${name}: 99th percentile ${tail.toFixed(1)} ms`);
    }
    await server.stop();
    return { figures, notes };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Answers the session cookie of an owner. */
function fill(dataDir: string, packages: number): Promise<string> {
  return withApp({ DATA_DIR: dataDir }, (app) => fillApp(app, packages));
}

async function fillApp(app: App, packages: number): Promise<string> {
  const acme = await createOrganization(app, { slug: "acme", name: "Acme", owner: null, actor: "cli" });
  await addPackages(app, acme, { packages, versionsEach: 50 });
  await addDownloads(app, acme, packages);
  await addRepositories(app, acme);
  const user = await createUser(app, {
    email: "ann@acme.test",
    name: "Ann",
    isAdmin: false,
    password: "a long password of ann",
    actor: "cli",
  });
  const { db } = app;
  await setMember(db, acme.id, { userId: user.id, role: "owner", now: app.now() });
  const browser = { address: "127.0.0.1", userAgent: "bench" };
  const { secret } = await startSession(app, { user, browser, isRemembered: true });
  return `pricore=${secret}`;
}

/** A million downloads in 30 days: every package on every day, of one version. */
async function addDownloads({ db, now }: App, { id }: Organization, packages: number): Promise<void> {
  const each = Math.round(downloads / packages / days);
  await db.transaction(async (open) => {
    for (let at = 0; at < days; at++) {
      const day = new Date(now() - at * 86_400_000).toISOString().slice(0, 10);
      const rows = Array.from({ length: packages }, (_, number) => ({
        organization_id: id,
        package_name: `acme/package-${number}`,
        day,
        count: each + (number % 5),
      }));
      for (let from = 0; from < packages; from += 1000) {
        const some = rows.slice(from, from + 1000);
        await open.write.insertInto("package_downloads").values(some).execute();
        const versions = some.map((row) => ({ ...row, version_normalized: `1.${at}.0.0` }));
        await open.write.insertInto("downloads").values(versions).execute();
      }
      const all = { organization_id: id, day, count: packages * each };
      await open.write.insertInto("organization_downloads").values(all).execute();
    }
  });
}

/** 300 repositories, each with a share of the packages. */
async function addRepositories({ db, now }: App, { id }: Organization): Promise<void> {
  await db.transaction(async (open) => {
    for (let number = 0; number < 300; number++) {
      const repository = await addRepository(open, {
        organization_id: id,
        name: `repository-${number}`,
        url: `https://git.example.com/acme/repository-${number}.git`,
        provider: "git",
        credential_id: null,
        created_at: now(),
        next_poll_at: now() + 10 * 365 * 86_400_000,
      });
      const fresh = { state: "fresh", last_proven_fresh_at: now(), last_synced_at: now() } as const;
      await open.write.updateTable("repositories").set(fresh).where("id", "=", repository.id).execute();
      await open.write
        .updateTable("packages")
        .set({ repository_id: repository.id })
        .where("name", "like", `acme/package-%${String(number).padStart(3, "0")}`)
        .execute();
    }
  });
}

async function load(url: string, cookie: string): Promise<{ perSecond: number; tailMs: number }> {
  const headers = ["Host: localhost:8000", "Accept: text/html"];
  // The sign-in page redirects users who are signed in.
  if (!url.includes("/sign-in")) headers.push(`Cookie: ${cookie}`);
  const probe = await fetch(url, {
    headers: headers.map((each) => each.split(/: (.*)/s, 2) as [string, string]),
    redirect: "manual",
  });
  if (probe.status !== 200) throw new Error(`${url} answered ${probe.status}`);
  const output = await succeeded([
    ...["wrk", "--latency", "-t", "1", "-c", "2", "-d", `${seconds}s`],
    ...headers.flatMap((header) => ["-H", header]),
    url,
  ]);
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`${url}: ${output}`);
  const [, tail = "", unit = ""] = /99%\s+([\d.]+)(us|ms|s)/.exec(output) ?? [];
  const factor = { us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN;
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]), tailMs: Number(tail) * factor };
}
