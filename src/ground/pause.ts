/** Lets timers, messages, signals and other events run. */
export const pause = (): Promise<void> =>
  new Promise((resolve) => {
    const { setImmediate } = globalThis as { setImmediate?: (work: () => void) => unknown };
    if (setImmediate) {
      setImmediate(resolve);
      return;
    }
    // A timer would do, but costs four milliseconds in a browser.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
