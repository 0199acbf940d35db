// Reads only the ref names from the body of a verified delivery. They are a hint for pages; a sync compares all refs
// anyway.
import { createHash } from "node:crypto";
import type { ReceivedDelivery } from "./forge.ts";

type Json = Record<string, unknown>;

/** Larger bodies are not parsed: a push of ten thousand commits still names one ref. */
const readBytes = 1024 * 1024;
const refsKept = 20;

/** JSON, or a form with the JSON in `payload`; empty for anything else. */
export function payloadOf({ headers, body }: ReceivedDelivery): Json {
  if (body.length > readBytes) return {};
  const text = new TextDecoder().decode(body);
  const isForm = headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") ?? false;
  try {
    const value: unknown = JSON.parse(isForm ? (new URLSearchParams(text).get("payload") ?? "") : text);
    return asJson(value);
  } catch {
    return {};
  }
}

export function asJson(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

export function asList(value: unknown): Json[] {
  return Array.isArray(value) ? value.slice(0, refsKept).map(asJson) : [];
}

/** Valid ref names below `refs/heads/` and `refs/tags/`. */
export function refsIn(candidates: unknown[]): string[] {
  const refs = candidates.filter(
    (each): each is string =>
      typeof each === "string" && /^refs\/(heads|tags)\/[^\p{C}\p{Z}]{1,200}$/u.test(each),
  );
  return [...new Set(refs)].slice(0, refsKept);
}

/** The full ref name of this kind; null for another kind. */
export function refOf(kind: unknown, name: unknown): string | null {
  if (typeof name !== "string") return null;
  return kind === "tag" ? `refs/tags/${name}` : kind === "branch" ? `refs/heads/${name}` : null;
}

/** The delivery id; a long one is replaced by its digest. */
export function idOf(...candidates: (string | null)[]): string | null {
  const id = candidates.find((each) => each !== null && each !== "") ?? null;
  if (id === null || /^[\x21-\x7e]{1,100}$/.test(id)) return id;
  return createHash("sha256").update(id).digest("hex");
}

/** The forge's event name, safe to show in a table. */
export function eventOf(header: string | null): string {
  return header !== null && /^[\w :.-]{1,60}$/.test(header) ? header : "unknown";
}
