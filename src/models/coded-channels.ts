/** True where a range of channels holds one that is coded; all are without a mask. */
export const holdsCoded = (mask: Uint8Array | undefined, first: number, channels: number): boolean =>
  mask === undefined || mask.subarray(first, first + channels).includes(1);

/** Sets to 0 whatever rows of `channels` symbols, which begin at channel `first`, hold of channels that are not coded. */
export function clearNotCoded(rows: Int32Array, mask: Uint8Array | undefined, first: number, channels: number): void {
  if (!mask) return;
  for (let c = 0; c < channels; c++) {
    if (mask[first + c]) continue;
    for (let i = c; i < rows.length; i += channels) rows[i] = 0;
  }
}
