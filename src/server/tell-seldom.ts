import type { IsthmusError } from "../ground/errors.js";

/** Hears of what went wrong and was got over: for logs. */
export type Tell = (problem: IsthmusError) => void;

/** Milliseconds in which the same problem is told once, and how many problems are remembered for that. */
const pause = 60_000;
const mostRemembered = 1000;

/** Passes a problem on once a minute at most: anybody may ask for a broken picture a thousand times. */
export function tellSeldom(tell: Tell): Tell {
  const told = new Map<string, number>();
  return (problem) => {
    const now = Date.now();
    if (now - (told.get(problem.message) ?? Number.NEGATIVE_INFINITY) < pause) return;
    told.delete(problem.message);
    told.set(problem.message, now);
    if (told.size > mostRemembered) told.delete(told.keys().next().value!);
    tell(problem);
  };
}
