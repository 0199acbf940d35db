import { describe, expect, test } from "bun:test";
import type { RefList } from "../../src/git/mirror.ts";
import { isMassRemoval, planSync } from "../../src/registry/syncs/plan.ts";
import type { RefKind, RefRow } from "../../src/store/schema.ts";

const a = "a".repeat(40);
const b = "b".repeat(40);

describe("a plan", () => {
  test("of a new repository reads the default branch first, then the newest versions", async () => {
    const plan = await planSync({
      ...of([tag("1.0.0"), tag("2.0.0"), branch("main"), branch("next")]),
      known: [],
    });
    expect(names(plan.groups)).toEqual(["main", "2.0.0", "1.0.0", "next"]);
    expect(plan.removedVersionIds).toEqual([]);
  });

  test("has nothing to do when nothing moved", async () => {
    const refs = [tag("1.0.0"), branch("main")];
    const plan = await planSync({ ...of(refs), known: refs.map((ref) => row(ref)) });
    expect(plan.groups).toEqual([]);
    expect(plan.gone).toEqual([]);
  });

  test("FA24: of many refs that did not move orders none, because every poll asks", async () => {
    const refs = [branch("main"), ...Array.from({ length: 49_000 }, (_, at) => tag(`1.${at % 700}.${at}`))];
    const state = { ...of(refs), known: refs.map((ref) => row(ref)) };
    const since = process.cpuUsage();
    for (let poll = 0; poll < 10; poll++) expect((await planSync(state)).groups).toEqual([]);
    const { user, system } = process.cpuUsage(since);
    expect((user + system) / 1e6).toBeLessThan(4);
  });

  test("FA24: of many refs of which one moved lets others have their turn meanwhile", async () => {
    const refs = [branch("main"), ...Array.from({ length: 49_000 }, (_, at) => tag(`1.${at % 700}.${at}`))];
    const known = refs.map((ref) => row(ref));
    let turns = 0;
    let isDone = false;
    const takeTurn = () => {
      turns++;
      if (!isDone) setImmediate(takeTurn);
    };
    setImmediate(takeTurn);
    const plan = await planSync({ ...of([...refs, tag("2.0.0")]), known });
    isDone = true;
    expect(names(plan.groups)).toEqual(["2.0.0"]);
    // It takes more than 200 ms on any machine, and another one waits for 8 ms.
    expect(turns).toBeGreaterThan(10);
  });

  test("reads only what moved or came", async () => {
    const known = [row(tag("1.0.0")), row(branch("main"))];
    const plan = await planSync({ ...of([tag("1.0.0"), tag("1.1.0"), branch("main", b)]), known });
    expect(names(plan.groups)).toEqual(["main", "1.1.0"]);
  });

  test("takes up what a cut-off sync left", async () => {
    const plan = await planSync({
      ...of([tag("1.0.0"), tag("1.1.0"), branch("main")]),
      known: [row(branch("main"))],
    });
    expect(names(plan.groups)).toEqual(["1.1.0", "1.0.0"]);
  });

  test("removes the versions whose tags are gone", async () => {
    const known = [row(tag("1.0.0")), row(tag("1.1.0"), "version-2"), row(branch("main"))];
    const plan = await planSync({ ...of([tag("1.0.0"), branch("main")]), known });
    expect(plan.removedVersionIds).toEqual(["version-2"]);
    expect(plan.gone.map((ref) => ref.name)).toEqual(["1.1.0"]);
  });

  test("keeps a version when its tag is only spelled anew", async () => {
    const known = [row(tag("1.0.0"), "version-1"), row(branch("main"))];
    const plan = await planSync({ ...of([tag("v1.0.0"), branch("main")]), known });
    expect(plan.removedVersionIds).toEqual([]);
    expect(names(plan.groups)).toEqual(["v1.0.0"]);
    expect(plan.groups[0]?.published?.version_id).toBe("version-1");
  });

  test("reads a branch again when it becomes the default", async () => {
    const refs = [branch("main"), branch("next")];
    const plan = await planSync({
      ...of(refs, "next"),
      known: refs.map((ref) => row(ref)),
      knownDefaultBranch: "main",
    });
    expect(names(plan.groups)).toEqual(["next", "main"]);
  });

  test("tells the reason of a ref that is no version once, not at every sync", async () => {
    const list = of([tag("nightly"), branch("main")]);
    const first = await planSync({ ...list, known: [] });
    expect(first.skipped.map((ref) => ref.name)).toEqual(["nightly"]);
    const reason = first.skipped[0]?.reason ?? "";
    const known = [
      row(branch("main")),
      { ...row(tag("nightly")), outcome: "skipped" as const, reason, version_id: null },
    ];
    expect((await planSync({ ...list, known })).skipped).toEqual([]);
  });

  test("reads everything when the package was renamed", async () => {
    const refs = [tag("1.0.0"), branch("main")];
    const plan = await planSync({ ...of(refs), known: refs.map((ref) => row(ref)), everything: true });
    expect(names(plan.groups)).toEqual(["main", "1.0.0"]);
  });
});

describe("a mass removal", () => {
  test("is more than ten versions and more than a fifth of them", () => {
    expect(isMassRemoval(10, 12)).toBe(false);
    expect(isMassRemoval(11, 12)).toBe(true);
    expect(isMassRemoval(11, 55)).toBe(false);
    expect(isMassRemoval(12, 55)).toBe(true);
  });
});

type Named = { kind: RefKind; name: string; reference: string };

function tag(name: string, reference = a): Named {
  return { kind: "tag", name, reference };
}

function branch(name: string, reference = a): Named {
  return { kind: "branch", name, reference };
}

function of(refs: Named[], defaultBranch = "main"): { list: RefList; knownDefaultBranch: string } {
  return {
    list: { refs, defaultBranch, unusable: [], hostKey: null, movedTo: null },
    knownDefaultBranch: "main",
  };
}

function row(ref: Named, versionId = `${ref.kind} ${ref.name}`): RefRow {
  return {
    ...ref,
    repository_id: "repository",
    outcome: "published",
    reason: null,
    code: null,
    package_name: null,
    version_id: versionId,
    updated_at: 0,
  };
}

function names(groups: { candidates: { name: string }[] }[]): (string | undefined)[] {
  return groups.map((group) => group.candidates[0]?.name);
}
