// How long jobs are kept that failed; what was done is kept for a day.

export const failedKeptDays = 30;
/** Failed ones of a name, and as many that are dead. */
export const failedKept = 2000;
