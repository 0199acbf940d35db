// Log lines that anyone can cause by repeating a request: a few per minute are written for each network, and one line
// counts the rest.
import { networkOf } from "./net.ts";

const windowMs = 60_000;
const linesOfNetwork = 60;
const linesOfEvent = 600;
/** Networks beyond this many are counted together. */
const networksKept = 1000;
const networksNamed = 5;

type Sum = { of: string; lines: number; networks: string };
type Window = { lines: number; withheld: number; networks: Map<string, number> };

/** Answers whether a line of this event, about this address, is to be written; `write` gets what was withheld. */
export function createLogSums(write: (sum: Sum) => void): (event: string, address: string) => boolean {
  const windows = new Map<string, Window>();

  function open(event: string): Window {
    const window = { lines: 0, withheld: 0, networks: new Map<string, number>() };
    windows.set(event, window);
    const close = () => {
      windows.delete(event);
      if (window.withheld > 0) write(sumOf(event, window));
    };
    setTimeout(close, windowMs).unref();
    return window;
  }

  return (event, address) => {
    const window = windows.get(event) ?? open(event);
    const network = networkOf(address);
    const ofNetwork = (window.networks.get(network) ?? 0) + 1;
    if (ofNetwork > 1 || window.networks.size < networksKept) window.networks.set(network, ofNetwork);
    window.lines++;
    const isWritten = ofNetwork <= linesOfNetwork && window.lines - window.withheld <= linesOfEvent;
    if (!isWritten) window.withheld++;
    return isWritten;
  };
}

function sumOf(event: string, { withheld, networks }: Window): Sum {
  const busiest = [...networks].toSorted(([, a], [, b]) => b - a).slice(0, networksNamed);
  return {
    of: event,
    lines: withheld,
    networks: busiest.map(([name, count]) => `${name} ${count}`).join(", "),
  };
}
