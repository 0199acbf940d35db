// The house rules that a machine can hold: who may import what, and what has a single owner.
import { Glob } from "bun";
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dir, "..");

/** `mayImportTypes`: places of which a file may know the shapes, and call nothing. */
type Rule = { folder: string; mayImport: string[]; mayImportTypes?: string[]; packages: string[] };
type Import = { target: string; isType: boolean };

/** Local entries are files or folders below the project; `packages` are modules from elsewhere. */
const seams = [
  "src/backup/process.ts",
  "src/cache",
  "src/events",
  "src/redis",
  "src/jobs",
  "src/git",
  "src/mail",
  "src/forges",
  "src/reading",
  "src/sessions",
  "src/storage",
];
const ground = [
  "src/errors.ts",
  "src/remedy.ts",
  "src/log.ts",
  "src/hangup.ts",
  "src/duration.ts",
  "src/net.ts",
  "src/printable.ts",
  "src/turns.ts",
  "src/yielding.ts",
];
const rules: Rule[] = [
  {
    folder: "src/main.ts",
    mayImport: ["src/cli", "src/reading/worker.ts", "src/backup/worker.ts"],
    packages: [],
  },
  {
    folder: "src/cli",
    mayImport: [
      "src/cli",
      "src/config",
      "src/app.ts",
      "src/app-key.ts",
      "src/moved.ts",
      "src/doctor",
      "src/backup",
      "src/outbound/own-server.ts",
      "src/registry",
      "src/store",
      "src/http/server.ts",
      "src/composer",
      "src/jobs/timetable.ts",
      "src/licenses",
      "src/service",
      "package.json",
      ...ground,
    ],
    packages: ["node:"],
  },
  {
    folder: "src/http",
    mayImport: [
      "src/http",
      "src/registry",
      "src/store",
      "src/composer",
      "src/cache/document-bodies.ts",
      "src/forges/oauth.ts",
      "src/forges/forge.ts",
      "src/events/events.ts",
      "src/tls/pair.ts",
      "src/outbound/networks.ts",
      "src/docs/names.ts",
      "src/docs/pages.ts",
      "src/docs/render.ts",
      "templates",
      "package.json",
      "src/app.ts",
      ...ground,
    ],
    packages: ["elysia", "htmx.org", "node:", "bun:jsc", "prom-client"],
  },
  {
    folder: "templates",
    mayImport: ["templates"],
    mayImportTypes: ["src/registry"],
    packages: ["@elysiajs/html"],
  },
  {
    folder: "src/registry",
    mayImport: [
      "src/registry",
      "src/store",
      "src/composer",
      "src/outbound",
      "src/app.ts",
      "src/doctor",
      "src/secrets.ts",
      "src/moved.ts",
      "src/git/mirror.ts",
      "src/git/remote.ts",
      "src/git/address.ts",
      "src/git/keys.ts",
      "src/reading/mirror.ts",
      "src/jobs/queue.ts",
      "src/jobs/timetable.ts",
      "src/mail/mail.ts",
      "src/tls",
      "src/config/tls.ts",
      "src/forges/oauth.ts",
      "src/forges/forge.ts",
      "src/forges/deliveries.ts",
      ...ground,
    ],
    mayImportTypes: ["src/events/events.ts"],
    packages: [
      "@simplewebauthn/server",
      "node:crypto",
      "node:net",
      "node:zlib",
      "otplib",
      "reflect-metadata",
      "uqr",
    ],
  },
  {
    folder: "src/doctor",
    mayImport: [
      "src/doctor",
      "src/app.ts",
      "src/config",
      "src/registry",
      "src/store",
      "src/outbound",
      "src/redis/address.ts",
      "package.json",
      ...ground,
    ],
    packages: ["node:"],
  },
  { folder: "src/composer", mayImport: ["src/composer"], packages: [] },
  {
    folder: "src/store",
    mayImport: ["src/store", "src/composer", "src/errors.ts", "src/yielding.ts"],
    packages: ["kysely", "bun:sqlite", "bun", "node:"],
  },
  {
    folder: "src/jobs",
    mayImport: ["src/jobs", "src/store/jobs", "src/store/engine/database.ts", "src/redis", ...ground],
    packages: ["bullmq", "ioredis", "node:"],
  },
  {
    folder: "src/git",
    mayImport: ["src/git", "src/outbound", ...ground],
    packages: ["isomorphic-git", "ssh2", "node:", "bun"],
  },
  {
    folder: "src/reading",
    mayImport: ["src/reading", "src/git", "src/composer", "src/outbound", ...ground],
    packages: ["node:", "bun:ffi", "sanitize-html"],
  },
  { folder: "src/docs", mayImport: ["src/docs", "src/embedded-json.ts"], packages: ["node:", "bun"] },
  { folder: "src/licenses", mayImport: ["src/licenses", "src/embedded-json.ts"], packages: ["node:", "bun"] },
  { folder: "src/service", mayImport: ["src/service", ...ground], packages: ["node:"] },
  { folder: "src/outbound", mayImport: ["src/outbound", ...ground], packages: ["node:"] },
  { folder: "src/redis", mayImport: ["src/redis", ...ground], packages: ["ioredis"] },
  { folder: "src/cache", mayImport: ["src/cache", "src/redis", ...ground], packages: [] },
  {
    folder: "src/sessions",
    mayImport: [
      "src/sessions",
      "src/redis",
      "src/store/engine/database.ts",
      "src/store/accounts/sessions.ts",
      "src/store/accounts/users.ts",
      ...ground,
    ],
    packages: [],
  },
  {
    folder: "src/events",
    mayImport: ["src/events", "src/redis", ...ground],
    packages: [],
  },
  {
    folder: "src/mail",
    mayImport: ["src/mail", "src/outbound", ...ground],
    packages: ["nodemailer", "node:"],
  },
  {
    folder: "src/forges",
    mayImport: ["src/forges", "src/outbound", ...ground],
    packages: ["node:", "openid-client"],
  },
  {
    folder: "src/tls",
    mayImport: ["src/tls", "src/outbound", ...ground],
    packages: ["node:", "@peculiar/x509", "reflect-metadata"],
  },
  { folder: "src/storage", mayImport: ["src/storage", ...ground], packages: ["node:"] },
  {
    folder: "src/backup",
    mayImport: [
      "src/backup",
      "src/reading/dies-with-parent.ts",
      "src/storage/s3-client.ts",
      "src/app.ts",
      "src/app-key.ts",
      "src/config",
      "src/secrets.ts",
      "src/store",
      "package.json",
      ...ground,
    ],
    packages: ["node:"],
  },
  {
    folder: "src/config",
    mayImport: [
      "src/config",
      "src/outbound/networks.ts",
      "src/outbound/outbound.ts",
      "src/redis/address.ts",
      "src/storage/s3-client.ts",
      "src/store/engine/engine.ts",
      ...ground,
    ],
    packages: ["node:"],
  },
  {
    folder: "src/app-key.ts",
    mayImport: [
      "src/config",
      "src/secrets.ts",
      "src/store/engine/database.ts",
      "src/store/organizations/organizations.ts",
      "src/store/settings.ts",
      "src/store/accounts/users.ts",
      ...ground,
    ],
    packages: ["node:"],
  },
  {
    folder: "src/moved.ts",
    mayImport: [
      "src/app-key.ts",
      "src/config",
      "src/secrets.ts",
      "src/store/engine/database.ts",
      "src/store/engine/engine.ts",
      "src/store/settings.ts",
      ...ground,
    ],
    packages: [],
  },
  {
    folder: "src/lost-data.ts",
    mayImport: [
      "src/app-key.ts",
      "src/config",
      "src/storage/storage.ts",
      "src/store/engine/database.ts",
      "src/store/settings.ts",
      ...ground,
    ],
    packages: ["node:"],
  },
  {
    folder: "src/app.ts",
    mayImport: [
      ...seams,
      "src/app-key.ts",
      "src/lost-data.ts",
      "src/moved.ts",
      "src/store/change-feed.ts",
      "src/store/engine/database.ts",
      "src/store/engine/engine.ts",
      "src/config",
      "src/secrets.ts",
      ...ground,
    ],
    packages: ["node:"],
  },
];

