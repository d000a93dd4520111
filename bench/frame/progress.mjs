const secondsBetween = 30;

/** A listener to a training that prints a line every half minute, with what `tell` makes of the progress. */
export function progressLines(tell) {
  let last = 0;
  return (progress) => {
    const now = performance.now();
    if (progress.phase !== "train" || now - last < secondsBetween * 1000) return;
    last = now;
    const { step, steps, secondsLeft } = progress;
    console.error(`step ${step} of ${steps}, ${tell(progress)}, ${secondsLeft.toFixed(0)} s left`);
  };
}

export const decibelsOf = ({ psnr }) => `${psnr.toFixed(2)} dB`;
