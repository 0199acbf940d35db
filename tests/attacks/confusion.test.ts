// Dependency confusion: rows DC1–DC4 of the list of attacks. Real Composer clients have our registry first and an
// attacker's second, which offers everything of ours in a higher version.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { clients } from "../clients/clients.ts";
import { get } from "../clients/documents.ts";
import { createProject, type Project } from "../clients/project.ts";
import { startPublicRepository, type PublicRepository } from "../clients/public-repository.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";
import { addMember, databaseBeside } from "./database-beside.ts";

let world: ClientWorld;
let acme: Organization;
let attacker: PublicRepository;
/** The page that tells people what to type, as it is before the first install. */
let toldAtStart: string;

const ours = ["acme/blog", "acme/gone", "acme/emptied", "acme/broken", "acme/unknown"];

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  await world.pricore("org", "update", "acme", "--source", "off");
  const publish = (name: string) => world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
  await publish("acme/blog");
  await publish("acme/gone");
  await world.pricore("repo", "remove", "--org", "acme", "acme/gone");
  const emptied = await publish("acme/emptied");
  await emptied.git("tag", "--delete", "1.0.0");
  await emptied.commit({ branch: "empty", manifest: null });
  await emptied.git("symbolic-ref", "HEAD", "refs/heads/empty");
  await emptied.git("branch", "-D", "main");
  const confirmed = ["sync", "--org", "acme", "acme/emptied", "--wait", "--confirm-removals"];
  await world.registry.pricore(confirmed);
  // A repository whose first sync fails.
  await world.add(acme, await world.repository("acme/broken", [{ manifest: "{", tags: ["1.0.0"] }]));
  toldAtStart = await startPage();
  attacker = startPublicRepository(Object.fromEntries([...ours, "pub/x"].map((name) => [name, ["99.0.0"]])));
});
afterAll(async () => {
  await attacker?.stop();
  await world?.close();
});

for (const composer of clients)
  test(`DC1: a name that nobody has published is not taken from elsewhere, by ${composer.name}`, async () => {
    const site = await victim({ "acme/unknown": "*", "pub/x": "*" }, composer);
    world.registry.recorder.take();
    const { code, text } = await site.say("update");
    expect(code).toBe(2);
    expect(text).toContain("acme/unknown");
    expect(site.has("composer.lock")).toBe(false);
    expect(wrong404s()).toEqual([]);
    const { status, text: body } = await get(acme, "/p2/acme/unknown.json");
    expect([status, body]).toEqual([200, '{"minified":"composer/2.0","packages":{"acme/unknown":[]}}']);
    expect(world.registry.logs()).toMatch(/"event":"shield\.hit","name":"acme\/unknown"/);
    // The attacker's repository is asked, and believed for what is nobody's.
    await site.manifest({ require: { "pub/x": "*" } });
    expect(await site.say("update")).toMatchObject({ code: 0 });
  });

test("DC1: where the vendor is not owned the attack succeeds, which shows that it is one", async () => {
  await world.pricore("org", "vendor", "remove", "acme", "acme");
  const site = await victim({ "acme/unknown": "*" });
  expect(await site.say("update")).toMatchObject({ code: 0 });
  expect(await site.installed()).toEqual({ "acme/unknown": "99.0.0" });
  world.registry.recorder.take();
  await get(acme, "/p2/acme/unknown.json");
  expect(wrong404s()).toEqual(["/acme/p2/acme/unknown.json"]);
  await world.pricore("org", "vendor", "add", "acme", "acme");
  const again = await victim({ "acme/unknown": "*" });
  expect((await again.say("update")).code).toBe(2);
});

test("DC2: a name whose repository or versions are gone, or never came, is not taken from elsewhere", async () => {
  world.registry.recorder.take();
  for (const name of ["acme/gone", "acme/emptied", "acme/broken"]) {
    for (const file of [name, `${name}~dev`]) {
      const { status, text } = await get(acme, `/p2/${file}.json`);
      expect([file, status]).toEqual([file, 200]);
      expect(Object.values(JSON.parse(text).packages)).toEqual([[]]);
    }
    const site = await victim({ [name]: "*" });
    expect([name, (await site.say("update")).code]).toEqual([name, 2]);
    expect(site.has("composer.lock")).toBe(false);
  }
  expect(wrong404s()).toEqual([]);
});

test("DC3: whatever is broken with us, nothing of ours is taken from elsewhere and nothing is answered 404", async () => {
  for (const [fault, broken] of Object.entries(faults)) {
    const warm = await victim({ "acme/blog": "*" });
    expect([fault, (await warm.say("update", "--no-install")).code]).toEqual([fault, 0]);
    const [cold, hoping] = [await victim({ "acme/blog": "*" }), await victim({ "acme/unknown": "*" })];
    world.registry.recorder.take();
    await broken(async () => {
      for (const site of [cold, hoping, warm]) await site.say("update");
    });
    expect([fault, hoping.has("composer.lock")]).toEqual([fault, false]);
    for (const site of [cold, warm])
      for (const { version } of site.has("composer.lock") ? (await site.lock()).packages : [])
        expect([fault, version]).toEqual([fault, "1.0.0"]);
    expect([fault, wrong404s()]).toEqual([fault, []]);
    const healed = await victim({ "acme/blog": "*" });
    expect([fault, (await healed.say("update")).code]).toEqual([fault, 0]);
    expect(await healed.installed()).toEqual({ "acme/blog": "1.0.0" });
  }
}, 90_000);

