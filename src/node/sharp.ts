import type Sharp from "sharp";
import { IsthmusError } from "../ground/errors.js";

export type SharpModule = typeof Sharp;

/** Loads sharp at its first use, so that whoever never reads an image file need not install it. Throws `dependency-missing`. */
export async function loadSharp(): Promise<SharpModule> {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new IsthmusError(
      "dependency-missing",
      "Expected the package sharp for reading and writing image files but it could not be loaded: run npm install sharp",
      { cause },
    );
  }
}

/** The first line of what sharp (or anything else) threw, without its trailing full stop. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split("\n")[0].replace(/\.$/, "");
}
