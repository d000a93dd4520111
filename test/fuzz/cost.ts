import { createDecoder } from "../../src/codec/create-decoder.js";
import { inspect } from "../../src/codec/inspect.js";
import { stripsOf } from "../../src/codec/latents/strips.js";
import { writeContainer } from "../../src/codec/stream/container.js";
import { unpackFrames } from "../../src/exchange/frames.js";
import { bytesOfHex } from "../../src/ground/bytes.js";
import { IsthmusError } from "../../src/ground/errors.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { expectedTensors } from "../../src/models/network.js";
import { gridSize } from "../../src/models/tiling.js";
import { decodePreview } from "../../src/preview/decode-preview.js";
import { encodePreview } from "../../src/preview/encode-preview.js";
import { loadPreviewModel } from "../../src/preview/preview-model.js";
import { drawPicture } from "../reference/pictures.js";
import { emptyModel, graph } from "../strangers/models.js";
import { watch } from "../strangers/watch.js";
import type { Dice } from "./dice.js";
import { mutateCoded } from "./mutate-coded.js";
import { mutateModel, writeHeader } from "./mutate-model.js";
import { mutateStream, writeStream } from "./mutate-stream.js";
import type { Subjects } from "./subjects.js";

/** Inputs of few bytes that cost much, one function for each door: sizes go up to the limits, and what counts is what SECURITY.md promises. */

/** What an input took, in shares of what it may take: above 1 is more than is promised. */
export interface Cost {
  readonly time: number;
  readonly memory: number;
  readonly told: string;
}

export interface Costly {
  readonly input: Uint8Array;
  readonly run: () => Promise<Cost>;
}

export interface Door {
  readonly name: string;
  readonly make: (subjects: Subjects, dice: Dice) => Costly;
}

/** The signal is raised after so many milliseconds. */
const allowed = 150;
/** Milliseconds of the processor: what is promised is 50 until others get their turn, and 200 until a signal has ended the work. */
const mostWork = 400;
const maxMemory = 2 ** 28;
const maxPixels = 2 ** 26;
/** Samples and alpha of the largest picture, and what the engine has not collected yet. */
const mostBuffers = maxMemory + 5 * maxPixels + 2 ** 27;

/** Of work that breathes and takes a signal. Throws what is no error of the library's. */
async function breathing(work: (signal: AbortSignal) => Promise<unknown>): Promise<Cost> {
  const watched = await watch(allowed, work);
  if (watched.error !== undefined && !(watched.error instanceof IsthmusError)) throw watched.error;
  const { longestWork, workAfterSignal, buffers } = watched;
  return {
    time: Math.max(longestWork, workAfterSignal) / mostWork,
    memory: buffers / mostBuffers,
    told: `others waited ${Math.round(longestWork)} ms, the signal ${Math.round(workAfterSignal)} ms, ${buffers} bytes`,
  };
}

/** Of work that is done at once, in so many milliseconds of a processor and bytes at most. */
async function atOnce(milliseconds: number, bytes: number, work: () => unknown): Promise<Cost> {
  const before = process.memoryUsage().arrayBuffers;
  const started = process.cpuUsage();
  try {
    work();
  } catch (error) {
    if (!(error instanceof IsthmusError)) throw error;
  }
  const { user, system } = process.cpuUsage(started);
  const took = (user + system) / 1000;
  const buffers = Math.max(0, process.memoryUsage().arrayBuffers - before);
  return { time: took / milliseconds, memory: buffers / bytes, told: `${Math.round(took)} ms, ${buffers} bytes` };
}

const side = (dice: Dice): number => Math.max(1, Math.min(65536, Math.round(2 ** (dice.next() * 16.2))));

/** Width and height within 2^26 pixels. */
function largeSize(dice: Dice): { width: number; height: number } {
  const width = side(dice);
  return { width, height: Math.max(1, Math.min(side(dice), Math.floor(maxPixels / width))) };
}

/** A plane of few bytes for many samples. */
const planeOf = (dice: Dice): Uint8Array =>
  dice.pick([() => Uint8Array.of(0), () => Uint8Array.of(9), () => dice.bytes(2 + dice.below(4000))])();

const mostWeights = 1 << 22;

/** A graph with something extreme in it, within a few megabytes of weights. */
function extremeGraph(dice: Dice): ModelConfiguration {
  for (;;) {
    const power = (most: number): number => Math.max(1, Math.floor(2 ** (dice.next() * Math.log2(most))));
    const patch = power(256);
    const latents = power(4096);
    const transform = () => ({
      hidden: Array.from({ length: dice.below(3) }, () => power(4096)),
      blocks: dice.chance(0.5) ? 0 : power(16),
      blockHidden: power(65536),
    });
    const configuration = graph({
      channels: dice.pick([1, 3] as const),
      patch: { width: patch, height: patch },
      synthesisMargin: Math.min(256, dice.below(4 * patch + 1)),
      latents,
      activation: dice.pick(["identity", "relu", "leakyRelu", "hardSwish", "gelu", "tanh", "sigmoid"] as const),
      synthesis: transform(),
      prior: dice.chance(0.5) ? { kind: "static" } : { kind: "context", hidden: power(2048), groups: [latents] },
    });
    const weights = expectedTensors(configuration, "all").reduce((sum, { count }) => sum + count, 0);
    if (weights <= mostWeights) return configuration;
  }
}

const worse = (left: Cost, right: Cost): Cost => ({
  time: Math.max(left.time, right.time),
  memory: Math.max(left.memory, right.memory),
  told: `${left.told}; ${right.told}`,
});

