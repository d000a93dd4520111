import { hexOf } from "../ground/bytes.js";
import { expected, IsthmusError } from "../ground/errors.js";
import { limitOf, limits } from "../ground/limits.js";
import type { ModelConfiguration } from "../models/configuration.js";
import type { ReceiverModel } from "../models/receiver-model.js";
import type { Size } from "../models/tiling.js";
import type { DecodeOptions } from "./codec-options.js";
import { readBare } from "./stream/bare.js";
import { type ContainerParts, readContainer } from "./stream/container.js";
import type { PayloadParts } from "./stream/payloads.js";

/** What a stream, or a bare frame and what is known besides, says of its picture. */
export type PictureParts = Size & { readonly grey: boolean; readonly alpha?: Uint8Array } & PayloadParts;

/** The parts of a stream or a bare frame, checked against the model that is to decode it. Throws as `Decoder.decode`. */
export function picturePartsOf(
  { id, channels, configuration }: ReceiverModel,
  stream: Uint8Array | ContainerParts,
  { bare, maxPixels: asked }: DecodeOptions,
): PictureParts {
  if (bare) {
    const maxPixels = limitOf("maxPixels", asked);
    const { width, height, grey = false } = bare;
    const isSide = (side: number): boolean => Number.isInteger(side) && side >= 1 && side <= limits.maxSide;
    if (!isSide(width) || !isSide(height) || width * height > maxPixels) {
      const received = [width, height].map((side) => (typeof side === "number" ? side : typeof side)).join(" x ");
      throw expected(`a size of 1 to ${maxPixels} pixels`, "bare", received);
    }
    checkSize(configuration, bare, "invalid-parameter");
    return { width, height, grey, ...readBare(stream as Uint8Array) };
  }
  const parts = "modelId" in stream ? stream : readContainer(stream, asked);
  const wanted = hexOf(parts.modelId);
  if (wanted !== id) {
    throw new IsthmusError("model-mismatch", `The stream needs model ${wanted} but this is model ${id}`);
  }
  checkSize(configuration, parts, "corrupt");
  // What a picture is made of follows from the model, too (docs/FORMAT.md, "Container").
  const { grey, alpha, payload } = parts;
  if (channels === 3 || (channels === 1 ? grey : !grey && (payload !== "latents" || !alpha))) return parts;
  throw new IsthmusError("corrupt", `Expected ${channels} channels for this model but received others`);
}

/** Throws unless the model takes pictures of that size. */
export function checkSize(
  { fixedSize, patch }: ModelConfiguration,
  { width, height }: Size,
  code: "invalid-parameter" | "corrupt",
): void {
  if (!fixedSize || (width === patch.width && height === patch.height)) return;
  const message = `Expected ${patch.width} x ${patch.height} pixels for this model but received ${width} x ${height}`;
  throw new IsthmusError(code, message);
}
