import { crc32 } from "node:zlib";
import { bytesOfHex } from "../../src/bytes.js";
import { writeContainer } from "../../src/codec/container.js";
import { createDecoder } from "../../src/codec/create-decoder.js";
import { stripsOf } from "../../src/codec/strips.js";
import { IsthmusError } from "../../src/errors.js";
import { unpackFrames } from "../../src/exchange/frames.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { expectedTensors } from "../../src/models/expected-tensors.js";
import { gridSize } from "../../src/models/tiling.js";
import { emptyModel, graph } from "../strangers/models.js";
import { watch } from "../strangers/watch.js";
import type { Dice } from "./dice.js";

/** Inputs of few bytes that cost much: sizes go up to the limits, and what counts is that others get their turn, and that a signal ends the work. */

export const costBounds = { milliseconds: 10_000, memoryBytes: 2 ** 28, bufferBytes: 2 ** 31 } as const;

/** The signal is raised after so many milliseconds. */
const allowed = 150;
/** On a busy machine: what is promised is 50 and 200. */
const longestWait = 1000;
const tries = 3;

/** The work that its signal ended, or an error of ours; what is slow must be so again and again. Gives what was wrong. */
export async function costly(work: (signal: AbortSignal) => Promise<unknown>): Promise<string | undefined> {
  let problem: string | undefined;
  for (let i = 0; i < tries; i++) {
    const watched = await watch(allowed, work);
    if (watched.error !== undefined && !(watched.error instanceof IsthmusError)) throw watched.error;
    const late = watched.milliseconds - allowed;
    if (watched.longestWait < longestWait && late < longestWait) return undefined;
    problem = `others waited ${Math.round(watched.longestWait)} ms, and the signal ${Math.round(late)} ms`;
  }
  return problem;
}

const side = (dice: Dice): number => Math.max(1, Math.min(65536, Math.round(2 ** (dice.next() * 16.2))));

/** Width and height within 2^26 pixels. */
function largeSize(dice: Dice): { width: number; height: number } {
  const width = side(dice);
  return { width, height: Math.max(1, Math.min(side(dice), Math.floor(2 ** 26 / width))) };
}

const mostWeights = 1 << 22;

/** A graph with something extreme in it, within a few megabytes of weights. */
export function extremeGraph(dice: Dice): ModelConfiguration {
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

/** A stream that claims much: planes of one value, or of bytes that say little, and symbols that are all 0. */
export function costOfModel(dice: Dice): { input: Uint8Array; run: () => Promise<string | undefined> } {
  const configuration = extremeGraph(dice);
  const file = emptyModel(configuration);
  const size = largeSize(dice);
  const isHidden = dice.chance(0.4);
  const alpha = dice.pick([Uint8Array.of(0), Uint8Array.of(9), dice.bytes(2 + dice.below(4000))]);
  const lossless = dice.chance(0.2);
  const length = dice.below(3000);
  return {
    input: file.subarray(0, 2000),
    async run() {
      let stream = new Uint8Array(0);
      const opened = await costly(async (signal) => {
        const { model } = await createDecoder(file, { signal, maxMemory: costBounds.memoryBytes });
        const strips = stripsOf(gridSize(configuration, size)).length;
        const symbols = new Uint8Array(Math.max(length, 5 * strips)).fill(crc32(Uint8Array.of(length)) & 255);
        stream = writeContainer({
          modelId: bytesOfHex(model.id),
          ...size,
          grey: model.channels === 1,
          quality: length & 255,
          symbols: lossless ? new Uint8Array(0) : symbols,
          ...(lossless && { plane: alpha }),
          ...(isHidden && { alpha }),
        }) as Uint8Array<ArrayBuffer>;
      });
      if (opened !== undefined) return `opening: ${opened}`;
      if (stream.length === 0) return undefined;
      const decoder = await createDecoder(file, { maxMemory: costBounds.memoryBytes }).catch(() => undefined);
      const decoded = decoder && (await costly((signal) => decoder.decode(stream, { signal, maxPixels: 2 ** 26 })));
      return decoded && `decoding: ${decoded}`;
    },
  };
}

/** Many frames in few bytes. */
export function costOfFrames(dice: Dice) {
  const bytes = new Uint8Array(dice.below(1 << 20)).fill(dice.below(3));
  const most = 1 + dice.below(64);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += most) pieces.push(bytes.subarray(at, at + most));
  const source = dice.chance(0.5) ? pieces : [bytes];
  return {
    input: bytes,
    run: () =>
      costly(async (signal) => {
        for await (const _ of unpackFrames(source, { signal }));
      }),
  };
}
