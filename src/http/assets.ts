// `public/` and htmx with content-hashed addresses, read once at start: from the binary when compiled.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sse from "htmx.org/dist/ext/hx-sse.min.js" with { type: "file" };
import htmx from "htmx.org/dist/htmx.min.js" with { type: "file" };

const types: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

export type PublicFiles = {
  /** `base.css` → `/assets/base.1a2b3c4d5e.css`; scripts of htmx are `htmx.js` and `hx-sse.js`. */
  address(name: string): string;
  answer(path: string): Response | null;
};

export function readPublicFiles(): PublicFiles {
  const addresses = new Map<string, string>();
  const files = new Map<string, { body: Uint8Array<ArrayBuffer>; type: string }>();
  for (const [name, place] of places()) {
    const body = new Uint8Array(readFileSync(place));
    const [base = name, extension = ""] = name.split(/\.(?=[^.]+$)/);
    const hash = createHash("sha256").update(body).digest("hex").slice(0, 10);
    const address = `/assets/${base}.${hash}.${extension}`;
    addresses.set(name, address);
    files.set(address, { body, type: types[extension] ?? "application/octet-stream" });
  }
  return {
    address: (name) => addresses.get(name) ?? `/assets/${name}`,
    answer(path) {
      const file = files.get(path);
      if (!file) return null;
      return new Response(file.body, {
        headers: {
          "Content-Type": file.type,
          "Cache-Control": "public, max-age=31536000, immutable",
          "X-Content-Type-Options": "nosniff",
        },
      });
    },
  };
}

function places(): [name: string, place: string][] {
  const directory = join(import.meta.dir, Bun.isStandaloneExecutable ? "public" : "../../public");
  const own = readdirSync(directory).map((name): [string, string] => [name, join(directory, name)]);
  return [...own, ["htmx.js", htmx], ["hx-sse.js", sse]];
}
