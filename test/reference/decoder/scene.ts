import { crc32 } from "node:zlib";
import { decode as decodePlane } from "../plane.js";
import { Fields, readStream } from "./container.js";
import { averaged, type Decoded, decodeStream, planeStartOf, readLatents } from "./decode.js";
import { cellQualities, gridOf } from "./grid.js";
import type { ReferenceModel } from "./model.js";
import type { Prior } from "./prior.js";
import { demand } from "./refused.js";
import { synthesize } from "./synthesis.js";

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
}

/** The frames of a scene (docs/FORMAT.md, "Scenes"), decoded one after another, each picture made anew. */
export class ReferenceScene {
  private known: ({ prior?: Prior; lossless?: Decoded; checksum: number; sequence: number } & Shape) | undefined;

  constructor(private readonly model: ReferenceModel) {}

  decode(frame: Uint8Array): Decoded {
    const fields = new Fields(frame.subarray(0, -4));
    demand(frame.length >= 7 && Buffer.from(fields.take(2)).toString("hex") === "cb49", "no frame of a scene");
    const head = fields.byte();
    demand(head >> 4 === 1, "another version");
    const checksum = new DataView(frame.buffer, frame.byteOffset).getUint32(frame.length - 4, true);
    demand(crc32(frame.subarray(0, -4)) === checksum, "a wrong checksum");
    demand([0, 1, 2, 8].includes(head & 15), "flags that no frame has");
    const sequence = fields.varint();
    fields.varint();
    const isKey = (head & 1) === 1;
    demand(!this.known || sequence > this.known.sequence || (isKey && sequence === 0), "a frame that comes late");
    const taken = isKey
      ? this.key(fields.rest())
      : (head & 8) === 8
        ? this.areas(fields)
        : this.delta(fields, (head & 2) === 2);
    this.known = { ...taken, checksum, sequence };
    const { width, height, grey, prior, lossless } = this.known;
    if (lossless) return { ...lossless, data: lossless.data.slice() };
    const shown = { model: this.model, grid: gridOf(this.model, this.known, undefined), latents: prior!.latents };
    const samples = synthesize([shown], this.known);
    const { channels } = this.model.configuration;
    return { width, height, channels: grey ? 1 : channels, data: grey && channels === 3 ? averaged(samples) : samples };
  }

  private key(bytes: Uint8Array): Shape & { prior?: Prior; lossless?: Decoded } {
    const stream = readStream(bytes, 2 ** 20);
    demand(stream.model === this.model.id, "the frame is of another model");
    demand(!stream.alpha && !stream.places, "a picture that is no key frame");
    const { fixedSize, coarser } = this.model.configuration;
    demand(!fixedSize && !coarser, "a model of one size, or of several levels");
    const { width, height, grey } = stream;
    if (stream.payload === "plane") return { width, height, grey, lossless: decodeStream(this.model, bytes) };
    const grid = gridOf(this.model, stream, undefined);
    const prior = readLatents(
      this.model,
      grid,
      cellQualities(this.model, { model: this.model, grid }, stream, decodeNothing),
      stream,
      true,
    );
    return { prior, width, height, grey };
  }

  private reference(fields: Fields) {
    const reference = new DataView(fields.take(4).slice().buffer).getUint32(0, true);
    demand(this.known !== undefined && this.known.checksum === reference, "the frame before is not at hand");
    return this.known;
  }

  private areas(fields: Fields) {
    const known = this.reference(fields);
    demand(known.lossless !== undefined, "areas of a picture of latents");
    const { width, height, channels, data } = known.lossless;
    let pixels = 0;
    while (!fields.ended) {
      const [left, top] = [fields.varint(), fields.varint()];
      const bytes = fields.section();
      const stream = readStream(bytes, 2 ** 20);
      demand(stream.payload === "plane" && !stream.alpha, "an area that is not lossless");
      const area = decodeStream(this.model, bytes);
      pixels += area.width * area.height;
      demand(pixels <= width * height && area.channels === channels, "areas of another picture");
      demand(left + area.width <= width && top + area.height <= height, "an area beyond the picture");
      for (let i = 0; i < area.data.length; i++) {
        const [x, y] = [i % (area.width * channels), Math.floor(i / (area.width * channels))];
        data[((top + y) * width + left) * channels + x] = area.data[i];
      }
    }
    return known;
  }

  private delta(fields: Fields, masked: boolean) {
    const { model } = this;
    const known = this.reference(fields);
    demand(known.prior !== undefined, "cells of a lossless picture");
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
    const qualities = cellQualities(model, { model, grid }, { quality, places: undefined }, decodeNothing);
    const before = { latents: known.prior.latents, dequantized: known.prior.dequantized, kinds };
    return { ...known, prior: readLatents(model, grid, qualities, { body, masked }, true, before) };
  }
}

const decodeNothing = (): Uint8Array => {
  throw new Error("a key frame has one quality");
};
