import sharp from "sharp";

/** What sharp offers for the same tasks, at a range of settings. */
export const filters = {
  denoise: [3, 5, 7].map((size) => ({
    setting: `median ${size}x${size}`,
    apply: run((pipeline) => pipeline.median(size)),
  })),
  deblur: [0.8, 1.2, 1.6, 2, 2.5].flatMap((sigma) =>
    [0.5, 1, 2, 4].map((strength) => ({
      setting: `sharpen, sigma ${sigma}, m1 ${strength}, m2 ${2 * strength}`,
      apply: run((pipeline) => pipeline.sharpen({ sigma, m1: strength, m2: 2 * strength })),
    })),
  ),
};

function run(filter) {
  return async ({ data, width, height, channels }) => {
    const pipeline = filter(sharp(data, { raw: { width, height, channels } }));
    const filtered = await pipeline.toColourspace("b-w").raw().toBuffer();
    return { data: new Uint8Array(filtered), width, height, channels };
  };
}
