// Queued mail: sent after the act it belongs to, tried again, given up, kept.
import { afterEach, expect, test } from "bun:test";
import { invalid, unavailable } from "../src/errors.ts";
import type { Mail, Message } from "../src/mail/mail.ts";
import { countMail, queueMail, sendMails, bodyOf } from "../src/registry/mail.ts";
import { getMail, listMails } from "../src/store/mails.ts";
import { handlersOf } from "../src/registry/handlers.ts";
import type { TestApp } from "./worlds/process.ts";
import { openWorld } from "./worlds/world.ts";

let world: TestApp;
afterEach(() => world?.close());

const letter = { to: "ann@acme.test", subject: "Hello", text: "https://acme.test/secret" };
const hour = 3_600_000;

async function queue(change: Partial<typeof letter> = {}): Promise<void> {
  await world.app.db.transaction((db) => queueMail(world.app, db, { ...letter, ...change }));
}

/** A mail server that does what it is told, and what it has taken. */
function server(answer: (message: Message) => Promise<"sent">): { mail: Mail; taken: string[] } {
  const taken: string[] = [];
  const send = async (message: Message) => {
    await answer(message);
    taken.push(message.to);
    return "sent" as const;
  };
  return { mail: { send, check: async () => {} }, taken };
}

async function states(): Promise<string[]> {
  const mails = await listMails(world.app.db, { limit: 50, before: null });
  return mails.map(({ recipient, state }) => `${recipient} ${state}`);
}

test("without a mail server a mail is kept, with its text, encrypted where it lies", async () => {
  world = await openWorld({ in: "process" });
  await queue();
  await sendMails(world.app);
  const [{ id } = { id: "" }] = await listMails(world.app.db, { limit: 1, before: null });
  const mail = await getMail(world.app.db, id);
  expect(mail.state).toBe("kept");
  expect(mail.body).not.toContain("secret");
  expect(bodyOf(world.app, mail)).toBe(letter.text);
});

test("a mail that a server has taken is sent once, and its text is forgotten here", async () => {
  const { mail, taken } = server(async () => "sent");
  world = await openWorld({ in: "process", mail });
  await queue();
  await sendMails(world.app);
  await sendMails(world.app);
  expect(taken).toEqual(["ann@acme.test"]);
  const [{ id } = { id: "" }] = await listMails(world.app.db, { limit: 1, before: null });
  expect(bodyOf(world.app, await getMail(world.app.db, id))).toBeNull();
});

test("a mail of an act that did not happen does not exist", async () => {
  world = await openWorld({ in: "process" });
  const work = world.app.db.transaction(async (db) => {
    await queueMail(world.app, db, letter);
    throw new Error("no");
  });
  await work.catch(() => {});
  expect(await states()).toEqual([]);
});

test("a server that is away gets the mail when it is back, within three days", async () => {
  let isAway = true;
  const { mail, taken } = server(async () => {
    if (isAway) throw unavailable("mail.acme.test is away.");
    return "sent";
  });
  world = await openWorld({ in: "process", mail });
  await queue();
  await queue({ to: "ben@acme.test" });
  for (let hours = 0; hours < 71; hours++) {
    await sendMails(world.app);
    world.tick(hour);
  }
  expect(await states()).toEqual(["ben@acme.test waiting", "ann@acme.test waiting"]);
  isAway = false;
  await sendMails(world.app);
  expect(taken).toEqual(["ann@acme.test", "ben@acme.test"]);
});

test("a mail that nobody took in three days is given up, with the reason", async () => {
  const { mail } = server(async () => {
    throw unavailable("mail.acme.test is away.");
  });
  world = await openWorld({ in: "process", mail });
  await queue();
  world.tick(73 * hour);
  await sendMails(world.app);
  const [row] = await listMails(world.app.db, { limit: 1, before: null });
  expect(row).toMatchObject({ state: "failed", error: "mail.acme.test is away." });
});

test("a mail that is refused for good keeps no other from going out", async () => {
  const { mail, taken } = server(async ({ to }) => {
    if (to === "ann@acme.test") throw invalid("No such person.");
    return "sent";
  });
  world = await openWorld({ in: "process", mail });
  await queue();
  await queue({ to: "ben@acme.test" });
  await sendMails(world.app);
  expect(await states()).toEqual(["ben@acme.test sent", "ann@acme.test failed"]);
  expect(taken).toEqual(["ben@acme.test"]);
});

test("a server that is away is not asked again for every mail of the round", async () => {
  let attempts = 0;
  const { mail } = server(async () => {
    attempts++;
    throw unavailable("mail.acme.test is away.");
  });
  world = await openWorld({ in: "process", mail });
  for (const name of ["ann", "ben", "cleo"]) await queue({ to: `${name}@acme.test` });
  await sendMails(world.app);
  expect(attempts).toBe(1);
});

test("a subject with a line break is not even queued", async () => {
  world = await openWorld({ in: "process" });
  expect(queue({ subject: "Hello\r\nBcc: eve@evil.test" })).rejects.toThrow("one line");
  expect(await states()).toEqual([]);
});

test("mail is forgotten after thirty days", async () => {
  world = await openWorld({ in: "process" });
  await queue();
  world.tick(31 * 24 * hour);
  await handlersOf(world.app).prune({}, { id: "1", attempt: 1, signal: new AbortController().signal });
  expect(await states()).toEqual([]);
});

test("three mails an hour may be asked for one address, and twenty from one client", async () => {
  world = await openWorld({ in: "process" });
  const ask = (to: string, client: string) => countMail(world.app, { to, client });
  for (let time = 0; time < 3; time++) await ask("ann@acme.test", "192.0.2.1");
  expect(ask("Ann@acme.test", "192.0.2.2")).rejects.toThrow("Try again in 60 min");
  for (let time = 0; time < 17; time++) await ask(`p${time}@acme.test`, "192.0.2.1");
  expect(ask("zoe@acme.test", "192.0.2.1")).rejects.toThrow("Try again in 60 min");
  world.tick(hour);
  await ask("ann@acme.test", "192.0.2.1");
});
