// `public/` and htmx with content-hashed addresses, from the binary when compiled: all styles as one file, all scripts
// as one, each compressed once.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, parse } from "node:path";
import htmx from "htmx.org/dist/htmx.min.js" with { type: "file" };
import { compress, encodingFor, type Encoding } from "./compression.ts";

const types: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  woff2: "font/woff2",
};

/** In their order, before the parts in the order of their names; the first names the layers. */
const styles = ["tokens", "base", "frame"];
/** In their order: the first decides whether a form may be sent. */
const scripts = [
  "unreachable",
  "copy",
  "dialogs",
  "confirm-name",
  "menus",
  "palette",
  "one-time-code",
  "theme",
  "busy",
  "ticks",
  "toasts",
  "scripted",
  "kept-text",
  "current-tab",
  "wrong-field",
  "address",
  "passkeys",
  "live",
];

type PublicFiles = {
  /** `icons.svg` → `/assets/icons.1a2b3c4d5e.svg`; `app.css` and `app.js` are all styles and all scripts. */
  address(name: string): string;
  answer(path: string, request?: Request): Promise<Response> | null;
};

type File = { address: string; body: Uint8Array<ArrayBuffer>; type: string; isText: boolean };

export function readPublicFiles(): PublicFiles {
  const addresses = new Map<string, string>();
  const files = new Map<string, File>();
  for (const [name, body] of bodies(addressed(addresses))) {
    const [base = name, extension = ""] = name.split(/\.(?=[^.]+$)/);
    const address = `/assets/${base}.${hashOf(body)}.${extension}`;
    addresses.set(name, address);
    const type = types[extension] ?? "application/octet-stream";
    files.set(address, { address, body, type, isText: extension !== "woff2" });
  }
  return {
    address: (name) => addresses.get(name) ?? `/assets/${name}`,
    answer(path, request) {
      const file = files.get(path);
      return file ? answerOf(file, request) : null;
    },
  };
}

async function answerOf(file: File, request?: Request): Promise<Response> {
  const headers = new Headers({
    "Content-Type": file.type,
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
  });
  if (!file.isText) return new Response(file.body, { headers });
  headers.set("Vary", "Accept-Encoding");
  const encoding = request ? encodingFor(request) : null;
  if (encoding === null) return new Response(file.body, { headers });
  headers.set("Content-Encoding", encoding);
  return new Response(await smallOf(file, encoding), { headers });
}

type Small = Promise<Uint8Array<ArrayBuffer>>;
const smalls = new Map<string, Small>();

/** Once for this process, however often its files are read. */
function smallOf({ address, body }: File, encoding: Encoding): Small {
  const key = `${encoding} ${address}`;
  const compressing = smalls.get(key) ?? compress(body, encoding, "once");
  smalls.set(key, compressing);
  return compressing;
}

/** The files that others name come first. */
function* bodies(
  address: (text: string) => string,
): Generator<[name: string, body: Uint8Array<ArrayBuffer>]> {
  const directory = join(import.meta.dir, Bun.isStandaloneExecutable ? "public" : "../../public");
  const text = (name: string) => withoutComments(readFileSync(join(directory, name), "utf8"));
  for (const { name } of readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile()))
    yield [name, new Uint8Array(readFileSync(join(directory, name)))];
  const parts = namesIn(join(directory, "css/parts")).map((name) => `parts/${name}`);
  const css = [...styles, ...parts].map((name) => text(`css/${name}.css`));
  yield ["app.css", bytesOf(address(css.join("\n")))];
  // Each has its own names.
  const own = (name: string) => `(() => {\n${text(`js/${name}.js`)}})();`;
  yield ["app.js", bytesOf([readFileSync(htmx, "utf8"), ...scripts.map(own)].join("\n"))];
}

/** Comments and indentation are for those who read the source. Both stand on lines of their own. */
function withoutComments(source: string): string {
  return source.replaceAll(/^\s*(\/\/.*|\/\*[^]*?\*\/)$/gm, "").replaceAll(/\n\s+/g, "\n");
}

/** Without their extension and in their order, so that `table` comes before `table-entries`. */
function namesIn(directory: string): string[] {
  return readdirSync(directory)
    .map((file) => parse(file).name)
    .toSorted();
}

/** `url("geist.woff2")` of a style sheet becomes the address of that file. */
function addressed(addresses: Map<string, string>): (css: string) => string {
  return (css) =>
    css.replaceAll(/url\("([\w.-]+)"\)/g, (_, name: string) => `url("${addresses.get(name) ?? name}")`);
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function hashOf(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex").slice(0, 10);
}
