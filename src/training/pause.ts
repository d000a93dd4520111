type Later = (work: () => void) => unknown;

/** Lets timers, messages, signals and other events run. */
export const pause = (): Promise<void> => new Promise(later);

/** A timer would do, but costs a millisecond in Node, and four in a browser. */
const later: Later = (globalThis as { setImmediate?: Later }).setImmediate ?? byMessage;

function byMessage(work: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    work();
  };
  port2.postMessage(undefined);
}
