import { tableText } from "../frame/results.mjs";
import { facts, times } from "./words.mjs";

export function section(training) {
  const { rounds, cores, load, results } = training;
  return [
    "## Training on several threads",
    `${facts(training)} ${cores} cores (load average ${load.toFixed(1)} at the end): medians of ${rounds} rounds of one thread and more in turns. On free cores a step takes as long as its busiest thread
computes, and that gives the last column (without what threads wait for each other).`,
    tableText(
      ["preset", "threads", "steps/s", "against one", "processor ms a step", "the leader's", "on free cores at most"],
      results.flatMap(({ preset, batch, measured }) =>
        measured.map(({ threads, stepsPerSecond, ratio, processorMs, leaderMs }, i) => {
          const busiest = Math.max(leaderMs, (processorMs - leaderMs) / Math.max(1, threads - 1));
          return [
            `${preset}, ${batch} pictures a step`,
            ...[String(threads), stepsPerSecond.toFixed(2), times(ratio), processorMs.toFixed(1), leaderMs.toFixed(1)],
            i === 0 ? "" : times(measured[0].processorMs / busiest),
          ];
        }),
      ),
    ),
  ];
}
