import { expect } from "vitest";
import { IsthmusError } from "../src/ground/errors.js";

/** The code of the error that work raises, undefined where it raises none; an exception of any other class fails the test. */
export function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(IsthmusError);
    return (error as IsthmusError).code;
  }
  return undefined;
}
