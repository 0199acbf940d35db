// The licenses of all that is inside the executable. The build puts what it has collected in the place of this: where
// the program runs from source nothing is inside, and node_modules/ has the texts.
import type { Notice } from "./collect.ts";

export const notices: Notice[] = [];
