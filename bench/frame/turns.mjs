import { median } from "./statistics.mjs";

/** Milliseconds of processor time that the threads of this process have taken. */
export function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds that have passed. */
export const wallTime = () => performance.now();

/**
 * Times works by their names, in turns, so that a slow moment of the machine meets all of them: the milliseconds of every round of each. Engines translate what
 * is called often once more, and better: rounds to warm up do not count.
 */
export async function inTurns(works, { rounds, warming = 0, clock = processorTime }) {
  const times = mapValues(works, () => []);
  for (let round = -warming; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const start = clock();
      await work();
      if (round >= 0) times[name].push(clock() - start);
    }
  }
  return times;
}

/** The median of the rounds' ratios of one work to another. */
export const ratioOf = (times, one, other) => median(times[one].map((time, round) => time / times[other][round]));

export const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
