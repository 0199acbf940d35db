// Encoders from UTF-8 to the encodings that `working-tree-encoding` may name, with the output of glibc's iconv(3).

/** Answers null for content that the encoding can't represent; such files stay unchanged. */
type Encode = (content: Buffer) => Buffer | null;

const known = new Map<string, Encode | null>();

/** Null for an unknown encoding; its files stay unchanged. */
export function encoderFor(name: string): Encode | null {
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = makeEncoder(
    name.replace(/^UTF(?=\d)/, "UTF-").replace(/^(?:ISO[_-]?)?8859[_-]?(?=\d)/, "ISO-8859-"),
  );
  if (known.size < 100) known.set(name, made);
  return made;
}

function makeEncoder(name: string): Encode | null {
  const unicode = /^UTF-(16|32)(LE|BE)?(-BOM)?$/.exec(name);
  if (unicode) {
    const [, size, end, mark] = unicode;
    const isWide = size === "32";
    return toUnicode({ isWide, isBig: end === "BE", hasMark: end === undefined || mark !== undefined });
  }
  const table = tableOf(name);
  return table && ((content) => throughTable(content, table));
}

const strictly = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(content: Buffer): string | null {
  try {
    return strictly.decode(content);
  } catch {
    return null;
  }
}

function toUnicode({
  isWide,
  isBig,
  hasMark,
}: {
  isWide: boolean;
  isBig: boolean;
  hasMark: boolean;
}): Encode {
  return (content) => {
    const text = textOf(content);
    if (text === null) return null;
    const whole = (hasMark ? "\uFEFF" : "") + text;
    if (!isWide) {
      const bytes = Buffer.from(whole, "utf16le");
      return isBig ? bytes.swap16() : bytes;
    }
    const points = Array.from(whole, (character) => character.codePointAt(0) ?? 0);
    const bytes = Buffer.alloc(points.length * 4);
    for (const [at, point] of points.entries())
      if (isBig) bytes.writeUInt32BE(point, at * 4);
      else bytes.writeUInt32LE(point, at * 4);
    return bytes;
  };
}

/** Maps each character to its bytes. */
type Table = Map<string, number[]>;

function throughTable(content: Buffer, table: Table): Buffer | null {
  const text = textOf(content);
  if (text === null) return null;
  const bytes: number[] = [];
  for (const character of text) {
    const code = table.get(character);
    if (!code) return null;
    bytes.push(...code);
  }
  return Buffer.from(bytes);
}

/** Names that iconv knows and TextDecoder does not, or uses for another encoding. */
const otherNames: Record<string, string> = {
  CP932: "windows-31j",
  SJIS: "shift_jis",
  "SHIFT-JIS": "shift_jis",
  LATIN2: "iso-8859-2",
  LATIN3: "iso-8859-3",
  LATIN4: "iso-8859-4",
  LATIN6: "iso-8859-10",
  LATIN7: "iso-8859-13",
  LATIN8: "iso-8859-14",
  LATIN9: "iso-8859-15",
  "LATIN-9": "iso-8859-15",
  LATIN10: "iso-8859-16",
  CP936: "gbk",
};

function tableOf(name: string): Table | null {
  if (/^(?:ISO-?8859-1|LATIN-?1)$/.test(name)) return rangeTable(256);
  if (/^(?:US-)?ASCII$/.test(name)) return rangeTable(128);
  const label = otherNames[name] ?? name.replace(/^(?:CP|WINDOWS)-?(?=125\d$)/, "windows-").toLowerCase();
  const singleBytes = /^(?:windows-125\d|iso-8859-(?:2|3|4|5|6|7|8|10|13|14|15|16)|koi8-[ru])$/;
  if (!singleBytes.test(label) && !/^(?:shift_jis|windows-31j|euc-jp|euc-kr|gbk|big5)$/.test(label))
    return null;
  const decoder = new TextDecoder(label, { fatal: true });
  const table: Table = new Map();
  const add = (bytes: number[]) => {
    const character = decodedBy(decoder, bytes);
    // The web's tables fill their gaps with control characters; iconv leaves the gaps.
    const isHole = (bytes[0] ?? 0) >= 0x80 && character !== null && /^[\u0080-\u009F]$/.test(character);
    const fits =
      character !== null && Array.from(character).length === 1 && !(isHole && label.startsWith("windows-"));
    if (fits && !table.has(character)) table.set(character, bytes);
  };
  for (let byte = 0; byte < 256; byte++) add([byte]);
  if (!singleBytes.test(label))
    for (let lead = 0x81; lead < 0xff; lead++)
      for (let trail = 0x40; trail < 0xff; trail++) add([lead, trail]);
  return table;
}

function rangeTable(size: number): Table {
  return new Map(Array.from({ length: size }, (_, code) => [String.fromCharCode(code), [code]]));
}

function decodedBy(decoder: TextDecoder, bytes: number[]): string | null {
  try {
    return decoder.decode(new Uint8Array(bytes));
  } catch {
    return null;
  }
}
