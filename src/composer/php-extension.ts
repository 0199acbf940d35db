// The php-ext field of packages that are PHP extensions, by the rules of Composer's ValidatingArrayLoader.
import type { Json } from "./json.ts";
import { type Field, inside, type JsonMap, leaveOut, mapOf, refuse } from "./field.ts";

export type PhpExtension = Record<string, Json>;

const OS_FAMILIES = ["windows", "bsd", "darwin", "solaris", "linux", "unknown"];
const DOWNLOAD_METHODS = ["composer-default", "pre-packaged-source", "pre-packaged-binary"];
const SIMPLE_MEMBERS = {
  "extension-name": "string",
  priority: "number",
  "support-zts": "boolean",
  "support-nts": "boolean",
  "build-path": "string",
};

/** Throws ManifestError for what Composer refuses. */
export function readPhpExtension(value: Json, field: Field): PhpExtension | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  for (const [key, type] of Object.entries(SIMPLE_MEMBERS)) checkMember(map, key, type, field);
  if (map["os-families"] !== undefined && map["os-families-exclude"] !== undefined) {
    refuse(field, "must not have both os-families and os-families-exclude");
  }
  checkChoices(map["os-families"], inside(field, "os-families"), OS_FAMILIES);
  checkChoices(map["os-families-exclude"], inside(field, "os-families-exclude"), OS_FAMILIES);
  const methods = map["download-url-method"];
  const methodList = typeof methods === "string" ? [methods] : methods;
  checkChoices(methodList, inside(field, "download-url-method"), DOWNLOAD_METHODS);
  checkOptions(map["configure-options"], inside(field, "configure-options"));
  return map;
}

function checkChoices(value: Json | undefined, field: Field, choices: string[]): void {
  if (value === undefined) return;
  const isChoice = (item: Json): boolean => typeof item === "string" && choices.includes(item);
  if (Array.isArray(value) && value.length > 0 && value.every(isChoice)) return;
  refuse(field, `must be a list of at least one of ${choices.join(", ")}`);
}

function checkOptions(value: Json | undefined, field: Field): void {
  if (value === undefined) return;
  const options = Array.isArray(value) ? value : refuse(field, "must be a list");
  for (const [i, item] of options.entries()) {
    const option: JsonMap = mapOf(item) ?? refuse(inside(field, i), "must be an object");
    if (typeof option.name !== "string") refuse(inside(inside(field, i), "name"), "must be a text");
    checkMember(option, "needs-value", "boolean", inside(field, i));
    checkMember(option, "description", "string", inside(field, i));
  }
}

function checkMember(map: JsonMap, key: string, type: string, field: Field): void {
  if (map[key] !== undefined && typeof map[key] !== type) refuse(inside(field, key), `must be a ${type}`);
}
