import type { IsthmusError } from "../errors.js";

/** Hears of what went wrong and was got over: for logs. */
export type Tell = (problem: IsthmusError) => void;
