/**
 * A leaky bucket: bytes that are sent fill it, and it drains by so many a second. Whoever sends no more than its
 * `room` sends, over any time, at most what drains in that time and one bucket besides.
 */
export class ByteBucket {
  private filled = 0;
  private time: number | undefined;

  constructor(
    private readonly bytesPerSecond: number,
    private readonly depth: number,
  ) {}

  /** Bytes that may be sent at a time in milliseconds, no earlier than the one before. */
  room(time: number): number {
    const drained = ((time - (this.time ?? time)) / 1000) * this.bytesPerSecond;
    this.filled = Math.max(0, this.filled - drained);
    this.time = time;
    return Math.max(0, Math.floor(this.depth - this.filled));
  }

  add(bytes: number): void {
    this.filled += bytes;
  }
}
