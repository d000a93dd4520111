/** Who waits for each signal. Weak, so that signals may go. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal is raised, and returns what takes it away again. However many wait, the signal has one listener: Node warns of more
 * than ten.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => {};
  const listeners = waiting.get(signal) ?? begin(signal);
  // A function of its own, since two calls may wait with the same listener.
  const entry = (): void => listener();
  listeners.add(entry);
  return () => {
    listeners.delete(entry);
  };
}

function begin(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  waiting.set(signal, listeners);
  signal.addEventListener("abort", () => {
    for (const listener of [...listeners]) listener();
  });
  return listeners;
}
