import { crc32 } from "node:zlib";
import { decode as decodePlane } from "../plane.js";
import { Fields, readStream } from "./container.js";
import { averaged, type Decoded, planeStartOf, readLatents } from "./decode.js";
import { cellQualities, gridOf } from "./grid.js";
import type { ReferenceModel } from "./model.js";
import type { Prior } from "./prior.js";
import { demand } from "./refused.js";
import { synthesize } from "./synthesis.js";

/** The frames of a scene (docs/FORMAT.md, "Scenes"), decoded one after another, each picture made anew. */
export class ReferenceScene {
  private known:
    | { prior: Prior; width: number; height: number; grey: boolean; checksum: number; sequence: number }
    | undefined;

  constructor(private readonly model: ReferenceModel) {}

  decode(frame: Uint8Array): Decoded {
    const fields = new Fields(frame.subarray(0, -4));
    demand(frame.length >= 7 && Buffer.from(fields.take(2)).toString("hex") === "cb49", "no frame of a scene");
    const head = fields.byte();
    demand(head >> 4 === 1, "another version");
    const checksum = new DataView(frame.buffer, frame.byteOffset).getUint32(frame.length - 4, true);
    demand(crc32(frame.subarray(0, -4)) === checksum, "a wrong checksum");
    demand([0, 1, 2].includes(head & 15), "flags that no frame has");
    const sequence = fields.varint();
    fields.varint();
    const isKey = (head & 1) === 1;
    demand(!this.known || sequence > this.known.sequence || (isKey && sequence === 0), "a frame that comes late");
    const prior = isKey ? this.key(fields.rest()) : this.delta(fields, (head & 2) === 2);
    this.known = { ...prior, checksum, sequence };
    const { width, height, grey } = this.known;
    const samples = synthesize(this.model, gridOf(this.model, prior, undefined), prior.prior.latents, this.known);
    const { channels } = this.model.configuration;
    return { width, height, channels: grey ? 1 : channels, data: grey && channels === 3 ? averaged(samples) : samples };
  }

  private key(bytes: Uint8Array) {
    const stream = readStream(bytes, 2 ** 20);
    demand(stream.model === this.model.id, "the frame is of another model");
    demand(!stream.lossless && !stream.alpha && !stream.places, "a picture that is no key frame");
    demand(!this.model.configuration.fixedSize, "a model of one size");
    const grid = gridOf(this.model, stream, undefined);
    const prior = readLatents(this.model, grid, cellQualities(this.model, grid, stream, decodeNothing), stream, true);
    return { prior, width: stream.width, height: stream.height, grey: stream.grey };
  }

  private delta(fields: Fields, masked: boolean) {
    const { known, model } = this;
    const reference = new DataView(fields.take(4).slice().buffer).getUint32(0, true);
    demand(known !== undefined && known.checksum === reference, "the frame before is not at hand");
    const quality = fields.byte();
    const whole = gridOf(model, known, undefined);
    const kinds = decodePlane(whole.rows, whole.columns, fields.section(), planeStartOf(model));
    const most = model.configuration.prior.kind === "context" ? 40 : 0;
    demand(
      kinds.every((kind) => kind <= most || kind === 255),
      "a kind of cells that does not exist",
    );
    const body = fields.rest();
    if (kinds.every((kind) => kind === 0)) {
      demand(body.length === 0 && !masked, "symbols of no cells");
      return known;
    }
    const grid = { ...whole, isCoded: (x: number, y: number) => kinds[y * whole.columns + x] !== 0 };
    const qualities = cellQualities(model, grid, { quality, places: undefined }, decodeNothing);
    const before = { latents: known.prior.latents, dequantized: known.prior.dequantized, kinds };
    return { ...known, prior: readLatents(model, grid, qualities, { body, masked }, true, before) };
  }
}

const decodeNothing = (): Uint8Array => {
  throw new Error("a key frame has one quality");
};
