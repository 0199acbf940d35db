// Loads the pages after the server listens. Composer's reads do without them, so the first of those is answered before
// a single page is loaded; and soon after the start they are loaded anyway, so that the first visitor does not wait.
import type { Pages } from "./request/page-requests.ts";

const pagesAfterMs = 250;

type WarmUp = {
  begin(): void;
  /** The pages, loaded by the first call. */
  pages(): Promise<Pages>;
  close(): Promise<void>;
};

export function warmUp(load: () => Promise<Pages>): WarmUp {
  let loading: Promise<Pages> | null = null;
  const pages = () => (loading ??= load());
  let timer: Timer | undefined;
  return {
    pages,
    begin: () => void (timer = setTimeout(() => void pages().catch(() => {}), pagesAfterMs)),
    async close() {
      clearTimeout(timer);
      (await loading?.catch(() => null))?.close();
    },
  };
}
