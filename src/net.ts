// node:net when it is first asked for: with all that it brings along, importing it takes a tenth of a start, and a start
// looks at no address.

import type * as Net from "node:net";

/** As in node:net. */
export function isIP(text: string): number {
  return net().isIP(text);
}

export function net(): typeof Net {
  return require("node:net");
}
