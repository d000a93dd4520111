/** More work waits than is allowed: whoever asks may try again. */
export class Busy extends Error {}

/** Work that is asked for while it is done already is done once, and so many works at a time, one for each picture. */
export class Workload<Result> {
  private readonly flights = new Map<string, Promise<Result>>();
  private readonly last = new Map<string, Promise<unknown>>();
  private readonly queue: (() => void)[] = [];
  private running = 0;
  private waiting = 0;

  constructor(
    private readonly most: number,
    private readonly mostWaiting: number,
  ) {}

  /** The result of the work of a key. Throws `Busy` where too many others wait. */
  do(key: string, picture: string, work: () => Promise<Result>): Promise<Result> {
    const flight = this.flights.get(key) ?? this.begin(picture, work);
    if (!this.flights.has(key)) {
      this.flights.set(key, flight);
      flight.catch(() => {}).finally(() => this.flights.delete(key));
    }
    return flight;
  }

  private async begin(picture: string, work: () => Promise<Result>): Promise<Result> {
    if (this.waiting >= this.mostWaiting) throw new Busy();
    this.waiting++;
    const before = this.last.get(picture);
    const mine = this.after(before, work);
    const settled = mine.catch(() => {});
    this.last.set(picture, settled);
    settled.finally(() => {
      if (this.last.get(picture) === settled) this.last.delete(picture);
    });
    return mine;
  }

  private async after(before: Promise<unknown> | undefined, work: () => Promise<Result>): Promise<Result> {
    await before;
    if (this.running >= this.most) await new Promise<void>((resolve) => this.queue.push(resolve));
    else this.running++;
    this.waiting--;
    try {
      return await work();
    } finally {
      // The place goes to the next one, who was counted when it began to wait.
      const next = this.queue.shift();
      if (next) next();
      else this.running--;
    }
  }
}
