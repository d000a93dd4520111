/**
 * The rows of a plane of alpha on their way through a decoder: each is read when the cells below it are to be decoded, and held until the pixels that it
 * belongs to are there. What is held grows with the height of a strip, not with that of the picture.
 */
export class HeldRows {
  private readonly held: Uint8Array[] = [];
  private piece: Uint8Array = new Uint8Array(0);
  private read = 0;

  /** `pieces`: of whole rows. */
  constructor(
    private readonly pieces: AsyncIterator<Uint8Array>,
    private readonly width: number,
  ) {}

  /** The next row. */
  async line(): Promise<Uint8Array> {
    if (this.read === this.piece.length) {
      this.piece = (await this.pieces.next()).value;
      this.held.push(this.piece);
      this.read = 0;
    }
    this.read += this.width;
    return this.piece.subarray(this.read - this.width, this.read);
  }

  /** Rows that were read and not taken yet: `most` samples of them, or as many as lie in one piece. */
  take(most: number): Uint8Array {
    const [first] = this.held;
    if (first.length <= most) this.held.shift();
    else this.held[0] = first.subarray(most);
    return first.subarray(0, most);
  }

  /** Whether a plane is whole is told by its end. Throws what its pieces throw. */
  async end(): Promise<void> {
    await this.pieces.next();
  }
}
