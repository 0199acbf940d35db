// A person's code app, as the test of a page sees it: reads the key from the page and shows codes.
import { generateSync } from "otplib";
import type { TestApp } from "../../worlds/process.ts";
import type { Visitor } from "../visitor.ts";

export type CodeApp = {
  /** The code of now, or of so many steps from now. */
  code(steps?: number): string;
  recoveryCodes: string[];
};

/** Sets up a code app in the browser of somebody who is signed in. */
export async function setUpApp({ app }: TestApp, person: Visitor): Promise<CodeApp> {
  const secret = keyIn(await person.read("/account/security/app"));
  const code = (steps = 0) => generateSync({ secret, epoch: Math.floor(app.now() / 1000) + steps * 30 });
  const answer = await person.post("/account/security/app/confirm", { code: code() });
  if (answer.status !== 303) throw new Error(`the code is answered with ${answer.status}`);
  return { code, recoveryCodes: codesIn(await person.read("/account/security/recovery-codes")) };
}

export function keyIn(page: string): string {
  return /<code>((?:[A-Z2-7]{4} ?)+)<\/code>/.exec(page)?.[1]?.replaceAll(" ", "") ?? "";
}

export function codesIn(page: string): string[] {
  return [...page.matchAll(/<li>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})<\/li>/g)].map((match) => match[1] ?? "");
}
