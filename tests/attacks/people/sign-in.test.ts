// Passwords that are guessed, sessions that are planted, addresses that are made up.
import { afterAll, beforeEach, expect, test } from "bun:test";
import { clientAddress } from "../../../src/http/request/client-address.ts";
import { parseNetwork } from "../../../src/outbound/networks.ts";
import { setUpApp } from "../../pages/accounts/code-app.ts";
import { makePerson, password, signedIn, visitor, visitorAt, type Visitor } from "../../pages/visitor.ts";
import { updateUser } from "../../../src/store/accounts/users.ts";
import type { TestApp } from "../../worlds/process.ts";
import { openWorld } from "../../worlds/world.ts";

const minute = 60_000;
let world: TestApp;

beforeEach(async () => {
  await world?.close();
  world = await openWorld({ in: "process", environment: { TRUSTED_PROXIES: "127.0.0.1" } });
});
afterAll(() => world?.close());

/** One try from an address; the answer's status. */
async function attempt(text: string, from: string, person = visitor(world), name = "ann"): Promise<Response> {
  const form = { email: `${name}@acme.test`, password: text };
  return person.post("/sign-in", form, { "X-Forwarded-For": from });
}

async function statuses(count: number, tryOne: (at: number) => Promise<Response>): Promise<number[]> {
  const answers: number[] = [];
  for (let at = 0; at < count; at++) answers.push((await tryOne(at)).status);
  return answers;
}

async function isIn(person: Visitor): Promise<boolean> {
  return (await person.get("/account/sessions")).status === 200;
}

test("I1: the sixth guess in a minute at one account from one address waits, right or wrong", async () => {
  await makePerson(world, "ann");
  expect(await statuses(5, () => attempt("wrong", "192.0.2.1"))).toEqual([422, 422, 422, 422, 422]);
  const sixth = await attempt(password("ann"), "192.0.2.1");
  expect([sixth.status, Number(sixth.headers.get("retry-after"))]).toEqual([429, 60]);
  expect(await sixth.text()).toContain("Try again in 60 seconds");
  expect(world.log.some((line) => line.includes("login.throttled") && line.includes("192.0.2.1"))).toBe(true);
  world.tick(minute);
  expect((await attempt(password("ann"), "192.0.2.1")).status).toBe(303);
});

test("I1: guesses that come from everywhere get slow, and slower", async () => {
  await makePerson(world, "ann");
  const guess = (at: number) => attempt("wrong", `192.0.2.${at}`);
  expect((await statuses(10, guess)).every((status) => status === 422)).toBe(true);
  let guesses = 10;
  for (let passed = 0; passed < 3 * 60; passed += 5) {
    if ((await guess(guesses)).status === 422) guesses++;
    world.tick(5 * minute);
  }
  // Ten at once; then after 1, 2, 4, 8 and 15 minutes, four in an hour.
  expect(guesses).toBeGreaterThan(18);
  expect(guesses).toBeLessThanOrEqual(26);
});

test("I1: nobody is locked out by strangers: the browser that was signed in before goes on", async () => {
  await makePerson(world, "ann");
  const ann = visitor(world);
  expect((await attempt(password("ann"), "203.0.113.9", ann)).status).toBe(303);
  await ann.post("/sign-out");
  await statuses(40, (at) => attempt("wrong", `192.0.2.${at}`));
  expect((await attempt(password("ann"), "203.0.113.9")).status).toBe(429);
  expect((await attempt(password("ann"), "203.0.113.9", ann)).status).toBe(303);
  // And for an unknown browser the wait is a quarter of an hour at most.
  world.tick(15 * minute);
  expect((await attempt(password("ann"), "203.0.113.9")).status).toBe(303);
});

test("I1: one address tries thirty accounts in a quarter of an hour, and people who sign in do not count", async () => {
  await makePerson(world, "ann");
  expect(
    (await statuses(5, () => attempt(password("ann"), "192.0.2.1"))).every((status) => status === 303),
  ).toBe(true);
  const spray = (at: number) => attempt("wrong", "192.0.2.1", visitor(world), `person${at}`);
  const answers = await statuses(32, spray);
  expect(answers.filter((status) => status === 422).length).toBe(30);
  expect(answers.slice(-2)).toEqual([429, 429]);
  expect((await attempt(password("ann"), "192.0.2.2")).status).toBe(303);
});

test("I1: known and unknown people are refused in the same words, also when they must wait", async () => {
  await makePerson(world, "ann");
  const texts = async (name: string, from: string) => {
    const answers: string[] = [];
    for (let at = 0; at < 6; at++)
      answers.push(
        (await (await attempt("wrong", from, visitor(world), name)).text()).replaceAll(`${name}@`, "…@"),
      );
    return answers;
  };
  expect(await texts("ann", "192.0.2.1")).toEqual(await texts("zoe", "192.0.2.2"));
});

