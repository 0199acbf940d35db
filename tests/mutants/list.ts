// The protections that are removed, one at a time.
import type { Mutant } from "./mutant.ts";
import { networkMutants } from "./network.ts";
import { peopleMutants } from "./people.ts";
import { registryMutants } from "./registry.ts";

export const mutants: Mutant[] = [...networkMutants, ...peopleMutants, ...registryMutants];
