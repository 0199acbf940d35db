// Protections of versions, archives and documents.
import type { Mutant } from "./mutant.ts";

export const registryMutants: Mutant[] = [
  {
    name: "a damaged archive is not handed out",
    file: "src/storage/disk.ts",
    find: "if (verifiedStates.get(sha256) !== state) await verifyOnce(sha256, { path, state });",
    replace: "void verifyOnce;",
    test: { file: "tests/contracts/storage.test.ts", title: "is never handed out" },
  },
  {
    name: "an archive's name is a hash",
    file: "src/storage/disk.ts",
    find: 'if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error("an archive\'s name is its SHA-256");',
    replace: "",
    test: { file: "tests/contracts/storage.test.ts", title: "is not even asked for" },
  },
  {
    name: "many removals at once are confirmed first",
    file: "src/registry/syncs/plan.ts",
    find: "return removed > 10 && removed > live / 5;",
    replace: "return removed > 10_000 && removed > live / 5;",
    test: { file: "tests/syncs/plan-sync.test.ts", title: "is more than ten versions" },
  },
  {
    name: "what a version lacks is unset",
    file: "src/composer/minify.ts",
    find: "changes.set(key, UNSET);",
    replace: "",
    test: { file: "tests/composer/minify.test.ts", title: "what is minified and expanded" },
  },
  {
    name: "one server per database",
    file: "src/store/engine/serve-lock.ts",
    find: 'if (signOf(error).startsWith("SQLITE_BUSY")) return null;',
    replace: 'if (signOf(error).startsWith("SQLITE_BUSY")) return { release() {} };',
    test: { file: "tests/cli/start.test.ts", title: "R16: holds its database" },
    isCompiled: true,
  },
  {
    name: "SSH servers show the key that was stored",
    file: "src/git/ssh.ts",
    find: "return pinned === null || presented === pinned;",
    replace: "return true;",
    test: { file: "tests/git/ssh.test.ts", title: "is refused when the host key has changed" },
  },
  {
    name: "links stay inside the archive",
    file: "src/git/archive.ts",
    find: 'if (down.split("/").includes("..")) return false;',
    replace: "",
    test: { file: "tests/git/archive.test.ts", title: "keeps a link only when it stays inside" },
  },
  {
    name: "folders are nested so deep at most",
    file: "src/git/tree.ts",
    find: "if (folder.depth > walk.limits.depth) throw tooDeep(walk.limits);",
    replace: "void tooDeep;",
    test: { file: "tests/git/archive.test.ts", title: "keeps within its limits" },
  },
  {
    name: "an archive holds so many files at most",
    file: "src/git/tree.ts",
    find: "if (seen > walk.limits.files) throw tooManyFiles(walk.limits);",
    replace: "void tooManyFiles; void seen;",
    test: { file: "tests/git/archive.test.ts", title: "keeps within its limits" },
  },
  {
    name: "unpacked archives have a size",
    file: "src/git/archive.ts",
    find: "if (expandedBytes > adding.limits.expandedBytes) throw tooLarge(adding.limits);",
    replace: "void tooLarge;",
    test: { file: "tests/git/archive.test.ts", title: "keeps within its limits" },
  },
];
