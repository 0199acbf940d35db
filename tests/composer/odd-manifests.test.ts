// Thousands of odd composer.json files, each parsed by us and by every Composer that the tests know. Every file that
// Composer's loaders accept gives a version, and clients get exactly what Composer itself would have dumped, except
// where a note says otherwise.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { join } from "node:path";
import { parseManifest, type Manifest } from "../../src/composer/manifest.ts";
import { recordText } from "../../src/composer/minify.ts";
import { versionRecord } from "../../src/composer/record.ts";
import { composers } from "../tools/composers.ts";
import { oddManifests } from "./odd-manifests.ts";
import { askComposer } from "./oracle.ts";

const seed = Number(process.env.COMPOSER_SEED ?? 20261130);
const texts = fc.sample(oddManifests, { seed, numRuns: Number(process.env.COMPOSER_CASES ?? 6000) });
const results = texts.map(parseManifest);
console.log(`odd composer.json files: COMPOSER_SEED=${seed}, ${texts.length}`);

type Compared = { theirs: string | null; ours: string | null; differences: Record<string, string> };

/** The autoloader of a Composer from Packagist; without one Debian's is used. */
const autoloadOf = (command: string[]): string | undefined =>
  command.length === 1 ? undefined : join(command.at(-1)!, "../../../../autoload.php");

function recordOf(manifest: Manifest): string {
  const record = versionRecord({
    manifest: { ...manifest, timeMs: null },
    name: "acme/blog",
    version: "1.0.0",
    versionNormalized: "1.0.0.0",
    time: Date.UTC(2024, 0, 2, 3, 4, 5),
    source: { url: "https://git.example/acme/blog.git", reference: "a".repeat(40) },
    dist: null,
    isDefaultBranch: false,
  });
  return recordText(record);
}

/**
 * No client could build an autoloader for these, though all would load them; or the oldest client would stop at a
 * constraint.
 */
const isRightlyRefused = (reason: string): boolean =>
  /autoload\.psr-4|target-dir cannot go|can be read only by Composer 2\.6/.test(reason);

/** The names of the fields that a note concerns. */
const notedFields = ({ notes }: Manifest): Set<string> =>
  new Set(notes.map((note) => ("path" in note ? (note.path.split(".")[0] ?? "") : "")));

describe("FC7: Composer and the registry agree on odd composer.json files", async () => {
  for (const { name, command } of await composers()) {
    test(`on which there are, and on every field: ${name}`, async () => {
      const questions = results.map((result, i) => ({
        ask: "compare-manifest",
        text: texts[i]!,
        record: "manifest" in result ? recordOf(result.manifest) : null,
      }));
      const answers = await askComposer(questions, autoloadOf(command));
      let loaded = 0;
      const problems = answers.flatMap((answer, i) => {
        const compared = (
          "answer" in answer ? answer.answer : { theirs: null, ours: answer.error }
        ) as Compared;
        const result = results[i]!;
        if (compared.theirs === null) loaded++;
        const found =
          "reason" in result ? refusedThough(compared, result.reason) : differing(compared, result.manifest);
        return found.map((problem) => ({ text: texts[i], problem, theirs: compared.theirs }));
      });
      expect(problems.slice(0, 8)).toEqual([]);
      // Too few accepted files would make the comparison meaningless.
      expect(loaded).toBeGreaterThan(texts.length / 5);
    });
  }
});

function refusedThough({ theirs }: Compared, reason: string): string[] {
  return theirs === null && !isRightlyRefused(reason) ? [`refused: ${reason}`] : [];
}

function differing({ theirs, ours, differences }: Compared, manifest: Manifest): string[] {
  if (ours !== null) return [`a client fails: ${ours}`];
  if (theirs !== null) return [];
  const noted = notedFields(manifest);
  return Object.entries(differences ?? {})
    .filter(([field]) => !noted.has(field))
    .map(([field, values]) => `${field} differs without a note: ${values}`);
}
