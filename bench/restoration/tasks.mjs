import { blur, noise, train } from "../../dist/index.js";
import { decibelsOf, progressLines } from "../frame/progress.mjs";

/** What is undone, by models of grey pictures of any size, and for how many steps each is trained. */
export const tasks = {
  denoise: { corruption: noise(25), steps: 5000 },
  deblur: { corruption: blur(1.6), steps: 2000 },
};

export const trainTask = ({ corruption, steps }, images) =>
  train(images, { preset: "photo", corrupt: corruption, steps, seed: 1, onProgress: progressLines(decibelsOf) });
