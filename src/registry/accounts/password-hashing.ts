// Argon2id of 64 MiB a time. Two at once are all that a small machine bears; the others wait for their turn.
import { unavailable } from "../../errors.ts";
import { createTurns } from "../../turns.ts";
import { formOf, inputsOf, isSha512Of } from "./password-forms.ts";

const atOnce = 2;
/** Longer than this nobody waits: that many seconds of hashing are an attack, or a machine that is too small. */
const longestQueue = 40;
/** Of a password that nobody has: an unknown address takes as long as a known one. */
const nobodysHash =
  "$argon2id$v=19$m=65536,t=3,p=1$cHJpY29yZS1ub2JvZHktMDE$Zc1vvxEYbBbLmPQMCYRj5mJgVdVHJ7QJcVgFbFz4m2s";

/** More is no password; it is not cut off either. */
export const longestPasswordBytes = 1024;

const turns = createTurns(atOnce);
/** Those that run and those that wait. */
let pending = 0;

export function hashOf(password: string): Promise<string> {
  return inTurn(() =>
    Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 65_536, timeCost: 3 }),
  );
}

/** Takes the same time whether or not there is a hash to compare with; never fails for the form of a hash. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const isPossible = password !== "" && Buffer.byteLength(password) <= longestPasswordBytes;
  const form = hash === null ? null : formOf(hash);
  if (!isPossible || hash === null || form === null || form === "sha512") {
    await verify(isPossible ? Buffer.from(password) : Buffer.from("nobody's password"), nobodysHash);
    return isPossible && hash !== null && form === "sha512" && isSha512Of(password, hash);
  }
  for (const input of inputsOf(password, hash)) if (await verify(input, hash)) return true;
  return false;
}

function verify(input: Uint8Array, hash: string): Promise<boolean> {
  // What the patterns let through and the library does not take is wrong, like any other guess.
  return inTurn(() => Bun.password.verify(input, hash).catch(() => false));
}

/** Fails as `unavailable` when too many wait already. */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (pending >= atOnce + longestQueue)
    throw unavailable("Too many people are signing in right now. Try again in a few seconds.", {
      code: "sign_in_busy",
      retryAfterSeconds: 5,
    });
  pending++;
  try {
    return await turns(work);
  } finally {
    pending--;
  }
}
