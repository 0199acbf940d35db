// The events in what a server or a command has printed.

export type LoggedEvent = Record<string, unknown> & { event: string; reason?: string };

/** The lines of a log among all that was printed; those of one event when it is named. */
export function eventsIn(text: string, name?: string): LoggedEvent[] {
  const lines = text.split("\n").filter((line) => line.startsWith('{"time"'));
  const events = lines.map((line) => JSON.parse(line) as LoggedEvent);
  return name === undefined ? events : events.filter(({ event }) => event === name);
}
