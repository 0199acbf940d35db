import { Failure } from "../../src/errors.ts";

/** The Failure that something rejects with; anything else is thrown. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error("It did not fail."),
    (error: unknown) => error,
  );
  if (!(error instanceof Failure)) throw error;
  return error;
}