test("FT2: an unknown address, and one that has no password, are answered no sooner than a wrong password", async () => {
  await makePerson(world, "ann");
  const ben = await makePerson(world, "ben");
  const cleo = await makePerson(world, "cleo");
  await updateUser(world.app.db, ben.id, { password_hash: null });
  await updateUser(world.app.db, cleo.id, { password_hash: "!" });
  const took: Record<string, number[]> = { ann: [], ben: [], cleo: [], nobody: [] };
  for (let round = 0; round < 5; round++)
    for (const [at, [name, times]] of Object.entries(took).entries()) {
      const began = performance.now();
      expect((await attempt("wrong", `192.0.${round}.${at}`, visitor(world), name)).status).toBe(422);
      times.push(performance.now() - began);
    }
  const middle = (name: string) => (took[name] ?? []).toSorted((a, b) => a - b)[2] ?? 0;
  // Without the comparison with a hash that nobody has it is a twentieth.
  for (const name of ["ben", "cleo", "nobody"])
    expect([name, middle(name) > middle("ann") / 3]).toEqual([name, true]);
}, 60_000);

test("I1: a crowd of guesses at once is stopped at the same limit", async () => {
  await makePerson(world, "ann");
  const answers = await Promise.all(Array.from({ length: 20 }, () => attempt("wrong", "192.0.2.1")));
  expect(answers.filter(({ status }) => status === 422).length).toBeLessThanOrEqual(5);
});

test("I4: a session's secret is new after signing in, after the password again, and with every second factor", async () => {
  const planted = visitor(world);
  planted.cookies.set("pricore", "planted-by-somebody-else-0000000000000000000");
  await makePerson(world, "ann");
  await attempt(password("ann"), "192.0.2.1", planted);
  const secrets = [planted.cookies.get("pricore") ?? ""];
  await planted.post("/confirm", { password: password("ann") });
  secrets.push(planted.cookies.get("pricore") ?? "");
  await setUpApp(world, planted);
  secrets.push(planted.cookies.get("pricore") ?? "");
  expect(new Set(["", "planted-by-somebody-else-0000000000000000000", ...secrets]).size).toBe(5);
  for (const old of secrets.slice(0, -1)) {
    const thief = visitor(world);
    thief.cookies.set("pricore", old);
    expect(await isIn(thief)).toBe(false);
  }
  expect(await isIn(planted)).toBe(true);
});

test("I18: the commonest passwords, repetitions, and one's own name and address are refused; any other text is taken whole", async () => {
  const ann = await signedIn(world, "ann");
  const refused = [
    "qwerty123456",
    "Password1234!",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "ann@acme.test",
    "1qaz2wsx3edc",
  ];
  for (const text of refused) {
    const answer = await ann.post("/account/password", { current: password("ann"), password: text });
    expect([text, answer.status]).toEqual([text, 422]);
  }
  const whole = `${"schön \u0000 ".repeat(100)}ende`;
  expect(Buffer.byteLength(whole)).toBeLessThanOrEqual(1024);
  expect((await ann.post("/account/password", { current: password("ann"), password: whole })).status).toBe(
    303,
  );
  expect((await attempt(whole.slice(0, -1), "192.0.2.1")).status).toBe(422);
  expect((await attempt(whole, "192.0.2.1")).status).toBe(303);
});

test("I19: a password that an operator sets ends every session", async () => {
  const ann = await signedIn(world, "ann");
  const { resetPassword } = await import("../../../src/registry/accounts/users.ts");
  await resetPassword(world.app, { email: "ann@acme.test", password: "another long one", actor: "cli" });
  expect(await isIn(ann)).toBe(false);
});

test("H16: only what a trusted proxy says is believed, and of that the last hop that is none", () => {
  const trusted = ["10.0.0.0/8", "::1"].map(parseNetwork).filter((each) => each !== null);
  const cases: [peer: string, forwarded: string | null, expected: string][] = [
    ["192.0.2.7", "198.51.100.1", "192.0.2.7"],
    ["10.0.0.1", null, "10.0.0.1"],
    ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.0.1", "198.51.100.1"],
    ["::1", "[2001:db8::5]:4711", "2001:db8::5"],
    ["10.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
    ["10.0.0.1", "198.51.100.1, made up", "10.0.0.1"],
    ["::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ];
  for (const [peer, forwarded, expected] of cases)
    expect([peer, forwarded, clientAddress(peer, forwarded, trusted)]).toEqual([peer, forwarded, expected]);
});

test("H16, I1: the built server takes no made-up address for a new guesser", async () => {
  const operator = await openWorld({ in: "shell" });
  try {
    await operator.run(["user", "create", "--email", "ann@acme.test", "--name", "Ann", "--password-stdin"], {
      stdin: `${password("ann")}\n`,
    });
    const server = await operator.serve();
    const guess = (at: number) =>
      visitorAt(server.url).post(
        "/sign-in",
        { email: "ann@acme.test", password: "wrong" },
        { "X-Forwarded-For": `192.0.2.${at}` },
      );
    expect(await statuses(6, guess)).toEqual([422, 422, 422, 422, 422, 429]);
    expect(server.events()).toContain("login.throttled");
    expect(server.printed()).toContain('"address":"127.0.0.1"');
    expect(server.printed()).not.toContain("192.0.2.");
  } finally {
    await operator.close();
  }
}, 60_000);
