// Known faults that have no test yet, and why.
export const notYet: Record<string, string> = {
  FU15: "in work",
  FU18: "in work",
  FU19: "in work",
  FU24: "in work",
  FU27: "in work",
  FU30: "in work",
  FU42: "in work",
  FU45: "in work",
  FU49: "in work",
};
