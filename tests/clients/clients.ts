// One describe block per Composer client, and a loud last word when some could not be had.

import { afterAll, describe } from "bun:test";
import { composers, missingComposersNotice, type Composer } from "../tools/composers.ts";

export const clients = await composers();

/** The tests in `define` run with each client. */
export function withEachComposer(define: (composer: Composer) => void): void {
  for (const composer of clients) describe(`with ${composer.name}`, () => define(composer));
  afterAll(() => console.error(missingComposersNotice()));
}

/** Whether the client is at least `major.minor`. */
export function isAtLeast(composer: Composer, version: string): boolean {
  return Bun.semver.order(composer.version.replace(/[^\d.].*$/, ""), `${version}.0`) >= 0;
}
