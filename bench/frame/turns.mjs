import { median } from "./statistics.mjs";

/** Milliseconds of processor time that the threads of this process have taken. */
export function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds that have passed. */
export const wallTime = () => performance.now();

/**
 * Times works by their names, in turns, so that a slow moment of the machine meets all of them: the milliseconds of a call in every round of each. Engines
 * translate what is called often once more, and better: rounds to warm up do not count. `least`: milliseconds for which a round repeats its work.
 */
export async function inTurns(works, { rounds, warming = 0, clock = processorTime, least = 0 }) {
  const times = mapValues(works, () => []);
  const calls = mapValues(works, () => 1);
  for (const [name, work] of Object.entries(least ? works : {})) calls[name] = await callsIn(least, work);
  for (let round = -warming; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const start = clock();
      for (let call = 0; call < calls[name]; call++) await work();
      if (round >= 0) times[name].push((clock() - start) / calls[name]);
    }
  }
  return times;
}

/** How often a work runs in so many milliseconds. */
async function callsIn(milliseconds, work) {
  const start = wallTime();
  let calls = 0;
  for (; calls === 0 || wallTime() - start < milliseconds; calls++) await work();
  return calls;
}

/** The median of the rounds' ratios of one work to another. */
export const ratioOf = (times, one, other) => median(times[one].map((time, round) => time / times[other][round]));

export const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
