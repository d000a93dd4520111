import { tableText } from "../frame/results.mjs";
import { facts, times } from "./words.mjs";

export function section(batches) {
  const { images, rounds, threads, load, results } = batches;
  return [
    "## A batch of photos on several threads",
    `${facts(batches)} ${images} Kodak photos through pools of one worker and of ${threads} (\`createPool\`), in turns, medians of ${rounds} rounds (load average ${load.toFixed(1)} at the end). Each photo is worked on by one thread.`,
    tableText(
      ["", "one thread, ms", `${threads} threads, ms`, "times as fast"],
      results.map(({ name, milliseconds, ratio }) => [
        name,
        ...milliseconds.map((time) => time.toFixed(0)),
        times(ratio),
      ]),
    ),
  ];
}
