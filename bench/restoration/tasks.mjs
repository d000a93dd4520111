import { blur, noise, train } from "../../dist/index.js";

/** What is undone, by models of grey pictures of any size, and for how many steps each is trained. */
export const tasks = {
  denoise: { corruption: noise(25), steps: 5000 },
  deblur: { corruption: blur(1.6), steps: 2000 },
};

/** A line every half minute. */
export function trainTask({ corruption, steps }, images) {
  let last = 0;
  const onProgress = ({ phase, step, psnr, secondsLeft }) => {
    const now = performance.now();
    if (phase !== "train" || now - last < 30_000) return;
    last = now;
    console.error(`step ${step} of ${steps}, ${psnr.toFixed(2)} dB, ${secondsLeft.toFixed(0)} s left`);
  };
  return train(images, { preset: "photo", corrupt: corruption, steps, seed: 1, onProgress });
}
