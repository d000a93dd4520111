/** ITU-R BT.601, full range, as in assembly/chroma.ts: what red, green and blue have of luma, and of the colour differences Cb and Cr. */
export const lumaShares = [0.299, 0.587, 0.114] as const;
export const redOfCr = 1.402;
export const greenOfCb = 0.344136;
export const greenOfCr = 0.714136;
export const blueOfCb = 1.772;
