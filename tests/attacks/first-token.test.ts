// The token of an organization's first install is one, however many ask for it at once.
import { expect, test } from "bun:test";
import { makeFirstToken } from "../../src/registry/organizations/first-install.ts";
import { makePerson } from "../pages/visitor.ts";
import { openWorld } from "../worlds/world.ts";

test("FA7: of first tokens that are asked for at once, one works", async () => {
  const world = await openWorld({ in: "process" });
  try {
    const acme = await world.organization("acme");
    const ann = await makePerson(world, "ann");
    await Promise.all(Array.from({ length: 8 }, () => makeFirstToken(world.app, acme, ann)));
    const tokens = await world.app.db.read.selectFrom("tokens").select("revoked_at").execute();
    expect(tokens.filter(({ revoked_at }) => revoked_at === null).length).toBe(1);
  } finally {
    await world.close();
  }
});
