// Promises of docs/promises.md that no test holds yet, because what they are about is not there, or cannot be shown here.
export const notYet: Record<string, string> = {
  R3: "a process that is killed leaves the kernel's memory as it is; the loss of power needs a machine to cut off",
  R17: "no file system of another kind can be mounted where the tests run",
  R19: "no test measures how long a backup delays writers",
  R20: "a backup is restored on trial once a week, not every one",
  R29: "a week is not for a run of the tests; `bun run faults --minutes N` goes on for as long as it is told",
};
