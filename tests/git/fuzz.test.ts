// Any text as a URL, a ref or a file name is read as git reads it, or refused with a message.
import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { join } from "node:path";
import { Failure } from "../../src/errors.ts";
import { refNameProblem } from "../../src/git/ref-names.ts";
import { retryAfterSeconds } from "../../src/outbound/retry-after.ts";
import { parseRemote, type RemoteUrl } from "../../src/git/remote.ts";
import { finished, succeeded } from "../tools/process.ts";
import { makeBareRepository } from "./bare-repository.ts";
import { anonymous, makeFolder, makeGit, removeFolder } from "./ground.ts";

let folder: string;
beforeAll(async () => void (folder = await makeFolder()));
afterAll(() => removeFolder(folder));

const pieces = fc.constantFrom(
  ...[
    "https://",
    "http://",
    "ssh://",
    "file://",
    "ext::",
    "git@",
    "ann:secret@",
    "-oProxyCommand=x",
    "/",
    "//",
    "../",
  ],
  ...[
    "git.example.com",
    "127.0.0.1",
    "[::1]",
    "2130706433",
    ":22",
    ":",
    "@",
    "\\",
    "%00",
    "%2f",
    "%0a",
    "\n",
    "\0",
    "#",
    "?",
  ],
);
const addresses = fc
  .array(fc.oneof({ weight: 3, arbitrary: pieces }, fc.string({ maxLength: 8, unit: "binary" })), {
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

test("any text is no address, or one that says the same when it is written and read again", () => {
  let taken = 0;
  fc.assert(
    fc.property(addresses, fc.boolean(), (text, allowLocal) => {
      const remote = parsed(text, allowLocal);
      if (remote === null) return;
      taken++;
      if (remote.kind === "local") expect([allowLocal, text.startsWith("/")]).toEqual([true, true]);
      if (remote.kind === "http") {
        const { protocol, username, password, hash, search } = new URL(remote.url);
        expect([/^https?:$/.test(protocol), username, password, hash, search]).toEqual([
          true,
          "",
          "",
          "",
          "",
        ]);
      }
      if (remote.kind === "ssh") {
        for (const part of [remote.host, remote.user, remote.path]) expect(part).not.toMatch(/^-|[\0\n]/);
        expect(remote.user).not.toContain(":");
      }
      expect(parsed(written(remote), allowLocal)).toEqual(remote);
    }),
    { numRuns: 5000 },
  );
  expect(taken).toBeGreaterThan(50);
});

test("any wish for a pause is none, or one of a second to six hours", () => {
  const seconds = fc.oneof(fc.integer().map(String), fc.bigInt().map(String), fc.double().map(String));
  const dates = fc.date({ noInvalidDate: true }).map((date) => date.toUTCString());
  const texts = fc.string().filter((text) => /^[\t -~]*$/.test(text));
  const header = fc.oneof(seconds, dates, texts);
  fc.assert(
    fc.property(header, fc.option(header), fc.option(header), (wish, date, reset) => {
      const headers = new Headers({ "retry-after": wish });
      if (date !== null) headers.set("date", date);
      if (reset !== null) headers.set("x-ratelimit-reset", reset);
      const pause = retryAfterSeconds(headers) ?? 1;
      expect([wish, pause >= 1 && pause <= 6 * 3600 && Number.isInteger(pause)]).toEqual([wish, true]);
    }),
    { numRuns: 3000 },
  );
});

test("any name of a ref is taken exactly when git takes it and a database can keep it", async () => {
  const part = fc.constantFrom(
    ..."a.b/-@{}~^:?*[\\ \u007f\u0001é".split(""),
    "..",
    ".lock",
    "refs",
    "@{",
    "//",
  );
  const names = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      const { code } = await finished(["git", "check-ref-format", `refs/tags/${name}`]);
      expect([name, refNameProblem(name) === null]).toEqual([name, code === 0 && !name.startsWith("-")]);
    }),
    { numRuns: 100, endOnFailure: true },
  );
}, 60_000);

test("any name of a file that git takes is in the archive under that name, once", async () => {
  const name = fc
    .string({ unit: "binary", minLength: 1, maxLength: 12 })
    .map((text) => text.replace(/[/\0\n"\\]/g, "_"))
    .filter((text) => !/^\.|^ | $/.test(text) && text.isWellFormed() && !text.includes("\uFFFD"));
  const trees = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 3 }), {
    minLength: 20,
    maxLength: 40,
    // No name is both a file and a folder.
    selector: ([first = ""]) => first.toLowerCase().normalize("NFC"),
  });
  let repositories = 0;
  await fc.assert(
    fc.asyncProperty(trees, async (paths) => {
      const repository = await makeBareRepository(join(folder, `names-${++repositories}.git`));
      const files = Object.fromEntries(paths.map((parts) => [parts.join("/"), "x"]));
      const quoted = Object.fromEntries(Object.keys(files).map((path) => [quotedForGit(path), "x"]));
      const reference = await repository.commit(quoted);
      const git = makeGit({ folder });
      const mirror = await git.openMirror(anonymous(repository.path), [
        { kind: "branch", name: "main", reference },
      ]);
      try {
        const { path } = await mirror.archive({ reference, topFolder: "top", exclude: [] });
        const listed = await succeeded([
          "php",
          "-r",
          '$z = new ZipArchive; $z->open($argv[1]); for ($i = 0; $i < $z->numFiles; $i++) echo bin2hex($z->getNameIndex($i, ZipArchive::FL_ENC_RAW)), "\\n";',
          path,
        ]);
        const names = listed
          .trim()
          .split("\n")
          .map((hex) => Buffer.from(hex, "hex").toString());
        expect(names.toSorted()).toEqual(
          Object.keys(files)
            .map((each) => `top/${each}`)
            .toSorted(),
        );
      } finally {
        await mirror.close();
      }
    }),
    { numRuns: 5, endOnFailure: true },
  );
}, 120_000);

/** A quoted path for fast-import: every byte but plain letters in octal. */
function quotedForGit(path: string): string {
  return `"${[...Buffer.from(path)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}"`;
}

function parsed(text: string, allowLocal: boolean): RemoteUrl | null {
  try {
    return parseRemote(text, { allowLocal });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(["scheme_not_allowed", "url_malformed", "url_credentials"]).toContain(error.code);
    return null;
  }
}

function written(remote: RemoteUrl): string {
  if (remote.kind === "http") return remote.url;
  if (remote.kind === "local") return remote.path;
  const host = remote.host.includes(":") ? `[${remote.host}]` : remote.host;
  const path = remote.path.startsWith("/") ? remote.path : `/${remote.path}`;
  if (!remote.path.startsWith("/") && !remote.path.startsWith("~"))
    return `${remote.user}@${host}:${remote.path}`;
  return `ssh://${remote.user}@${host}:${remote.port}${path.split("/").map(encodeURIComponent).join("/").replaceAll("%7E", "~")}`;
}
