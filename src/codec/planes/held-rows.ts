/** The rows of a plane of alpha on their way through a decoder. */
export interface HeldRows {
  /** The next row. */
  line(): Promise<Uint8Array>;
  /** Rows that were read and not taken yet: `most` samples of them, or as many as lie in one piece. */
  take(most: number): Uint8Array;
}

/**
 * Each row is read when the cells below it are to be decoded, and held until the pixels that it belongs to are there: what is held grows with the height of a
 * strip, not with that of the picture. `pieces`: of whole rows.
 */
export function holdRows(pieces: AsyncIterator<Uint8Array>, width: number): HeldRows {
  const held: Uint8Array[] = [];
  let piece: Uint8Array = new Uint8Array(0);
  let read = 0;
  return {
    async line() {
      if (read === piece.length) {
        piece = (await pieces.next()).value;
        held.push(piece);
        read = 0;
      }
      read += width;
      return piece.subarray(read - width, read);
    },
    take(most) {
      const [first] = held;
      if (first.length > most) held[0] = first.subarray(most);
      else held.shift();
      return first.subarray(0, most);
    },
  };
}
