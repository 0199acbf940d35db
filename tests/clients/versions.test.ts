// Conformance number 29: what Composer itself made of a set of tags and branches is what the registry publishes.

import { afterAll, beforeAll, expect, test } from "bun:test";
import vectors from "../composer/vectors/version-vectors.json" with { type: "json" };
import { succeeded } from "../tools/process.ts";
import { withEachComposer } from "./clients.ts";
import { readDocument } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import type { SyncReport } from "../worlds/git.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;
let report: SyncReport;

const name = "acme/vectors";
/** Without what git refuses, and without the one number that old clients can't list. */
const possible = vectors.filter(
  ({ reason, ref }) => reason !== "git refuses this ref name" && ref !== "100000.0.0",
);
const tags = possible.filter(({ kind }) => kind === "tag");
const branches = possible.filter(({ kind }) => kind === "branch");

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  const repository = await world.repository(name, [{ manifest: { name } }]);
  const commit = await repository.reference("main");
  const refs = possible
    .filter(({ kind, ref }) => kind === "tag" || ref !== "main")
    .map(({ kind, ref }) => `create refs/${kind === "tag" ? "tags" : "heads"}/${ref}\0${commit}\0`);
  await succeeded(["git", "-C", repository.path, "update-ref", "-z", "--stdin"], { stdin: refs.join("") });
  expect(await world.add(acme, repository)).toMatchObject({ code: 0 });
  report = await world.sync(acme, repository);
});
afterAll(() => world?.close());

test("29: every tag and branch becomes the version that Composer makes of it, in the right document", async () => {
  const published = new Map<string, string>();
  for (const file of [name, `${name}~dev`]) {
    for (const record of (await readDocument(acme, file)).records) {
      published.set(`${file} ${record.version_normalized}`, record.version);
    }
  }
  expect(new Map([...published].toSorted())).toEqual(new Map([...expectedVersions()].toSorted()));
});

test("29: every tag and branch that Composer refuses is listed with a reason", () => {
  const reported = new Set(report.skipped.map(({ ref }) => ref));
  for (const { ref, accepted } of possible) {
    if (!accepted) expect([...reported].some((each) => each === ref || each.endsWith(`/${ref}`))).toBe(true);
  }
  for (const { reason } of report.skipped) expect(reason.length).toBeGreaterThan(10);
});

withEachComposer((composer) => {
  test("29: the client reads the list of these versions", async () => {
    const site = await createProject(world, { composer, org: acme });
    const { code, text } = await site.say("show", "--available", "--all", name);
    expect({ code, text }).toMatchObject({ code: 0 });
    const listed = (/^versions : (.*)$/m.exec(text)?.[1] ?? "").split(", ");
    const published = new Set(expectedVersions().values());
    expect(listed.toSorted()).toEqual([...published].toSorted());
  });
});

/**
 * Of refs that Composer compares as equal the first counts: tags and branches bytewise, the default branch first.
 */
function expectedVersions(): Map<string, string> {
  const expected = new Map<string, string>();
  const seen = new Set<string>();
  const inOrder = [
    ...tags.toSorted(bytewise),
    ...branches.toSorted((a, b) => isMain(a) - isMain(b) || bytewise(a, b)),
  ];
  for (const { accepted, version, version_normalized, metadata_file } of inOrder) {
    if (!accepted || version === null || version_normalized === null) continue;
    const identity = version_normalized.replace(/(?<=^|\.)0+(?=\d)/g, "");
    if (seen.has(identity)) continue;
    seen.add(identity);
    expected.set(`${metadata_file === "~dev" ? `${name}~dev` : name} ${version_normalized}`, version);
  }
  return expected;
}

type NamedRef = { ref: string };

function bytewise(a: NamedRef, b: NamedRef): number {
  return Buffer.compare(Buffer.from(a.ref), Buffer.from(b.ref));
}

function isMain({ ref }: NamedRef): number {
  return ref === "main" ? 0 : 1;
}
