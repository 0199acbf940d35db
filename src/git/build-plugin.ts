// A bundler plugin for build.ts: patches native-pack.ts into isomorphic-git, and leaves ssh2's native add-ons out of
// the executable. The library's version is pinned; a replacement that does not match exactly once fails the build.

import type { BunPlugin } from "bun";
import { join } from "node:path";

export const gitBuildPlugin: BunPlugin = {
  name: "git",
  setup(build) {
    let patched = 0;
    build.onLoad({ filter: /isomorphic-git[\\/]index\.cjs$/ }, async ({ path }) => {
      patched++;
      return { contents: patchIsomorphicGit(await Bun.file(path).text()), loader: "js" };
    });
    // ssh2 tries to load them and works without them.
    build.onResolve({ filter: /^cpu-features$|sshcrypto\.node$/ }, ({ path }) => ({
      path,
      namespace: "left-out",
    }));
    build.onLoad({ filter: /./, namespace: "left-out" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of this executable`)});`,
      loader: "js",
    }));
    build.onEnd(() => {
      if (patched !== 1)
        throw new Error(`isomorphic-git/index.cjs was loaded ${patched} times instead of once`);
    });
  },
};

export function patchIsomorphicGit(source: string): string {
  return replacements.reduce(replaceOnce, source);
}

type Replacement = { what: string; from: RegExp; to: string };

function replaceOnce(source: string, { what, from, to }: Replacement): string {
  const found = source.match(new RegExp(from.source, `${from.flags}g`))?.length ?? 0;
  if (found !== 1) throw new Error(`isomorphic-git: ${what} was found ${found} times instead of once`);
  return source.replace(from, () => to);
}

const native = JSON.stringify(join(import.meta.dir, "native-pack.ts"));

const replacements: Replacement[] = [
  {
    what: "the import of pako",
    from: /var pako = _interopDefault\(require\('pako'\)\);/,
    to: `var native = require(${native}); var pako = { inflate: native.inflate, deflate: require('zlib').deflateSync };`,
  },
  {
    what: "the import of crc-32",
    from: /var crc32 = _interopDefault\(require\('crc-32'\)\);/,
    to: "var crc32 = { buf: (bytes) => native.crc32(bytes) };",
  },
  {
    what: "the import of SHA-1",
    from: /var Hash = _interopDefault\(require\('sha\.js\/sha1\.js'\)\);/,
    to: "var Hash = function () { return require('crypto').createHash('sha1') };",
  },
  {
    what: "SHA-1 of a buffer",
    from: /async function shasum\(buffer\) \{[^}]*\}\s*return supportsSubtleSHA1[^}]*\}/,
    to: "async function shasum(buffer) { return native.sha1(buffer) }",
  },
  {
    what: "reading the objects of a pack",
    from: /const inflator = new pako\.Inflate\(\);\s*while \(!inflator\.result\) \{[\s\S]*?\n {4}\}\n/,
    to: `const chunk = await reader.chunk();
    if (!chunk) break
    const { data, consumed } = await native.inflateNext(chunk, length);
    await reader.undo();
    await reader.read(consumed);
    const end = reader.tell();
    if (data) await onData({ data, type, num: numObjects, offset, end, reference, ofs });
`,
  },
  {
    what: "the bytes of an offset that is read ahead",
    from: /ofs \|= \(byte & 0b01111111\) << shift;\s*shift \+= 7;\s*bytes\.push\(byte\);/,
    to: "bytes.push(byte); native.expectShortOffset(bytes.length);",
  },
  {
    what: "a delta that is read ahead",
    from: /const resolved = resolveInflated\(/,
    to: `if (type === 'ofs-delta') native.expectEarlier(offset - decodeVarInt(new BufferCursor(reference)), offset);
      const resolved = resolveInflated(`,
  },
  {
    what: "the base of a delta",
    from: /const baseOffset = start - offset\s/,
    to: "const baseOffset = native.expectEarlier(start - offset, start);\n",
  },
  {
    what: "an object that cannot be read",
    from: /\} catch \(err\) \{\s*continue\s*\}\s*\}\s*hashes\.push\(o\.oid\);/,
    to: "} catch (err) { native.markUnreadable(p, offset); continue } }\n      hashes.push(o.oid);",
  },
  {
    what: "the reading of an object at its place",
    from: /async readSlice\(\{ start \}\) \{/,
    to: "async readSlice({ start }) {\n    native.expectReadable(this, start);",
  },
  {
    what: "the reading of an object by its name",
    from: /async read\(\{ oid \}\) \{\s*if \(!this\.offsets\.get\(oid\)\) \{/,
    to: `async read(wanted) { return native.withinChain(this, () => this.readNamed(wanted)) }
  async readNamed({ oid }) {
    if (!this.offsets.get(oid)) {`,
  },
  {
    what: "the size of what a delta makes",
    from: /const targetSize = readVarIntLE\(reader\);\s*let target;/,
    to: `const targetSize = readVarIntLE(reader);
  if (targetSize < 0 || targetSize > native.largestObjectBytes) throw native.tooLarge();
  let target;`,
  },
  {
    what: "the writer of the pack index",
    from: /async toBuffer\(\) \{\s*const buffers = \[\];\s*const write = [\s\S]*?return Buffer\.concat\(\[totalBuffer, shaBuffer\]\)\s*\}/,
    to: "async toBuffer() { return native.writePackIndex(this) }",
  },
  {
    what: "the copy of the pack that is indexed",
    from: /if \(value\) \{\s*value = Buffer\.from\(value\);\s*\}/,
    to: "if (value && !Buffer.isBuffer(value)) { value = Buffer.from(value); }",
  },
  {
    what: "the memory of objects that were read",
    from: /this\.offsetCache = \{\};/,
    to: "this.offsetCache = new ObjectCache(2 * RESOLVE_CACHE_BYTES);",
  },
  {
    what: "a look into that memory",
    from: /if \(this\.offsetCache\[start\]\) \{\s*return Object\.assign\(\{\}, this\.offsetCache\[start\]\)\s*\}/,
    to: "const known = this.offsetCache.get(start); if (known) return { ...known };",
  },
  {
    what: "an addition to that memory",
    from: /if \(this\.readDepth > 3\) \{[^}]*this\.offsetCache\[start\] = (\{[^}]*\});\s*\}/,
    to: "this.offsetCache.set(start, { type, object });",
  },
  {
    what: "the copy of every file that is read",
    from: /if \(typeof buffer !== 'string'\) \{\s*buffer = Buffer\.from\(buffer\);\s*\}/,
    to: "if (typeof buffer !== 'string' && !Buffer.isBuffer(buffer)) { buffer = Buffer.from(buffer); }",
  },
];
