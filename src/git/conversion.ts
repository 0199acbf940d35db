// Converts file contents as .gitattributes says when they leave git: `ident`, line endings, `working-tree-encoding` and
// `export-subst`, in the order of `git archive` with git's default configuration.

import type { AttributeValue } from "./attributes.ts";
import { encoderFor } from "./encodings.ts";

export type Conversion = {
  /** Equal for files with the same conversion. */
  key: string;
  ident: boolean;
  /** `auto` skips binary files and files that contain a carriage return. */
  crlf: "always" | "auto" | null;
  encoding: string | null;
  /** `$Format:…$` is filled in from the commit, after every other conversion. */
  subst: boolean;
};

/** The key of files with no conversion, or none but `export-subst`. */
export const plainKey = " ";

/** Null for a file that stays unchanged. */
export function conversionOf(attributes: Map<string, AttributeValue>): Conversion | null {
  if (attributes.size === 0) return null;
  const ident = attributes.get("ident") === true;
  const subst = attributes.get("export-subst") === true;
  const crlf = lineEndsOf(attributes);
  const named = attributes.get("working-tree-encoding");
  const encoding = typeof named === "string" && !/^(?:utf-?8)?$/i.test(named) ? named.toUpperCase() : null;
  if (!ident && !subst && crlf === null && encoding === null) return null;
  return {
    key: `${ident ? "ident " : ""}${crlf ?? ""}${plainKey}${encoding ?? ""}`,
    ident,
    crlf,
    encoding,
    subst,
  };
}

/** `text` as git reads it; `crlf` is its former name. */
function lineEndsOf(attributes: Map<string, AttributeValue>): Conversion["crlf"] {
  const text = textOf(attributes.get("text")) ?? textOf(attributes.get("crlf"));
  if (text === "binary") return null;
  const eol = attributes.get("eol");
  if (eol !== "crlf") return null;
  return text === "auto" ? "auto" : "always";
}

function textOf(value: AttributeValue | undefined): "text" | "binary" | "auto" | "input" | null {
  if (value === true) return "text";
  if (value === false) return "binary";
  return value === "auto" || value === "input" ? value : null;
}

/** `object` is the object name of `content`. Applies everything but `export-subst`, which differs between commits. */
export function convert(content: Buffer, { ident, crlf, encoding }: Conversion, object: string): Buffer {
  if (content.length === 0) return content;
  let bytes = content;
  if (ident) bytes = withIdent(bytes, object);
  if (crlf !== null && (crlf === "always" || isPlainText(bytes))) bytes = withCarriageReturns(bytes);
  const encode = encoding === null ? null : encoderFor(encoding);
  return encode ? (encode(bytes) ?? bytes) : bytes;
}

/** Expands `$Id$`, also one that was expanded before; one of another system, with spaces inside, stays. */
function withIdent(content: Buffer, object: string): Buffer {
  if (!content.includes("$Id")) return content;
  const text = content.toString("latin1");
  let filled = "";
  let at = 0;
  for (let dollar = text.indexOf("$"); dollar >= 0; dollar = text.indexOf("$", at)) {
    filled += text.slice(at, dollar + 1);
    at = dollar + 1;
    const end = endOfIdent(text, at);
    if (end === null) continue;
    filled += `Id: ${object} $`;
    at = end;
  }
  return Buffer.from(filled + text.slice(at), "latin1");
}

/** The position after `Id$` or `Id:…$` at `at`; null when there is neither. */
function endOfIdent(text: string, at: number): number | null {
  if (text.startsWith("Id$", at)) return at + 3;
  if (!text.startsWith("Id:", at)) return null;
  const close = text.indexOf("$", at + 3);
  if (close < 0) return null;
  const value = text.slice(at + 3, close);
  const space = value.indexOf(" ", 1);
  const isForeign = value.includes("\n") || (space >= 0 && space < value.length - 1);
  return isForeign ? null : close + 1;
}

function withCarriageReturns(content: Buffer): Buffer {
  if (!content.includes(0x0a)) return content;
  return Buffer.from(content.toString("latin1").replace(/(?<!\r)\n/g, "\r\n"), "latin1");
}

/** git's test for text, which here also requires that there is no carriage return. */
function isPlainText(content: Buffer): boolean {
  let printable = 0;
  let other = 0;
  for (const byte of content) {
    if (byte === 0x0d || byte === 0) return false;
    if (byte === 0x0a) continue;
    const isControl = byte === 127 || (byte < 32 && ![0x08, 0x09, 0x0c, 0x1b].includes(byte));
    if (isControl) other++;
    else printable++;
  }
  if (content.at(-1) === 0x1a) other--;
  return printable >> 7 >= other;
}
