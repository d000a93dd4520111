import { crc32 } from "node:zlib";
import { bytesOfHex } from "../../src/bytes.js";
import { writeContainer } from "../../src/codec/container.js";
import { stripsOf } from "../../src/codec/strips.js";
import { ReceiverModel } from "../../src/models/receiver-model.js";
import { gridSize, type Size } from "../../src/models/tiling.js";
import { ransEncode } from "../codec/calls.js";

/** A stream of nothing but 0s under a model of `emptyModel`: few bytes for many pixels, and nothing wrong with it. */
export async function streamFor(model: Uint8Array, size: Size): Promise<Uint8Array> {
  const { id, configuration, latents } = await ReceiverModel.open(model);
  const grid = gridSize(configuration, size);
  if (stripsOf(grid).length > 1) throw new Error("Expected a picture of one strip");
  const count = grid.width * grid.height * latents;
  const bank = {
    minimum: new Int32Array(1),
    size: new Int32Array(1).fill(1),
    frequencies: Uint16Array.of(65535, 1),
  };
  const zeros = new Array<number>(count).fill(0);
  const symbols = ransEncode(bank, zeros, zeros, crc32(Buffer.alloc(2 * count)) & 0xffff, 1 << 16);
  const modelId = bytesOfHex(id);
  return writeContainer({ modelId, ...size, grey: false, quality: 128, symbols: Uint8Array.from(symbols!) });
}
