// Known faults without a test, and the reason.
export const notYet: Record<string, string> = {};
