import { readFileSync } from "node:fs";
import { Model } from "../../src/models/model.js";

/** A file of test/vectors/golden. */
export const goldenPath = (file: string): URL => new URL(`golden/${file}`, import.meta.url);

export const readGolden = (file: string): Uint8Array => new Uint8Array(readFileSync(goldenPath(file)));

export const goldenModel = (name: string): Model => Model.read(readGolden(`${name}.isthm`));
