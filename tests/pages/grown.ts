// More rows for pages to show.
import { createCredential } from "../../src/registry/credentials/credentials.ts";
import { invite } from "../../src/registry/organizations/invitations.ts";
import { createToken } from "../../src/registry/tokens.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import type { TestApp } from "../worlds/process.ts";
import { addJobRow, addRuns, addWorkerRow } from "../tools/jobs.ts";
import { signedIn } from "./visitor.ts";

/** One more of everything that pages of acme list. */
export async function grow(world: TestApp, round: number): Promise<void> {
  const { app } = world;
  const acme = await getOrganization(app.db, "acme");
  const name = `acme/part-${round}`;
  const manifest = { name, require: { "acme/blog": "^1.0", php: ">=8.1" } };
  const mirrored = await world.mirror(acme, name, [{ manifest, tags: ["1.0.0", "1.1.0"] }]);
  await mirrored.sync();
  await mirrored.sync();
  const person = await signedIn(world, `member-${round}`, { roles: { acme: "member" } });
  await signedIn(world, "ann");
  for (const owner of [{ organizationId: acme.id }, { userId: person.user.id }])
    await createToken(app, {
      owner,
      name: `token-${round}`,
      expiresAt: null,
      packages: [],
      actor: `user:${person.user.id}`,
    });
  await invite(
    app,
    { organization: acme, by: person.user, client: name },
    { email: `new-${round}@acme.test`, role: "member" },
  );
  const { id: repositoryId } = await mirrored.row();
  const payload = JSON.stringify({ repositoryId, reason: "push" });
  const [running, place] = [
    { id: name, name: "sync-repository", payload, since: app.now() },
    { doneThisHour: 1 },
  ];
  await addWorkerRow(app, [
    { job: running, ...place },
    { job: null, ...place },
  ]);
  await addRuns(app, [{ at: app.now(), name: "sync-repository", done: 3, failed: 1, ms: 100 * (round + 1) }]);
  for (const state of ["dead", "done"] as const) await addJobRow(app, { state, payload });
  const again = { state: "waiting", attempts: 1, run_at: app.now() + 60_000, finished_at: null } as const;
  await addJobRow(app, { ...again, payload });
  for (const fields of [
    { kind: "basic", name: `robot-${round}`, host: "git.acme.test", username: "robot", password: "a token" },
    { kind: "new-ssh-key", name: `key-${round}` },
  ] as const)
    await createCredential(app, acme, { input: fields, actor: "cli" });
}
