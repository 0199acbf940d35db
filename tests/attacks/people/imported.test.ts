// Accounts of other registries: their hashes open with the right password, once, and are ours from then on.
import { afterAll, beforeEach, expect, test } from "bun:test";
import { findUser, replacePasswordHash } from "../../../src/store/accounts/users.ts";
import { isPassword } from "../../../src/registry/accounts/password-hashing.ts";
import { databaseBeside } from "../database-beside.ts";
import { makePerson, password, visitor, visitorAt } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { linkTo } from "../../tools/mails.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;

beforeEach(async () => {
  await world?.close();
  world = await openWorld({ in: "process" });
});
afterAll(() => world?.close());

const long = `${"ü".repeat(50)} and the end`;

/** Password and hash, as PHP 8 wrote them. */
const imported: Record<string, [password: string, hash: string]> = {
  laravel: ["a right password", "$2y$05$aIACf6RNLoO.X7stO1AsPOud9D4I/Z4i1IUK37M6.wt57NAa2nsmG"],
  "laravel, long": [long, "$2y$05$PHVRj.v/mzbSDwlsBwykJueGFYX7oVPGNgxb0xggUqa.VEn.R5nKy"],
  "symfony, long": [long, "$2y$05$RTf8DhCV.U9FPHKD7XkqIeKycw1qhhfU9jo0h1EQLnKlocy5Ne0AO"],
  "symfony, nul": ["a right\u0000password", "$2y$05$srqPYavEngYNSx0znlRLPeKGTPKwY3.Vv5RIZ7zCroWs0fZlIqhZa"],
  "packeton, salted": [
    "a right password",
    "078c5432dfdfef7cba4fd01f01d97cc05c8bb47d2ce7c8a308e3b4687e43b62694c9a94efdef4af8640b8b857abb74d43a9a3ec3ebdd4a441d2358bd6dbefc4f:salt.of:one",
  ],
  "packeton, unsalted": [
    "a right password",
    "046cb216ea2196fa45d939671bafa2c7f96abe8fcd94edd40f08ff1e85ef40dee52186a7cd49b743e8332bb821b4b28de2c099aad0a0b2531e31f27adb985d4f",
  ],
  argon2i: [
    "schön lang argon2i",
    "$argon2i$v=19$m=8192,t=4,p=1$dUFuYTZKNnNudE42V3hGag$RGvfGZrj/9hPyvGI4gxRy/HkBR6tBTnFstLauy71iZ4",
  ],
  argon2id: [
    "schön lang argon2id",
    "$argon2id$v=19$m=8192,t=4,p=1$R1pXSkt4MGFZQVExbk9DYw$QMP4LtKgibS9Su3boZ9q3uDH27C/RgNvH1rJVGvVgBA",
  ],
  libsodium: [
    "a right password",
    "$argon2id$v=19$m=65536,t=4,p=1$fPO5Rp1dD+P3W8qK/Wov8g$Ac9e12jrbZ8KQNgGGGjdNnEYWCrgw2eqF0AokrpMqB0",
  ],
};

/** None of them may throw, and none opens. */
const unusable = [
  "",
  "!",
  "*",
  "plain text",
  "$2y$",
  "$2y$99$abc",
  `$2y$31$${"a".repeat(53)}`,
  `$2x$10$${"a".repeat(53)}`,
  "$argon2id$",
  "$argon2id$v=19$m=65536,t=3,p=1$bad",
  "$argon2id$v=19$m=4194304,t=3,p=1$cHJpY29yZS1ub2JvZHktMDE$Zc1vvxEYbBbLmPQMCYRj5mJgVdVHJ7QJcVgFbFz4m2s",
  "$argon2id$v=19$m=65536,t=900,p=1$cHJpY29yZS1ub2JvZHktMDE$Zc1vvxEYbBbLmPQMCYRj5mJgVdVHJ7QJcVgFbFz4m2s",
  "$6$rounds=5000$salt$hash",
  "$P$B12345678901234567890123456789",
  "a".repeat(127),
  "g".repeat(128),
  "5f4dcc3b5aa765d61d8327deb882cf99",
];

async function withHash(name: string, hash: string): Promise<void> {
  const { id, password_hash: old } = await makePerson(world, name);
  await replacePasswordHash(world.app.db, id, { old: old ?? "", hash });
}

async function enter(name: string, text: string): Promise<number> {
  return (await visitor(world).post("/sign-in", { email: `${name}@acme.test`, password: text })).status;
}

for (const [form, [text, hash]] of Object.entries(imported))
  test(`FC18: an imported hash (${form}) opens with the right password alone, and is ours afterwards`, async () => {
    await withHash("ann", hash);
    expect(await enter("ann", `x${text}`)).toBe(422);
    expect((await findUser(world.app.db, "ann@acme.test"))?.password_hash).toBe(hash);
    expect(await enter("ann", text)).toBe(303);
    const kept = (await findUser(world.app.db, "ann@acme.test"))?.password_hash ?? "";
    expect(kept).toStartWith("$argon2id$v=19$m=65536,t=3,p=1$");
    expect(await enter("ann", text)).toBe(303);
    expect(await isPassword(text, kept)).toBe(true);
  });

test("FC18: a hash of unknown form is no password: wrong in the usual words, and a reset by mail leads back", async () => {
  for (const [at, hash] of unusable.entries()) {
    await withHash(`p${at}`, hash);
    for (const text of ["a right password", hash])
      expect([hash, await enter(`p${at}`, text)]).toEqual([hash, 422]);
    world.tick(15 * 60_000);
  }
  await visitor(world).post("/reset-password", { email: "p1@acme.test" });
  await visitor(world).post(await linkTo(world.app, "p1@acme.test"), { password: password("ann") });
  expect(await enter("p1", password("ann"))).toBe(303);
});

test("FC18: our own hashes take a long password whole: nothing is cut", async () => {
  const { password_hash } = await makePerson(world, "ann");
  const hash = await Bun.password.hash(long, { algorithm: "argon2id", memoryCost: 65_536, timeCost: 3 });
  await withHash("ann", hash);
  expect(password_hash).not.toBe(hash);
  expect([await enter("ann", long.slice(0, -1)), await enter("ann", long)]).toEqual([422, 303]);
});

test("FC18: the built server answers a sign-in with an imported or an unknown hash", async () => {
  const operator = await openWorld({ in: "shell" });
  try {
    const create = ["user", "create", "--email", "ann@acme.test", "--name", "Ann", "--password-stdin"];
    await operator.run(create, { stdin: `${password("ann")}\n` });
    const server = await operator.serve();
    const [text = "", hash = ""] = imported["symfony, long"] ?? [];
    const tries: [string, number][] = [
      ["!", 422],
      [hash, 303],
    ];
    for (const [kept, status] of tries) {
      using database = databaseBeside(operator.dataDir);
      database.run("update users set password_hash = ?", [kept]);
      const answer = await visitorAt(server.url).post("/sign-in", { email: "ann@acme.test", password: text });
      expect([kept, answer.status]).toEqual([kept, status]);
    }
  } finally {
    await operator.close();
  }
}, 60_000);
