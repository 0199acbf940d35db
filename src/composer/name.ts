// Package names: Composer's grammar (ValidatingArrayLoader::hasPackageNamingError) and patterns over names.
import { excerpt } from "./text.ts";

const MAX_LENGTH = 191;
const GRAMMAR = /^[a-z0-9]+(?:[_.-][a-z0-9]+)*\/[a-z0-9]+(?:(?:[_.]|--?)[a-z0-9]+)*$/;
const PLATFORM =
  /^(?:php(?:-64bit|-ipv6|-zts|-debug)?|hhvm|(?:ext|lib)-[a-z0-9]+(?:[_.-][a-z0-9]+)*|composer(?:-(?:plugin|runtime)-api)?)$/i;
const DEVICE = /^(?:nul|con|prn|aux|com[1-9]|lpt[1-9])$/;

/** The reason why this is not a valid package name, for developers; null for a valid one. */
export function packageNameProblem(name: string): string | null {
  const quoted = `"${excerpt(name)}"`;
  if (name.length > MAX_LENGTH) return `${quoted} is longer than ${MAX_LENGTH} characters`;
  if (/[A-Z]/.test(name)) return `${quoted} must be in lower case`;
  if (!GRAMMAR.test(name)) return `${quoted} is not a package name such as acme/blog`;
  const device = name.split("/").find((half) => DEVICE.test(half));
  if (device !== undefined) return `${quoted} uses "${device}", which Windows reserves for a device`;
  if (name.endsWith(".json")) return `${quoted} must not end in .json`;
  return null;
}

export function isPackageName(name: string): boolean {
  return packageNameProblem(name) === null;
}

/** Platform packages (php, ext-*, lib-*, composer-plugin-api …), which no registry serves. */
export function isPlatformPackage(name: string): boolean {
  return name.length <= MAX_LENGTH && PLATFORM.test(name);
}

/** The vendor: the part before the slash, or the whole text without one. */
export function vendorOf(name: string): string {
  return name.split("/", 1)[0]!;
}

/** `*` matches any characters, the slash included; the whole name must match; letter case is ignored. */
export function matchesPattern(pattern: string, name: string): boolean {
  const text = name.toLowerCase();
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let position = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return text.length - last.length >= position && text.endsWith(last);
}
