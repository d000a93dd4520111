import { type Corruption, checkInteger, checkRange } from "./corruption.js";

/** What missing pixels are filled with. */
const missing = 128;

/**
 * Square blocks of `side` pixels are missing (grey 128), at random places: as many as cover `share` of the picture where none overlap, one at
 * least. Blocks wider than the picture are cut to half of it.
 */
export function mask(side: number, share = 0.1): Corruption {
  checkInteger(side, 1, 4096, "side of mask");
  checkRange(share, 0, 0.9, "share of mask");
  return {
    name: share === 0.1 ? `mask:${side}` : `mask:${side},${share}`,
    drawn: "always",
    apply(image, random) {
      const { width, height, channels } = image;
      const data = image.data.slice();
      const [blockWidth, blockHeight] = [width, height].map((most) => Math.min(side, Math.ceil(most / 2)));
      const blocks = Math.max(1, Math.round((width * height * share) / (blockWidth * blockHeight)));
      for (let block = 0; block < blocks; block++) {
        const left = random.integer(width - blockWidth + 1);
        const top = random.integer(height - blockHeight + 1);
        for (let y = top; y < top + blockHeight; y++) {
          const start = (y * width + left) * channels;
          data.fill(missing, start, start + blockWidth * channels);
        }
      }
      return { ...image, data };
    },
  };
}
