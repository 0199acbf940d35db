/** What a page shows, for its part of the browser's one stream of events; the last two only where they are shown. */
export type Topics = { organization: string; requests?: true; jobs?: true };

/** Follows what happens. Events arrive on the body as DOM events of their names: `hx-trigger="sync from:body"`. */
export function Live({ topics }: { topics: Topics }) {
  return <div hidden data-live={JSON.stringify(topics)} />;
}
