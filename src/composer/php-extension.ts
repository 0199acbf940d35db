// The php-ext field of PHP extensions: Composer passes it on, the installer of extensions reads it.
import { type Field, inside, leaveOut, mapOf } from "./field.ts";
import { type Json, type JsonMap, JsonNumber } from "./json.ts";

const OS_FAMILIES = ["windows", "bsd", "darwin", "solaris", "linux", "unknown"];
const DOWNLOAD_METHODS = ["composer-default", "pre-packaged-source", "pre-packaged-binary"];

type Check = { isGood: (value: Json) => boolean; expected: string };

const text: Check = { isGood: (value) => typeof value === "string", expected: "a text" };
const flag: Check = { isGood: (value) => typeof value === "boolean", expected: "true or false" };

/** The members that Composer's ValidatingArrayLoader knows; all others pass. */
const CHECKS: Record<string, Check> = {
  "extension-name": text,
  priority: { isGood: (value) => value instanceof JsonNumber, expected: "a number" },
  "support-zts": flag,
  "support-nts": flag,
  "build-path": { isGood: (value) => value === null || typeof value === "string", expected: "a text" },
  "os-families": choicesOf(OS_FAMILIES),
  "os-families-exclude": choicesOf(OS_FAMILIES),
  "download-url-method": choicesOf(DOWNLOAD_METHODS, (value) =>
    typeof value === "string" ? [value] : value,
  ),
  "configure-options": { isGood: areOptions, expected: "a list of objects with a name" },
};

/** Invalid members are left out one by one. */
export function readPhpExtension(value: Json, field: Field): JsonMap | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  const kept: JsonMap = new Map();
  for (const [key, member] of map) {
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key] : undefined;
    if (check && !check.isGood(member)) leaveOut(inside(field, key), check.expected);
    else kept.set(key, member);
  }
  if (kept.has("os-families") && kept.delete("os-families-exclude"))
    leaveOut(inside(field, "os-families-exclude"), "absent beside os-families");
  return kept;
}

function choicesOf(choices: string[], listed: (value: Json) => Json = (value) => value): Check {
  const isGood = (value: Json) => {
    const list = listed(value);
    const isChoice = (item: Json) => typeof item === "string" && choices.includes(item);
    return Array.isArray(list) && list.length > 0 && list.every(isChoice);
  };
  return { isGood, expected: `a list of at least one of ${choices.join(", ")}` };
}

function areOptions(value: Json): boolean {
  return Array.isArray(value) && value.every((item) => item instanceof Map && isOption(item));
}

function isOption(option: JsonMap): boolean {
  const needsValue = option.get("needs-value") ?? false;
  const description = option.get("description") ?? "";
  return (
    typeof option.get("name") === "string" &&
    typeof needsValue === "boolean" &&
    typeof description === "string"
  );
}
