// What is inside the executable, and under which license: collected while it is built.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export type Notice = { name: string; version: string | null; license: string; text: string | null };

/** `files` are what went into the executable; those of packages count. Fails when one of them has no license. */
export function collectNotices(root: string, files: Iterable<string>): Notice[] {
  const folders = new Set([...files].flatMap((file) => packageFolder(file) ?? []));
  const packages = new Map([...folders].map((folder) => noticeOf(folder)).map((each) => [keyOf(each), each]));
  const sorted = [...packages.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return [...ownNotices(root), ...sorted];
}

const keyOf = ({ name, version }: Notice) => `${name} ${version}`;

/** `…/node_modules/@scope/name` of a file in it; the innermost where packages lie in each other. */
function packageFolder(file: string): string | null {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0] ?? null;
}

type Manifest = { name?: string; version?: string; license?: unknown; licenses?: unknown };

function noticeOf(folder: string): Notice {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const { name = basename(folder), version = null } = manifest;
  const license = licenseNamed(manifest);
  const text = textsIn(folder);
  if (license === null && text === null)
    throw new Error(`${name} has neither a license text nor a license field, so it cannot be shipped.`);
  return { name, version, license: license ?? "see its text", text };
}

/** Older packages have an object, or a list of them. */
function licenseNamed({ license, licenses }: Manifest): string | null {
  const all = [license, licenses].flat().map((each) => {
    const named = typeof each === "object" && each !== null ? (each as { type?: unknown }).type : each;
    return typeof named === "string" ? named : "";
  });
  return all.filter(Boolean).join(" or ") || null;
}

function textsIn(folder: string): string | null {
  const names = readdirSync(folder).filter((name) => /^(licen[sc]e|copying|notice)/i.test(name));
  const texts = names.toSorted().map((name) => readText(join(folder, name)));
  return texts.length === 0 ? null : texts.join("\n\n");
}

/** Without what a terminal would obey, and without spaces at the ends of lines. */
function readText(path: string): string {
  const text = readFileSync(path, "utf8").replaceAll("\t", "    ").replace(/\r\n?/g, "\n");
  return text
    .replace(/[^\P{C}\n]/gu, "")
    .replace(/ +$/gm, "")
    .trim();
}

/** What comes along without being imported. */
function ownNotices(root: string): Notice[] {
  const versionOf = (name: string) =>
    (JSON.parse(readFileSync(join(root, name, "package.json"), "utf8")) as Manifest).version ?? null;
  const font = { version: null, license: "OFL-1.1" };
  return [
    {
      ...{ name: "Pricore", version: versionOf("."), license: "MIT" },
      text: readText(join(root, "LICENSE")),
    },
    {
      ...{ name: "Bun", version: versionOf("node_modules/bun"), license: "MIT, with LGPL-2 and other parts" },
      text: bunText(root),
    },
    { ...font, name: "Geist", text: readText(join(root, "public/geist-license.txt")) },
    { ...font, name: "Geist Mono", text: readText(join(root, "public/geist-mono-license.txt")) },
    {
      ...{ name: "Lucide", version: versionOf("node_modules/lucide-static"), license: "ISC" },
      text: readText(join(root, "node_modules/lucide-static/LICENSE")),
    },
  ];
}

/** Bun's own page about it, which comes with its types. */
function bunText(root: string): string {
  const page = readText(join(root, "node_modules/bun-types/docs/project/license.mdx"));
  const [, body = page] = /^---\n[\s\S]*?\n---\n([\s\S]*)$/.exec(page) ?? [];
  return [
    "The executable contains the runtime Bun, which links WebKit's JavaScriptCore statically. JavaScriptCore is under",
    "the LGPL-2. Bun documents its parts, their licenses and how to relink it with a changed JavaScriptCore at",
    "https://bun.com/docs/project/license:",
    "",
    body.trim(),
  ].join("\n");
}