/** What only one place may do. The pattern is looked for in the code, comments left out. */
const owners: { what: string; pattern: RegExp; owner: string[] }[] = [
  { what: "elysia", pattern: /from "elysia"/, owner: ["src/http"] },
  { what: "SQL", pattern: /from "(kysely|bun:sqlite)|\bBun\.SQL\b|\bnew SQL\(/, owner: ["src/store"] },
  { what: "isomorphic-git", pattern: /from "isomorphic-git/, owner: ["src/git"] },
  { what: "sanitize-html", pattern: /from "sanitize-html/, owner: ["src/reading/sanitize.ts"] },
  { what: "nodemailer", pattern: /["']nodemailer/, owner: ["src/mail/smtp.ts"] },
  { what: "openid-client", pattern: /["']openid-client/, owner: ["src/forges/oidc.ts"] },
  { what: "bullmq", pattern: /"bullmq/, owner: ["src/jobs/redis"] },
  { what: "ioredis", pattern: /"ioredis/, owner: ["src/redis", "src/jobs/redis"] },
  { what: "prom-client", pattern: /from "prom-client/, owner: ["src/http/operations/metric-families.ts"] },
  { what: "process.env", pattern: /process\.env|Bun\.env/, owner: ["src/config"] },
  {
    what: "building addresses of pages",
    pattern: /\/(organizations|account)(\/[a-z-]+)*\/\$\{|\}\/(repositories|packages)\/\$\{/,
    owner: ["templates/paths.ts", "src/registry", "src/cli"],
  },
  { what: "naming actors", pattern: /`user:\$\{/, owner: ["src/store/organizations/activity.ts"] },
  { what: "fetch", pattern: /(?<![.\w])fetch\(/, owner: ["src/outbound"] },
];

/** Names that this house gave to things which the field has words for, and the floors that are free of them. */
const formerNames = ["told", "asked", "heard", "amiss", "said", "begun"];
const bannedNames: { folder: string; names: string[] }[] = [
  {
    folder: "src/http",
    names: [...formerNames, "given", "shown", "gate", "admission", "doors", "errand", "trip"],
  },
  {
    folder: "src/registry",
    names: [...formerNames, "given", "words", "errand", "trip", "listened", "look", "mood", "crew", "crews"],
  },
  {
    folder: "src/store",
    names: [...formerNames, "given", "words", "errand", "trip", "look", "tell", "mostRows"],
  },
  { folder: "templates", names: [...formerNames, "words", "wordsOf", "shown", "given", "look", "proven"] },
];

/** Migrations excepted, which are a list. */
const mostFilesInFolder = 36;
const mostTestsInFolder = 30;

const sources = [...new Glob("{src,templates}/**/*.{ts,tsx}").scanSync(root)].toSorted();

describe("the house", () => {
  test("has rooms for every file", () => {
    expect(sources.length).toBeGreaterThan(50);
    const roofless = sources.filter((file) => !ruleFor(file) && !groundFloor.has(file));
    expect(roofless).toEqual([]);
  });

  test("lets data flow one way", () => {
    const breaches = sources.flatMap((file) => importsOf(file).flatMap((target) => breachOf(file, target)));
    expect(breaches).toEqual([]);
  });

  for (const { what, pattern, owner } of owners)
    test(`leaves ${what} to ${owner.join(" and ")}`, async () => {
      const users: string[] = [];
      for (const file of sources)
        if (!owner.some((place) => isIn(file, place)) && pattern.test(withoutComments(await read(file))))
          users.push(file);
      expect(users).toEqual([]);
    });

  test("notices a breach", () => {
    const value = (target: string) => ({ target, isType: false });
    expect(breachOf("src/composer/version.ts", value("src/store/engine/database.ts"))).toHaveLength(1);
    expect(breachOf("src/registry/syncs/sync.ts", value("elysia"))).toHaveLength(1);
    expect(breachOf("src/registry/syncs/sync.ts", value("src/http/server.ts"))).toHaveLength(1);
  });

  test("lets templates know the shapes of the registry, and nothing else of it", () => {
    const breaches = (statement: string) =>
      importsIn(statement, "tsx").flatMap((each) => breachOf("templates/jobs/board.tsx", each));
    expect(breaches('import type { JobBoard } from "src/registry/jobs/board.ts";')).toEqual([]);
    expect(breaches('import { type A, type B } from "src/registry/jobs/board.ts";')).toEqual([]);
    expect(breaches('export type { A } from "src/registry/jobs/board.ts";')).toEqual([]);
    expect(breaches('import { jobBoard } from "src/registry/jobs/board.ts";')).toHaveLength(1);
    expect(breaches('import { jobBoard, type A } from "src/registry/jobs/board.ts";')).toHaveLength(1);
    expect(breaches('import type { JobRow } from "src/store/schema.ts";')).toHaveLength(1);
    expect(breaches('import type { App } from "src/app.ts";')).toHaveLength(1);
    expect(breaches('const { jobBoard } = await import("src/registry/jobs/board.ts");')).toHaveLength(1);
  });

  test("has no circle among the folders of the registry", () => {
    const found = circlesAmong(
      sources
        .filter((file) => isIn(file, "src/registry"))
        .flatMap((file) => importsOf(file).map(({ target }) => [roomOf(file), roomOf(target)] as const)),
    );
    expect(found).toEqual([]);
  });

  test("notices a circle, however long", () => {
    const around = [
      ["syncs", "packages"],
      ["packages", "credentials"],
      ["credentials", "syncs"],
      ["tokens", "syncs"],
    ] as const;
    expect(circlesAmong(around)).toEqual(["credentials", "packages", "syncs"]);
    expect(circlesAmong(around.slice(1))).toEqual([]);
  });

  test("has no circle among files, tests included, also not of types alone", () => {
    const files = [...sources, ...new Glob("{tests,bench}/**/*.{ts,tsx}").scanSync(root)];
    const pairs = files.flatMap((file) => importsOf(file).map(({ target }) => [file, target] as const));
    expect(circlesAmong(pairs)).toEqual([]);
  });

  test("exports nothing that no other file imports", () => {
    const others = new Glob("{tests,bench}/**/*.{ts,tsx}").scanSync(root);
    const everywhere = [...sources, ...others, "build.ts", "dev.ts"];
    const imported = importedNames(everywhere.map((file) => [file, readFileSync(join(root, file), "utf8")]));
    const lonely = sources
      .filter((file) => !namedByTools.has(file) && !isIn(file, "src/store/migrations"))
      .flatMap((file) =>
        exportedNames(readFileSync(join(root, file), "utf8")).map((name) => `${file} ${name}`),
      )
      .filter((each) => !imported.has(each) && !imported.has(each.replace(/ .*/, " *")));
    expect(lonely).toEqual([]);
  });

  test("notices an export that nobody imports", () => {
    expect(exportedNames("export type A = B;\nexport async function b() {}\nconst c = 1;")).toEqual([
      "A",
      "b",
    ]);
    const found = importedNames([
      ["src/a/b.ts", 'import { type A, b as c } from "../c.ts";\nexport { d } from "./d.ts";'],
      ["src/e.ts", 'const { f } = await import("./a/f.ts");'],
    ]);
    expect([...found]).toEqual(["src/c.ts A", "src/c.ts b", "src/a/d.ts d", "src/a/f.ts *"]);
  });

  test("has no folder in which one has to search", () => {
    const files = [...new Glob("{src,templates,tests,bench}/**/*.{ts,tsx}").scanSync(root)];
    const perFolder = Map.groupBy(files, dirname);
    const isLong = ([folder, inside]: [string, string[]]) =>
      inside.length > (isIn(folder, "tests") ? mostTestsInFolder : mostFilesInFolder) &&
      folder !== "src/store/migrations";
    expect([...perFolder].filter(isLong).map(([folder]) => folder)).toEqual([]);
  });

  test("gives files that belong together a folder, at the root of each floor", () => {
    expect(floors.flatMap((floor) => siblingsAt(floor, sources))).toEqual([]);
  });

  test("notices files that belong together", () => {
    const files = ["src/http/sign-in.ts", "src/http/sign-up.ts", "src/http/pages.ts", "src/http/page.ts"];
    expect(siblingsAt("src/http", files)).toEqual(["src/http/sign-in.ts and src/http/sign-up.ts"]);
    const nested = ["src/http/live/job-changes.ts", "src/http/live/job-events.ts"];
    expect(siblingsAt("src/http", nested)).toEqual([]);
  });

  for (const { folder, names } of bannedNames)
    test(`says request, entry and problem in ${folder}, and none of its former words`, async () => {
      const found: string[] = [];
      for (const file of sources.filter((each) => isIn(each, folder)))
        for (const name of namesIn(await read(file)))
          if (names.includes(name)) found.push(`${file}: ${name}`);
      expect(found).toEqual([]);
    });

  test("finds names, and not what stands in sentences", () => {
    expect(namesIn("const told = `${words} are given`; // asked")).toEqual(["const", "told", "words"]);
    expect(namesIn("<Part look={said}>is shown</Part>")).toContain("look");
    expect(namesIn("<Part>Tokens are shown once</Part>")).not.toContain("shown");
    expect(namesIn('f({ heard: "proven" })')).toEqual(["f", "heard"]);
    expect(namesIn("f(\n  a,\n  ...begun,\n);\nrow.amiss;")).toEqual(["f", "a", "begun", "row", "amiss"]);
  });

  test("has no rooms without a meaning", () => {
    const vague = sources.filter((file) =>
      /(^|\/)(utils?|helpers?|common|shared|lib|types)(\/|\.tsx?$)/.test(file),
    );
    expect(vague).toEqual([]);
  });
});

const floors = ["src/http", "src/http/pages", "src/registry", "src/store", "templates"];

/** Files right below the floor whose names begin with the same word. */
function siblingsAt(floor: string, files: string[]): string[] {
  const wordOf = (file: string) => /^[a-z]+/.exec(file.slice(floor.length + 1))?.[0] ?? "";
  const atRoot = files.filter((file) => dirname(file) === floor);
  return atRoot.flatMap((file, at) =>
    atRoot.slice(at + 1).flatMap((other) => (wordOf(file) === wordOf(other) ? [`${file} and ${other}`] : [])),
  );
}

/** Beside the rooms: what they all stand on. */
const groundFloor = new Set([
  "src/duration.ts",
  "src/embedded-json.ts",
  "src/net.ts",
  "src/turns.ts",
  "src/hangup.ts",
  "src/log-file.ts",
  "src/log-sums.ts",
  "src/printable.ts",
  "src/errors.ts",
  "src/remedy.ts",
  "src/log.ts",
  "src/secrets.ts",
  "src/yielding.ts",
]);

/** Files whose exports are named by the compiler, or by a plugin of the build. */
const namedByTools = new Set(["templates/jsx/jsx-runtime.ts", "src/git/native-pack.ts"]);

/** Names that a source declares and exports in one. */
function exportedNames(source: string): string[] {
  const declared =
    /^export\s+(?:async\s+)?(?:(?:abstract\s+)?class|type|interface|const|let|function\*?)\s+(\w+)/gm;
  return [...source.matchAll(declared)].map(([, name = ""]) => name);
}

/** `src/c.ts name` for each name that a file imports or exports again, `src/c.ts *` for a whole file. */
function importedNames(files: (readonly [file: string, source: string])[]): Set<string> {
  const found = new Set<string>();
  for (const [file, source] of files) {
    const add = (target: string, name: string) => found.add(`${join(dirname(file), target)} ${name}`);
    for (const [, names = "", target = ""] of source.matchAll(
      /^(?:import|export)\s+(?:type\s+)?([^;"'=]*?)\s*from "(\.[^"]+)"/gm,
    ))
      for (const name of names.replace(/[{}]/g, "").split(","))
        if (name.trim() !== "") add(target, /^\*|\w+/.exec(name.trim().replace(/^type\s+/, ""))?.[0] ?? "");
    for (const [, target = ""] of source.matchAll(/import\("(\.[^"]+)"\)/g)) add(target, "*");
  }
  return found;
}

/** A folder of the registry, or a file that stands beside them. */
function roomOf(file: string): string {
  return file.startsWith("src/registry/") ? (file.split("/")[2] ?? "") : "";
}

/** Every room that leads back to itself by way of another one. */
function circlesAmong(edges: readonly (readonly [string, string])[]): string[] {
  const targets = Map.groupBy(
    edges.filter(([from, to]) => from !== to && to !== ""),
    ([from]) => from,
  );
  const reach = (room: string, seen: Set<string>): Set<string> => {
    for (const [, to] of targets.get(room) ?? []) if (!seen.has(to)) reach(to, seen.add(to));
    return seen;
  };
  return [...targets.keys()].filter((room) => reach(room, new Set()).has(room)).toSorted();
}

function ruleFor(file: string): Rule | undefined {
  return rules.find(({ folder }) => isIn(file, folder));
}

function breachOf(file: string, { target, isType }: Import): string[] {
  const rule = ruleFor(file);
  if (!rule) return [];
  const isLocal = target.startsWith("src/") || target.startsWith("templates/") || target === "package.json";
  const places = [...rule.mayImport, ...(isType ? (rule.mayImportTypes ?? []) : [])];
  const allowed = isLocal
    ? places.some((place) => isIn(target, place))
    : rule.packages.some(
        (name) => target === name || target.startsWith(name.endsWith(":") ? name : `${name}/`),
      );
  return allowed ? [] : [`${file} imports ${target}`];
}

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), "utf8");
  return importsIn(source, file.endsWith("x") ? "tsx" : "ts").map(({ target, isType }) => ({
    target: target.startsWith(".") ? relative(root, join(root, dirname(file), target)) : target,
    isType,
  }));
}

/** An import of types alone is one that says so, for the whole statement or for each name. */
function importsIn(source: string, loader: "ts" | "tsx"): Import[] {
  const statements = [
    ...source.matchAll(/^(?:import|export)\s+(type\s+)?([^;"'=]*?)\s*from "([^"]+)"/gm),
  ].map(([, whole, names = "", target = ""]): Import => ({
    target,
    isType: whole !== undefined || /^\{(\s*type\s+[\w\s]+,?)+\s*\}$/.test(names),
  }));
  const others = new Bun.Transpiler({ loader })
    .scanImports(source)
    .map(({ path }) => path)
    .filter((path) => source.includes(`"${path}"`)) // The JSX runtime is added by the compiler.
    .filter((path) => statements.every(({ target }) => target !== path))
    .map((target) => ({ target, isType: false }));
  return [...statements, ...others];
}

/** The identifiers of a source, without comments, strings and the text between tags. */
function namesIn(source: string): string[] {
  const code = withoutComments(source)
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replace(/`(?:[^`\\]|\\.)*`/g, (template) =>
      [...template.matchAll(/\$\{([^}]*)\}/g)].map(([, code]) => code).join(" "),
    )
    .replace(/(?<!=)>[^<>{}()=;]+</g, "><")
    .replace(/\}[^<>{}()=;]+</g, "}<");
  return code.match(/(?<![\w$-])[A-Za-z_$][\w$]*(?!-)/g) ?? [];
}

function isIn(file: string, place: string): boolean {
  return file === place || file.startsWith(`${place}/`);
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

function read(file: string): Promise<string> {
  return Bun.file(join(root, file)).text();
}
