// What .gitattributes makes of a file's content on its way out of git: `ident`, line ends, an encoding of the work tree,
// and `export-subst`, in the order of `git archive`. Its configuration is the one that git has by itself.

import type { AttributeValue } from "./attributes.ts";
import { encoderFor } from "./encodings.ts";

export type Conversion = {
  /** The same for files that are converted alike. */
  key: string;
  ident: boolean;
  /** `auto` leaves alone what is no text or has a carriage return. */
  crlf: "always" | "auto" | null;
  encoding: string | null;
  /** `$Format:…$` is filled in from the commit, after everything else. */
  subst: boolean;
};

/** Of a file whose content is converted in no way but by `export-subst`. */
export const plainKey = " ";

/** null for a file that goes out as it is. */
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

/** `text` as git reads it; `crlf` is what it was called before. */
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

/** `object` is the name of `content` in git. All but `export-subst`, which differs from commit to commit. */
export function convert(content: Buffer, { ident, crlf, encoding }: Conversion, object: string): Buffer {
  if (content.length === 0) return content;
  let bytes = content;
  if (ident) bytes = withIdent(bytes, object);
  if (crlf !== null && (crlf === "always" || isPlainText(bytes))) bytes = withCarriageReturns(bytes);
  const encode = encoding === null ? null : encoderFor(encoding);
  return encode ? (encode(bytes) ?? bytes) : bytes;
}

/** `$Id$`, and one that was filled in before; another system's, with spaces within, stays. */
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

/** Behind `Id$` or `Id:…$` at `at`; null when there is none. */
function endOfIdent(text: string, at: number): number | null {
  if (text.startsWith("Id$", at)) return at + 3;
  if (!text.startsWith("Id:", at)) return null;
  const close = text.indexOf("$", at + 3);
  if (close < 0) return null;
  const given = text.slice(at + 3, close);
  const space = given.indexOf(" ", 1);
  const isForeign = given.includes("\n") || (space >= 0 && space < given.length - 1);
  return isForeign ? null : close + 1;
}

function withCarriageReturns(content: Buffer): Buffer {
  if (!content.includes(0x0a)) return content;
  return Buffer.from(content.toString("latin1").replace(/(?<!\r)\n/g, "\r\n"), "latin1");
}

/** As git tells text from other content, without any carriage return. */
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
