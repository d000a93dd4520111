import { crc32 } from "node:zlib";
import { joinStrips } from "../../src/codec/latents/strip-section.js";
import { stripsOf } from "../../src/codec/latents/strips.js";
import { type ContainerParts, writeContainer } from "../../src/codec/stream/container.js";
import { bytesOfHex } from "../../src/ground/bytes.js";
import { ReceiverModel } from "../../src/models/receiver-model.js";
import { gridSize, type Size } from "../../src/models/tiling.js";
import { ransEncode } from "../codec/calls.js";

/** A stream of nothing but 0s under a model of `emptyModel`, with other parts: few bytes for many pixels, and nothing wrong with it. */
export async function streamFor(
  model: Uint8Array,
  size: Size,
  others: Partial<Pick<ContainerParts, "alpha">> = {},
): Promise<Uint8Array> {
  const { id, configuration, latents } = await ReceiverModel.open(model);
  const grid = gridSize(configuration, size);
  const bank = {
    minimum: new Int32Array(1),
    size: new Int32Array(1).fill(1),
    frequencies: Uint16Array.of(65535, 1),
  };
  const strips = stripsOf(grid).map(({ first, end }) => {
    const count = (end - first) * grid.width * latents;
    const zeros = new Array<number>(count).fill(0);
    const symbols = ransEncode(bank, zeros, zeros, crc32(Buffer.alloc(2 * count)) & 0xffff, 1 << 16);
    const bytes = Uint8Array.from(symbols!);
    return { bytes, masked: { channels: new Uint8Array(latents).fill(1), bytes } };
  });
  const symbols = joinStrips([strips], false).bytes;
  return writeContainer({
    modelId: bytesOfHex(id),
    ...size,
    grey: false,
    payload: "latents",
    quality: 128,
    symbols,
    ...others,
  });
}