export const doors: readonly Door[] = [
  {
    name: "model and stream",
    make(_, dice) {
      const configuration = extremeGraph(dice);
      const file = emptyModel(configuration);
      const size = largeSize(dice);
      const alpha = dice.chance(0.4) ? planeOf(dice) : undefined;
      const plane = dice.chance(0.2) ? planeOf(dice) : undefined;
      const quality = dice.below(256);
      const length = dice.below(3000);
      const fill = dice.below(256);
      return {
        input: file.subarray(0, 2000),
        async run() {
          let stream: Uint8Array | undefined;
          const opening = await breathing(async (signal) => {
            const { model } = await createDecoder(file, { signal, maxMemory });
            const strips = stripsOf(gridSize(configuration, size)).length;
            const symbols = new Uint8Array(Math.max(length, 5 * strips)).fill(fill);
            const modelId = bytesOfHex(model.id);
            const grey = model.channels === 1;
            const parts = {
              modelId,
              ...size,
              grey,
              ...(alpha && { alpha }),
            };
            const payload = plane
              ? { payload: "plane" as const, plane }
              : { payload: "latents" as const, quality, symbols };
            stream = writeContainer({ ...parts, ...payload });
          });
          const decoder = stream && (await createDecoder(file, { maxMemory }).catch(() => undefined));
          if (!stream || !decoder) return opening;
          const bytes = stream;
          const inRows = length % 2 === 0;
          const decoding = await breathing(async (signal) => {
            if (!inRows) return decoder.decode(bytes, { signal, maxPixels });
            for await (const _ of (await decoder.decodeRows(bytes, { signal, maxPixels })).rows);
          });
          return worse(opening, decoding);
        },
      };
    },
  },
  {
    name: "stream",
    make({ coders }, dice) {
      const coder = dice.pick(coders.filter(({ model }) => !model.configuration.fixedSize));
      const fields = dice.pick(coder.streams);
      const lossless = fields.payload === 1 || (coder.model.channels < 4 && dice.chance(0.2));
      const large = {
        ...fields,
        ...largeSize(dice),
        payload: lossless ? 1 : 0,
        third: fields.third && !lossless,
        places: lossless ? undefined : dice.chance(0.3) ? dice.bytes(1 + dice.below(300)) : fields.places,
        ...(dice.chance(0.6) && { alpha: planeOf(dice) }),
        ...(dice.chance(0.5) && { body: lossless ? planeOf(dice) : dice.bytes(dice.below(4000)) }),
      };
      const input = dice.chance(0.3) ? mutateStream(large, dice, large) : writeStream(large);
      return {
        input,
        run: () => breathing((signal) => coder.decoder.decode(input, { signal, maxPixels })),
      };
    },
  },
  {
    name: "model",
    make({ smallest, previewFile }, dice) {
      // Headers of many small things: JSON takes longer than anything else of its length.
      const good = dice.chance(0.5) ? dice.pick(smallest).file : previewFile;
      const count = dice.below(30_000);
      const piece = dice.pick(['{"a":1},', "[],", '"",', "0,", '{"dtype":"U8"},']);
      const deep = "[".repeat(dice.chance(0.3) ? count : 0);
      const what = dice.pick(["configuration", "training", "header", "mutated", "coded"] as const);
      const text = `${deep}[${piece.repeat(count)}0]${"]".repeat(deep.length)}`;
      const metadata = { ...good.metadata, [what]: what === "configuration" ? `{"a":${text}}` : text };
      const input =
        what === "coded"
          ? mutateCoded(dice.pick(smallest).file, dice)
          : what === "mutated"
            ? mutateModel(good, dice, good)
            : writeHeader(good, metadata, what === "header" ? text : "");
      return {
        input,
        run: async () => {
          const milliseconds = 500 + input.length / 2 ** 15;
          const read = await atOnce(milliseconds, 2 ** 26 + 4 * input.length, () => inspect(input));
          const opened = await breathing((signal) => createDecoder(input, { signal, maxMemory }));
          return worse(read, opened);
        },
      };
    },
  },
  {
    name: "frames",
    make(_, dice) {
      const bytes = new Uint8Array(dice.below(1 << 20)).fill(dice.below(3));
      const claim = dice.chance(0.3) ? dice.bytes(dice.below(6)) : new Uint8Array(0);
      bytes.set(claim.subarray(0, bytes.length));
      const most = 1 + dice.below(64);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += most) pieces.push(bytes.subarray(at, at + most));
      const source = dice.chance(0.5) ? pieces : [bytes];
      return {
        input: bytes.subarray(0, 2000),
        run: () =>
          breathing(async (signal) => {
            for await (const _ of unpackFrames(source, { signal }));
          }),
      };
    },
  },
  {
    name: "preview and its model",
    make({ previewFile }, dice) {
      const isMutated = dice.chance(0.9);
      const model = isMutated ? mutateModel(previewFile, dice, previewFile) : undefined;
      const frame = dice.bytes(8 + dice.below(57));
      const picture = drawPicture(1 + dice.below(40), 1 + dice.below(40), dice.pick([1, 3, 4] as const));
      const bytes = 8 + dice.below(57);
      const size = 1 + dice.below(1024);
      return {
        input: model ?? frame,
        run: () =>
          atOnce(5000, 2 ** 26, () => {
            const options = model && { model: loadPreviewModel(model) };
            decodePreview(frame, { size, ...options });
            encodePreview(picture, { bytes, ...options });
          }),
      };
    },
  },
  {
    name: "checkpoint",
    make({ checkpoint }, dice) {
      const input = mutateModel(checkpoint.file, dice, checkpoint.file);
      return {
        input,
        async run() {
          try {
            return await atOnce(500 + input.length / 2 ** 15, 2 ** 26 + 8 * input.length, () =>
              checkpoint.restore(input),
            );
          } finally {
            checkpoint.restore(checkpoint.bytes);
          }
        },
      };
    },
  },
];
