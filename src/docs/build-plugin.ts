// For build.ts: renders docs/ into the executable.
import type { BunPlugin } from "bun";
import { join } from "node:path";
import { renderDocs } from "./render.ts";

export const docsBuildPlugin: BunPlugin = {
  name: "docs",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]docs[\\/]pages\.ts$/ }, () => {
      const docs = renderDocs(join(import.meta.dir, "../.."));
      return { contents: `export const docs = ${JSON.stringify(docs)};`, loader: "js" };
    });
  },
};
