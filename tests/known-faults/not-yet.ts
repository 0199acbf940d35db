// Known faults that have no test yet, and why.
export const notYet: Record<string, string> = {};
