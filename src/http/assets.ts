// `public/` with content-hashed addresses, read once at start: from the binary when compiled.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const types: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

export type PublicFiles = {
  /** `pricore.css` → `/assets/pricore.1a2b3c4d5e.css`. */
  address(name: string): string;
  answer(path: string): Response | null;
};

export function readPublicFiles(): PublicFiles {
  const directory = join(import.meta.dir, Bun.isStandaloneExecutable ? "public" : "../../public");
  const addresses = new Map<string, string>();
  const files = new Map<string, { body: Uint8Array<ArrayBuffer>; type: string }>();
  for (const name of readdirSync(directory)) {
    const body = new Uint8Array(readFileSync(join(directory, name)));
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
