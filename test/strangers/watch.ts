/** How long other events had to wait at most while some work went on, and how it ended. */
export interface Watched {
  /** Milliseconds of the processor that were spent at most while they waited, and after the signal was raised: what a busy machine does not change. */
  readonly longestWork: number;
  readonly workAfterSignal: number;
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
  let lookedAt = processorTime();
  let longestWork = 0;
  let signalled: number | undefined;
  const before = process.memoryUsage().arrayBuffers;
  let buffers = 0;
  const look = (): void => {
    const now = performance.now();
    longestWait = Math.max(longestWait, now - last);
    const worked = processorTime();
    longestWork = Math.max(longestWork, worked - lookedAt);
    lookedAt = worked;
    last = now;
    buffers = Math.max(buffers, process.memoryUsage().arrayBuffers - before);
  };
  const ticks = setInterval(look, 5);
  const raise = (): void => {
    signalled = processorTime();
    controller.abort("enough");
  };
  const timer = setTimeout(raise, after);
  let error: unknown;
  try {
    await work(controller.signal);
  } catch (thrown) {
    error = thrown;
  }
  look();
  clearInterval(ticks);
  clearTimeout(timer);
  const workAfterSignal = signalled === undefined ? 0 : processorTime() - signalled;
  return { longestWait, milliseconds: performance.now() - started, longestWork, workAfterSignal, buffers, error };
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
