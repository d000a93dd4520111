import { concatenate } from "../../ground/bytes.js";
import { IsthmusError } from "../../ground/errors.js";
import { checkQualityLevel } from "./container.js";

/**
 * A bare frame, for channels whose two ends agree on model, size and colour beforehand: the quality level, then the
 * symbols without a seal. Nothing detects damage but the entropy coder itself, and alpha cannot be carried.
 */
export interface BareParts {
  /** Quality level, an integer 0 .. 255. */
  readonly quality: number;
  /** The latent symbols as the entropy coder wrote them, without a seal; empty where the picture is lossless. */
  readonly symbols: Uint8Array;
  /** The grey samples as the plane coder wrote them, where these take the place of the symbols: a lossless picture. */
  readonly plane?: Uint8Array;
}

/** Symbols never begin with this byte. */
const planeMark = 0;

/** @throws IsthmusError `invalid-parameter` for a quality level out of range. */
export function writeBare({ quality, symbols, plane }: BareParts): Uint8Array {
  checkQualityLevel(quality);
  if (plane) return concatenate([Uint8Array.of(quality, planeMark), plane]);
  return concatenate([Uint8Array.of(quality), symbols]);
}

/** The parts of a bare frame; `symbols` and `plane` are views. @throws IsthmusError `truncated` for an empty frame or one without symbols. */
export function readBare(bytes: Uint8Array): BareParts {
  if (bytes.length < 2) {
    throw new IsthmusError("truncated", `Expected at least 2 bytes for a bare frame but received ${bytes.length}`);
  }
  if (bytes[1] === planeMark) return { quality: bytes[0], symbols: new Uint8Array(0), plane: bytes.subarray(2) };
  return { quality: bytes[0], symbols: bytes.subarray(1) };
}
