// Conformance number 60: a person at a terminal is asked for credentials.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { composerEnvironment, type Composer } from "../tools/composers.ts";
import { isAtLeast, withEachComposer } from "./clients.ts";
import { createProject, hostOf, type Project } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  await world.publish(acme, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
});
afterAll(() => world?.close());

withEachComposer((composer) => {
  test("60: credentials typed at the prompt let the run go on and are stored when the person agrees", async () => {
    const site = await createProject(world, {
      composer,
      org: acme,
      manifest: { require: { "acme/blog": "*" } },
    });
    await site.authenticate(null);
    const { code, screen } = await typing(composer, site, [
      ["Username:", "ann"],
      ["Password:", acme.token],
      ["Do you want to store credentials", "y"],
    ]);
    expect({ code, screen }).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/blog": "1.0.0" });
    const stored = await Bun.file(join(site.home, "auth.json")).json();
    expect(stored["http-basic"][hostOf(acme)]).toEqual({ username: "ann", password: acme.token });
  });

  // 2.2 never gives up here: it repeats the refused request without asking again.
  if (!isAtLeast(composer, "2.3")) return;
  test("60: a wrong password at the prompt ends the run", async () => {
    const site = await createProject(world, {
      composer,
      org: acme,
      manifest: { require: { "acme/blog": "*" } },
    });
    await site.authenticate(null);
    const { code, screen } = await typing(composer, site, [
      ["Username:", "ann"],
      ["Password:", "wrong"],
    ]);
    expect(code).not.toBe(0);
    expect(screen).toContain("HTTP 401");
  });
});

/** Runs an update at a terminal and types each answer when its question is on the screen. */
async function typing(
  composer: Composer,
  site: Project,
  answers: [question: string, answer: string][],
): Promise<{ code: number; screen: string }> {
  let screen = "";
  let read = 0;
  const waiting = [...answers];
  const child = Bun.spawn([...composer.command, "update", "--no-ansi", "--no-progress"], {
    cwd: site.dir,
    env: { ...composerEnvironment(site.home), TERM: "dumb" },
    timeout: 30_000,
    killSignal: "SIGKILL",
    terminal: {
      cols: 200,
      rows: 50,
      data(terminal, data) {
        screen += Buffer.from(data).toString();
        const [question = "", answer] = waiting[0] ?? [];
        if (answer === undefined || !screen.slice(read).includes(question)) return;
        waiting.shift();
        read = screen.length;
        terminal.write(`${answer}\n`);
      },
    },
  });
  const code = await child.exited;
  child.terminal?.close();
  return { code, screen };
}
