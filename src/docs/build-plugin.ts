// For build.ts: renders docs/ into the executable.
import type { BunPlugin } from "bun";
import { join } from "node:path";
import { moduleOf } from "../embedded-json.ts";
import { renderDocs } from "./render.ts";

export const docsBuildPlugin: BunPlugin = {
  name: "docs",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]docs[\\/]pages\.ts$/ }, () => {
      const docs = renderDocs(join(import.meta.dir, "../.."));
      return { contents: moduleOf("docs", docs), loader: "js" };
    });
  },
};
