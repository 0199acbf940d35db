// For build plugins: a module that holds a value compressed, and unpacks it when it is loaded.
import { brotliCompressSync } from "node:zlib";

export function moduleOf(name: string, value: unknown): string {
  const packed = brotliCompressSync(JSON.stringify(value)).toString("base64");
  return [
    'import { brotliDecompressSync } from "node:zlib";',
    `export const ${name} = JSON.parse(brotliDecompressSync(Buffer.from("${packed}", "base64")).toString());`,
  ].join("\n");
}
