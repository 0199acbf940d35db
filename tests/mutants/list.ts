// The protections that are removed, one at a time.
import type { Mutant } from "./mutant.ts";
import { faultMutants } from "./faults.ts";
import { networkMutants } from "./network.ts";
import { peopleMutants } from "./people.ts";
import { registryMutants } from "./registry.ts";

export const mutants: Mutant[] = [...faultMutants, ...networkMutants, ...peopleMutants, ...registryMutants];
