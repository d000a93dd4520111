/** The pieces one after another in a new array, with `spare` zero bytes behind them. */
export function concatenate(pieces: readonly Uint8Array[], spare = 0): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, spare));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