test("DC3: a fault is answered 503 with a time to come again, for names of ours and of nobody", async () => {
  const renamed = faults["the documents cannot be read"];
  await renamed?.(async () => {
    for (const path of ["/packages.json", "/p2/acme/blog.json", "/p2/acme/unknown.json", "/p2/pub/x.json"]) {
      const { status, headers } = await get(acme, path);
      expect([path, status, headers.get("Retry-After")]).toEqual([path, 503, "1"]);
    }
  });
  expect(world.registry.logs()).toContain('"event":"http.failed"');
  expect((await get(acme, "/p2/acme/blog.json")).status).toBe(200);
});

for (const composer of clients)
  test(`DC4: the command that pages show puts the registry before Packagist, with ${composer.name}`, async () => {
    const page = toldAtStart;
    const command = /composer (config repositories\.acme composer [^\s"&]+\/acme)/.exec(page)?.[1] ?? "";
    expect(page).not.toMatch(/canonical|--append/);
    const site = await victim({ "acme/blog": "*", "pub/x": "*" }, composer);
    await site.manifest({ repositories: [] });
    // The attacker has taken Packagist's place.
    const packagist = { "packagist.org": { type: "composer", url: attacker.url } };
    await Bun.write(join(site.home, "config.json"), JSON.stringify({ repositories: packagist }));
    const attacked = await site.say("update", "--no-install");
    expect(attacked).toMatchObject({ code: 0 });
    expect((await site.lock()).packages[0]).toMatchObject({ name: "acme/blog", version: "99.0.0" });
    expect(await site.say(...command.split(" "))).toMatchObject({ code: 0 });
    expect(await Bun.file(join(site.dir, "composer.json")).text()).not.toContain("canonical");
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/blog": "1.0.0", "pub/x": "99.0.0" });
  });

/** The page that tells the members of acme what to type. */
async function startPage(): Promise<string> {
  const email = `ann-${crypto.randomUUID()}@acme.test`;
  const password = "a long password of ann";
  await world.registry.pricore(["user", "create", "--email", email, "--name", "Ann", "--password-stdin"], {
    stdin: password,
  });
  addMember(world.registry.dataDir, { slug: "acme", email, role: "owner" });
  const { url } = world.registry;
  const answer = await fetch(`${url}/sign-in`, {
    method: "POST",
    headers: { Origin: url },
    body: new URLSearchParams({ email, password }),
    redirect: "manual",
  });
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  return (await fetch(`${url}/organizations/acme/start`, { headers: { Cookie: cookie } })).text();
}

/** Each does something to the registry, lets the client run, and makes it good again. */
const faults: Record<string, (run: () => Promise<void>) => Promise<void>> = {
  "the server is down": async (run) => {
    await world.registry.recorder.down();
    await run();
    await world.registry.recorder.up();
  },
  "the server restarts": async (run) => {
    let restarted: Promise<void> | null = null;
    world.registry.recorder.intercept = () => {
      restarted ??= world.registry.kill().then(() => world.registry.start());
      return false;
    };
    await run();
    world.registry.recorder.intercept = null;
    await restarted;
  },
  "the documents cannot be read": (run) => withHidden("documents", run),
  "the vendors cannot be read": (run) => withHidden("vendors", run),
  "the database is locked": async (run) => {
    using database = databaseBeside(world.registry.dataDir);
    database.run("begin immediate");
    await run();
    database.run("rollback");
  },
  "the archives are gone": async (run) => {
    const folder = join(world.registry.dataDir, "dists");
    const files = (readdirSync(folder, { recursive: true }) as string[])
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile());
    for (const path of files) renameSync(path, `${path}.away`);
    await run();
    for (const path of files) renameSync(`${path}.away`, path);
  },
};

async function withHidden(table: string, run: () => Promise<void>): Promise<void> {
  using database = databaseBeside(world.registry.dataDir);
  database.run(`alter table ${table} rename to hidden`);
  await run();
  database.run(`alter table hidden rename to ${table}`);
}

/** A project with our registry first and the attacker's repository second. */
function victim(require: Record<string, string>, composer = clients[0]): Promise<Project> {
  if (!composer) throw new Error("There is no Composer");
  const repositories = [acme.url, attacker.url].map((url) => ({ type: "composer", url }));
  return createProject(world, { composer, org: acme, manifest: { require }, repositories });
}

/** Documents of ours that were answered 404, which sends a client on to the next repository. */
function wrong404s(): string[] {
  const answered = world.registry.recorder.take().filter(({ status }) => status === 404);
  return answered.map(({ path }) => path).filter((path) => /packages\.json|\/p2\/acme\//.test(path));
}
