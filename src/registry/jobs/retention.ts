// How long failed jobs are stored. Done jobs are stored for a day.

export const failedKeptDays = 30;
/** The most failed jobs of a name, and as many dead ones. */
export const failedKept = 2000;
