// For build.ts: embeds the licenses of the packages that the build has read, and fails when one has none. It stands
// before the other plugins: the first that gives a file's contents is the last that is asked.
import type { BunPlugin } from "bun";
import { join } from "node:path";
import { moduleOf } from "../embedded-json.ts";
import { collectNotices } from "./collect.ts";

export const licensesBuildPlugin: BunPlugin = {
  name: "licenses",
  setup(build) {
    const read = new Set<string>();
    build.onLoad({ filter: /[\\/]node_modules[\\/]/ }, ({ path }) => {
      read.add(path);
      // Left to the other plugins, and to Bun.
      return undefined;
    });
    build.onLoad({ filter: /[\\/]src[\\/]licenses[\\/]notices\.ts$/ }, async ({ defer }) => {
      await defer();
      const notices = collectNotices(join(import.meta.dir, "../.."), read);
      return { contents: moduleOf("notices", notices), loader: "js" };
    });
  },
};
