// SIGHUP asks a server to read its files again: the one place that listens to it. Certificates and log files register here.
const listeners = new Set<() => void>();
let isListening = false;

/** Returns what takes the listener away again. */
export function onHangup(listener: () => void): () => void {
  listeners.add(listener);
  if (!isListening) process.on("SIGHUP", () => listeners.forEach((each) => each()));
  isListening = true;
  return () => void listeners.delete(listener);
}

/** A server of a service manager goes on; one of a terminal ends with it, as the system does by itself. */
export function surviveHangup(): void {
  if (!process.stderr.isTTY) onHangup(() => {});
}
