// Argon2id with 64 MiB. A small machine can run two at once; the others wait.
import { unavailable } from "../../errors.ts";
import { createTurns } from "../../turns.ts";
import { formOf, inputsOf, isSha512Of } from "./password-forms.ts";

const atOnce = 2;
/** The longest queue: more means an attack, or a machine that is too small. */
const maxQueue = 40;
/** A hash of no password: with it an unknown address takes as long as a known one. */
const nobodysHash =
  "$argon2id$v=19$m=65536,t=3,p=1$cHJpY29yZS1ub2JvZHktMDE$Zc1vvxEYbBbLmPQMCYRj5mJgVdVHJ7QJcVgFbFz4m2s";

/** Longer text is refused, not cut. */
export const maxPasswordBytes = 1024;

const turns = createTurns(atOnce);
/** Hashings that run or wait. */
let pending = 0;

export function hashOf(password: string): Promise<string> {
  return inTurn(() =>
    Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 65_536, timeCost: 3 }),
  );
}

/** Takes the same time whether or not there is a hash to compare with; never fails for the form of a hash. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const isPossible = password !== "" && Buffer.byteLength(password) <= maxPasswordBytes;
  const form = hash === null ? null : formOf(hash);
  if (!isPossible || hash === null || form === null || form === "sha512") {
    await verify(isPossible ? Buffer.from(password) : Buffer.from("nobody's password"), nobodysHash);
    return isPossible && hash !== null && form === "sha512" && isSha512Of(password, hash);
  }
  for (const input of inputsOf(password, hash)) if (await verify(input, hash)) return true;
  return false;
}

function verify(input: Uint8Array, hash: string): Promise<boolean> {
  // A hash that the library refuses counts as a wrong password.
  return inTurn(() => Bun.password.verify(input, hash).catch(() => false));
}

/** Fails as `unavailable` when too many wait already. */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (pending >= atOnce + maxQueue)
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
