import { contextName, decode as decodePlane, type Start } from "../plane.js";
import { Fields, readHead, readStream, type Stream } from "./container.js";
import { type CellQualities, cellQualities, type Grid, gridOf, type Size } from "./grid.js";
import type { ReferenceModel } from "./model.js";
import { type Before, type Prior, priorOf } from "./prior.js";
import { demand } from "./refused.js";
import { SymbolReader } from "./symbol-reader.js";
import { synthesize } from "./synthesis.js";

/**
 * A second decoder, written from docs/FORMAT.md alone: slow, readable, without WebAssembly, and with nothing of src/. Where it and the
 * decoder of the package give different pixels, one of the two, or the page, is wrong.
 */
export interface Decoded extends Size {
  readonly channels: number;
  readonly data: Uint8Array;
}

export interface BareShape extends Size {
  readonly grey?: boolean;
}

/** Pictures of more pixels are beyond the patience of this decoder. */
const maxPixels = 2 ** 20;

export function decodeStream(model: ReferenceModel, bytes: Uint8Array): Decoded {
  const stream = readStream(bytes, maxPixels);
  demand(stream.model === model.id, "the stream is of another model");
  return decode(model, stream, true);
}

/** docs/FORMAT.md, "Bare frames". */
export function decodeBareFrame(
  model: ReferenceModel,
  frame: Uint8Array,
  { width, height, grey = false }: BareShape,
): Decoded {
  demand(frame.length > 1, "a frame without a payload");
  const { channels } = model.configuration;
  const picture = { width, height, grey: channels === 1 || (grey && channels === 3), alpha: undefined };
  const fields = new Fields(frame);
  const isMarked = frame[1] === 0;
  const head = isMarked ? fields.take(2)[0] : 128;
  demand((head & 7) === 0, "a frame of a payload alone");
  const { payload, masked, palette, hasPlaces } = readHead(head);
  demand(!(palette && picture.grey), "greys have no palette");
  const quality = payload === "latents" ? fields.byte() : 0;
  const places = hasPlaces ? fields.section() : undefined;
  return decode(model, { ...picture, payload, masked, palette, quality, places, body: fields.rest() }, false);
}

type Picture = Omit<Stream, "model" | "metadata">;

function decode(model: ReferenceModel, stream: Picture, sealed: boolean): Decoded {
  const { width, height, grey, palette, body } = stream;
  const lossless = stream.payload === "plane";
  const { configuration } = model;
  const { channels: modelChannels, fixedSize, patch } = configuration;
  demand(!fixedSize || (width === patch.width && height === patch.height), "the model knows one size only");
  demand(grey || modelChannels > 1, "a model of grey pictures decodes no colour");
  demand(
    modelChannels < 4 || (!grey && (lossless || !stream.alpha)),
    "a model of four channels has the alpha among them",
  );
  const planeStart = planeStartOf(model);
  const plane = (bytes: Uint8Array) => decodePlane(height, width, bytes, planeStart);
  const alpha = stream.alpha && plane(stream.alpha);
  if (palette) {
    const fields = new Fields(body);
    const colours = fields.take(3 * (fields.byte() + 1));
    return withAlpha(3, painted(plane(fields.rest()), colours), 3, alpha, stream, modelChannels === 4);
  }
  if (lossless) return withAlpha(grey ? 1 : 3, plane(body), 1, alpha, stream, modelChannels === 4);
  const fields = new Fields(body);
  const finest = { model, grid: gridOf(model, stream, alpha) };
  const levels = model.levels.map((level, i) => {
    // Cells of coarser levels are all coded.
    const grid = gridOf(level, stream, i > 0 ? undefined : alpha);
    const qualities = cellQualities(level, finest, stream, (columns, rows, bytes) =>
      decodePlane(rows, columns, bytes, planeStart),
    );
    const section = i < model.levels.length - 1 ? fields.section() : fields.rest();
    const own = { body: section, masked: stream.masked, finest: finest.grid };
    return { model: level, grid, latents: readLatents(level, grid, qualities, own, sealed).latents };
  });
  const samples = synthesize(levels, stream);
  if (modelChannels === 4) return { width, height, channels: 4, data: samples };
  const greyed = grey && modelChannels === 3;
  return withAlpha(grey ? 1 : 3, greyed ? averaged(samples) : samples, grey ? 1 : 3, alpha, stream, false);
}

export function planeStartOf(model: ReferenceModel): Start {
  if (!model.has("plane.contexts")) return new Map();
  const probabilities = model.elements("plane.probabilities");
  const seen = model.elements("plane.seen");
  return new Map(
    Array.from(model.elements("plane.contexts"), (context, i) => [
      contextName(context),
      { probability: 64 * probabilities[i], seen: seen[i] },
    ]),
  );
}

/** docs/FORMAT.md, "Strips", of one level. */
export function readLatents(
  model: ReferenceModel,
  grid: Grid,
  qualities: CellQualities,
  { body, masked, finest = grid }: Pick<Picture, "body" | "masked"> & { readonly finest?: Grid },
  sealed: boolean,
  before?: Before,
): Prior {
  const prior = priorOf(model, grid, qualities, before);
  const fields = new Fields(body);
  const rows = Math.max(16, Math.floor(2 ** 16 / finest.columns));
  const height = Math.ceil((rows * grid.rows) / finest.rows);
  for (let first = 0; first < grid.rows; first += height) {
    const end = Math.min(first + height, grid.rows);
    const strip = new Fields(end < grid.rows ? fields.section() : fields.rest());
    const bitmap = masked ? strip.take(Math.ceil(grid.latents / 8)) : undefined;
    const channels = Array.from({ length: grid.latents }, (_, c) => !bitmap || ((bitmap[c >> 3] >> (c & 7)) & 1) === 1);
    demand(
      !bitmap || grid.latents % 8 === 0 || bitmap[bitmap.length - 1] >> (grid.latents % 8) === 0,
      "a mask of too many channels",
    );
    const reader = new SymbolReader(model.tables, strip.rest());
    prior.readStrip({ first, end, channels, read: (table) => reader.read(table) });
    reader.finish(sealed);
  }
  return prior;
}

export function averaged(samples: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: samples.length / 3 }, (_, i) =>
    Math.floor((samples[3 * i] + samples[3 * i + 1] + samples[3 * i + 2] + 1) / 3),
  );
}

/** docs/FORMAT.md, "Lossless pictures": the colours that samples stand for. */
function painted(samples: Uint8Array, colours: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 3 * samples.length }, (_, i) => {
    const sample = samples[Math.floor(i / 3)];
    const colour = sample === 0 ? 0 : sample === 255 ? 1 : sample + 1;
    demand(3 * colour < colours.length, "a sample without a colour");
    return colours[3 * colour + (i % 3)];
  });
}

/** Puts colour and alpha together: `colours` samples a pixel of `source`, which holds as many or one that all have in common. */
function withAlpha(
  colours: number,
  source: Uint8Array,
  sourceChannels: number,
  alpha: Uint8Array | undefined,
  { width, height }: Size,
  always: boolean,
): Decoded {
  const channels = colours + (alpha || always ? 1 : 0);
  const data = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const opacity = alpha ? alpha[pixel] : 255;
    for (let c = 0; c < colours; c++) {
      data[pixel * channels + c] = opacity === 0 ? 0 : source[pixel * sourceChannels + (sourceChannels === 1 ? 0 : c)];
    }
    if (channels > colours) data[pixel * channels + colours] = opacity;
  }
  return { width, height, channels, data };
}
