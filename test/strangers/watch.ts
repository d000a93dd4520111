/** How long other events had to wait at most while some work went on, and how it ended. */
export interface Watched {
  readonly longestWait: number;
  readonly milliseconds: number;
  /** Most bytes of array buffers that were there at a time beyond those before. */
  readonly buffers: number;
  readonly error: unknown;
}

/** Runs `work` until it ends, with a signal that is raised after `after` milliseconds. */
export async function watch(after: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<Watched> {
  const controller = new AbortController();
  let last = performance.now();
  const started = last;
  let longestWait = 0;
  const before = process.memoryUsage().arrayBuffers;
  let buffers = 0;
  const look = (): void => {
    const now = performance.now();
    longestWait = Math.max(longestWait, now - last);
    last = now;
    buffers = Math.max(buffers, process.memoryUsage().arrayBuffers - before);
  };
  const ticks = setInterval(look, 5);
  const timer = setTimeout(() => controller.abort("enough"), after);
  let error: unknown;
  try {
    await work(controller.signal);
  } catch (thrown) {
    error = thrown;
  }
  look();
  clearInterval(ticks);
  clearTimeout(timer);
  return { longestWait, milliseconds: performance.now() - started, buffers, error };
}
