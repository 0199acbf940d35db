// Pages speak plain American English: none of them says what a reader would have to look up or translate.
import { Glob } from "bun";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { updateUser } from "../../src/store/accounts/users.ts";
import { makeSamples, type Samples } from "../attacks/people/samples.ts";
import type { TestApp } from "../worlds/process.ts";
import { addressOf, pagesOfTheProgram } from "./all-pages.ts";
import { grow } from "./grown.ts";
import { signedIn, visitor } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

/** British spelling, insider speech, and idioms that are only understood by those who wrote them. */
const banned = [
  "licence",
  "e-mail",
  "cancell(ed|ing)",
  "proven",
  "forges?",
  "refs?",
  "timetable",
  "shielded",
  "whoever",
  "somebody",
  "everybody",
  "any more",
  "for good",
  "by itself",
  "asked for",
  "ask(s|ed)? (it|them) again",
  "tried again",
  "becomes? of",
  "became of",
  "came of",
  "opens? (nothing|your account|the account)",
  "leads? nowhere",
  "stands? (here|there|still)",
  "(is|are|been|being) told",
  "gives? up",
  "given up",
  "brought back",
  "take back",
  "hand on",
  "go(es)? on",
  "look into",
  "mend(ed)?",
  "sends no mail",
];
/** The documentation has room to explain a word; it is held to one spelling. */
const bannedInDocs = ["licence", "e-mail", "cancell(ed|ing)", "whoever", "proven"];
const patternOf = (words: string[]) => new RegExp(`(?<![\\w/=-])(${words.join("|")})(?![\\w/=-])`, "gi");

/** Of a page: its text, and what its attributes say to people. */
function wordsOf(page: string): string {
  const attributes = [...page.matchAll(/\b(?:title|aria-label|placeholder|alt|data-copied)="([^"]*)"/g)];
  const text = page.replace(/<(script|style)[^]*?<\/\1>/g, " ").replace(/<code[^]*?<\/code>|<[^>]+>/g, " ");
  return [text, ...attributes.map(([, value]) => value)].join("\n").replaceAll("&#x27;", "'");
}

/** With what stands around each, so that it is found. */
function bannedIn(text: string, words = banned): string[] {
  const flat = text.replace(/\s+/g, " ");
  return [...flat.matchAll(patternOf(words))].map(({ index }) =>
    flat.slice(Math.max(0, index - 40), index + 40),
  );
}

let world: TestApp;
let samples: Samples;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { SIGN_UP_ENABLED: "true" } });
  ({ samples } = await makeSamples(world));
  await grow(world, 1);
});
afterAll(() => world?.close());

test("no page says a word that needs to be translated", async () => {
  const ann = await signedIn(world, "ann");
  await updateUser(world.app.db, ann.user.id, { is_admin: 1 });
  const nobody = visitor(world);
  const found: Record<string, string[]> = {};
  const look = async (path: string, page: Promise<Response>) => {
    const isDocs = path.startsWith("/docs");
    const words = bannedIn(wordsOf(await (await page).text()), isDocs ? bannedInDocs : banned);
    if (words.length > 0) found[path] = words;
  };
  for (const path of await pagesOfTheProgram()) await look(path, ann.get(addressOf(samples, path)));
  for (const path of [
    "/sign-in",
    "/sign-up",
    "/reset-password",
    "/verify-email/x",
    "/invitations/x",
    "/setup/x",
  ])
    await look(path, nobody.get(path));
  expect(found).toEqual({});
});

test("nor does any sentence in the source of a page", async () => {
  const root = join(import.meta.dir, "../..");
  const files = ["templates", "src/http/pages", "public"].flatMap((folder) =>
    [...new Glob("**/*.{ts,tsx,js}").scanSync(join(root, folder))].map((file) => join(folder, file)),
  );
  const found: string[] = [];
  for (const file of files.toSorted())
    for (const sentence of sentencesIn(await Bun.file(join(root, file)).text()))
      found.push(...bannedIn(sentence).map((words) => `${file}: ${words}`));
  expect(files.length).toBeGreaterThan(150);
  expect(found).toEqual([]);
});

test("such words are found", () => {
  expect(bannedIn(wordsOf('<p title="By e-mail">Look into <b>your</b> mail</p>'))).toHaveLength(2);
  expect(sentencesIn('const a = "The forge is told.";').flatMap((each) => bannedIn(each))).toHaveLength(2);
  expect(
    sentencesIn("<p>\n  Codes open nothing any more.\n</p>").flatMap((each) => bannedIn(each)),
  ).toHaveLength(2);
  expect(sentencesIn('// Told to whoever asks.\nimport x from "./forge form.ts";')).toEqual([]);
});

/** Strings with more than one word, and the text between tags. */
function sentencesIn(source: string): string[] {
  const code = source
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "")
    .replace(/^(import|export)\b[^;]*? from "[^"]*";$/gm, "");
  const strings = [...code.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map(
    ([, quoted, template = ""]) => quoted ?? template.replace(/\$\{[^}]*\}/g, "…"),
  );
  const texts = [...code.matchAll(/(?<![=\s])>([^<>{}()=;]+)</g)].map(([, text = ""]) => text);
  return [...strings, ...texts].filter((sentence) => /\w\s+\S/.test(sentence.trim()));
}
