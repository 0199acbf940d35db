import { afterAll, beforeAll, expect, test } from "bun:test";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { TestApp } from "../../worlds/process.ts";
import { signedIn, visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
});
afterAll(() => world?.close());

test("an administrator reads what is wrong with the server, and nobody else", async () => {
  const ida = await signedIn(world, "ida", { isAdmin: true });
  const ann = await signedIn(world, "ann");
  const read = async (person: { get(path: string): Promise<Response> }, path = "/health?verbose") => {
    const answer = await person.get(path);
    const health = (await answer.json()) as { status: string; problems?: string[] };
    return { code: answer.status, ...health };
  };
  expect(await read(ida)).toEqual({ code: 200, status: "ok", problems: [] });
  const temporary = join(world.app.config.dataDir, "tmp");
  await rename(temporary, `${temporary}.away`);
  // One look in two seconds.
  await Bun.sleep(2100);
  expect(await read(ida)).toMatchObject({
    status: "failing",
    problems: [expect.stringContaining("disk: ")],
  });
  for (const person of [ann, visitor(world)])
    expect(await read(person)).toEqual({ code: 503, status: "failing" });
  expect(await read(ida, "/health")).toEqual({ code: 503, status: "failing" });
  await rename(`${temporary}.away`, temporary);
});
