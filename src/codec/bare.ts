import { concatenate } from "../bytes.js";
import { IsthmusError } from "../errors.js";
import { checkQualityLevel } from "./container.js";

/**
 * A bare frame, for channels whose two ends agree on model, size and colour beforehand: the quality level, then the
 * symbols without a seal. Nothing detects damage but the entropy coder itself, and alpha cannot be carried.
 */
export interface BareParts {
  /** Quality level, an integer 0 .. 255. */
  readonly quality: number;
  /** The latent symbols as the entropy coder wrote them, without a seal. */
  readonly symbols: Uint8Array;
}

/** @throws IsthmusError `invalid-parameter` for a quality level out of range. */
export function writeBare({ quality, symbols }: BareParts): Uint8Array {
  checkQualityLevel(quality);
  return concatenate([Uint8Array.of(quality), symbols]);
}

/** The parts of a bare frame; `symbols` is a view. @throws IsthmusError `truncated` for an empty frame or one without symbols. */
export function readBare(bytes: Uint8Array): BareParts {
  if (bytes.length < 2) {
    throw new IsthmusError("truncated", `Expected at least 2 bytes for a bare frame but received ${bytes.length}`);
  }
  return { quality: bytes[0], symbols: bytes.subarray(1) };
}
