import type { IsthmusError } from "../ground/errors.js";

/** Hears of what went wrong and was got over: for logs. */
export type Tell = (problem: IsthmusError) => void;
