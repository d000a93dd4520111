import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { createDecoder } from "../../src/codec/create-decoder.js";
import { inspectSlowly } from "../../src/codec/inspect.js";
import { coveredCells } from "../../src/codec/latents/coverage.js";
import { encodePlane } from "../../src/codec/planes/plane.js";
import { writeContainer } from "../../src/codec/stream/container.js";
import { bytesOfHex } from "../../src/ground/bytes.js";
import { Pacer } from "../../src/ground/pacer.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { turnsAt } from "../../src/kernels/turns.js";
import type { ModelConfiguration } from "../../src/models/configuration.js";
import { Model } from "../../src/models/model.js";
import { cellsOf } from "../../src/models/plane-contexts.js";
import { goldenModel } from "../vectors/golden-files.js";
import { emptyModel, graph } from "./models.js";
import { streamFor } from "./streams.js";
import { watch } from "./watch.js";

/**
 * Streams and models from strangers may take as long as their pictures are large, but others get their turn meanwhile, and a signal ends the work.
 * Machines are busy: the bounds are far above what is promised, and far below what a single stretch of the work takes.
 */
const bound = 1000;

describe("cells that are covered", () => {
  const configurations = fc.record({
    side: fc.integer({ min: 1, max: 9 }),
    synthesisMargin: fc.integer({ min: 0, max: 12 }),
  });
  const planes = fc.record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    dots: fc.array(fc.nat(1599), { maxLength: 5 }),
    opaque: fc.boolean(),
  });

  /** Window by window. */
  function reference(c: ModelConfiguration, width: number, height: number, alpha: Uint8Array): number[] {
    const { patch, synthesisMargin: margin } = c;
    const cells: number[] = [];
    for (let top = 0; top < height; top += patch.height) {
      for (let left = 0; left < width; left += patch.width) {
        const seen = alpha.some((sample, i) => {
          const [x, y] = [i % width, Math.floor(i / width)];
          const inside = x >= left - margin && x < left + patch.width + margin;
          return sample > 0 && inside && y >= top - margin && y < top + patch.height + margin;
        });
        cells.push(seen ? 1 : 0);
      }
    }
    return cells;
  }

  test("are those whose windows show something", async () => {
    await fc.assert(
      fc.asyncProperty(configurations, planes, async ({ side, synthesisMargin }, { width, height, dots, opaque }) => {
        const c = graph({ patch: { width: side, height: side }, synthesisMargin });
        const alpha = new Uint8Array(width * height).fill(opaque ? 255 : 0);
        for (const dot of dots) alpha[dot % alpha.length] = opaque ? 0 : 1;
        const wanted = reference(c, width, height, alpha);
        const covered = await coveredCells(c, { width, height }, alpha, new Pacer({}));
        expect(covered ? [...covered] : wanted.map(() => 1)).toEqual(wanted);
        expect(covered === undefined).toBe(!wanted.includes(0));
      }),
    );
  });

  test("are found in one pass, however far windows reach", async () => {
    const side = 4096;
    const alpha = new Uint8Array(side * side);
    alpha[alpha.length - 1] = 255;
    const c = graph({ patch: { width: 64, height: 64 }, synthesisMargin: 256 });
    // Window by window this would be 1.4 * 10^9 samples.
    const { longestWait, error } = await watch(60_000, async (signal) => {
      const covered = await coveredCells(c, { width: side, height: side }, alpha, new Pacer({ signal }));
      expect(covered!.reduce((sum, bit) => sum + bit)).toBe(25);
    });
    expect(error).toBeUndefined();
    expect(longestWait).toBeLessThan(bound);
  });
});

describe("a hostile model", () => {
  const wide = { patch: { width: 64, height: 64 }, synthesisMargin: 256, latents: 1 };
  const hidden = 5000;
  const graphs: [string, ModelConfiguration, { width: number; height: number }][] = [
    ["of windows that reach far", graph(wide), { width: 65536, height: 64 }],
    [
      "of wide blocks",
      graph({ latents: 64, synthesis: { hidden: [], blocks: 1, blockHidden: 65536 } }),
      { width: 2048, height: 2048 },
    ],
    [
      "of a wide prior",
      graph({ latents: 2, prior: { kind: "context", hidden, groups: [2] } }),
      { width: 2048, height: 2048 },
    ],
    ["of many latents", graph({ latents: 4096 }), { width: 1024, height: 1024 }],
  ];

  test.each(graphs)("%s lets others work, and ends when its signal is raised", async (_, configuration, size) => {
    const file = emptyModel(configuration);
    const opening = await watch(600_000, (signal) => createDecoder(file, { signal }));
    expect(opening.error).toBeUndefined();
    expect(opening.longestWait).toBeLessThan(bound);

    const decoder = await createDecoder(file);
    const stream = await streamFor(file, size);
    expect(stream.length).toBeLessThan(1000);
    const decoding = await watch(300, (signal) => decoder.decode(stream, { signal }));
    expect(decoding.error).toMatchObject({ code: "aborted", cause: "enough" });
    expect(decoding.longestWait).toBeLessThan(bound);
    expect(decoding.milliseconds).toBeLessThan(300 + bound);
  });

  test("in few bytes, which holds much, lets others work, and is given up when its signal is raised", async () => {
    const plain = emptyModel(graph({ latents: 64, synthesis: { hidden: [], blocks: 2, blockHidden: 32768 } }));
    const coded = Model.read(plain).coded();
    expect(coded.length).toBeLessThan(plain.length / 500);
    for (const open of [createDecoder, inspectSlowly]) {
      const whole = await watch(600_000, (signal) => open(coded, { signal }));
      expect(whole.error).toBeUndefined();
      expect(whole.longestWait).toBeLessThan(bound);
      const ended = await watch(50, (signal) => open(coded, { signal }));
      expect(ended.error).toMatchObject({ code: "aborted", cause: "enough" });
      expect(ended.milliseconds).toBeLessThan(50 + bound);
    }
  });

  test("may not have windows that reach over many patches", async () => {
    const file = emptyModel(graph({ patch: { width: 1, height: 1 }, synthesisMargin: 256 }));
    await expect(createDecoder(file)).rejects.toMatchObject({ code: "invalid-model" });
    await expect(Codec.create(file)).rejects.toMatchObject({ code: "invalid-model" });
    const sent = emptyModel(graph({ patch: { width: 2, height: 2 }, analysisMargin: 17 }));
    await expect(Codec.create(sent)).rejects.toMatchObject({ code: "invalid-model" });
    await expect(createDecoder(sent)).resolves.toBeDefined();
  });
});

describe("planes", async () => {
  const model = goldenModel("photo");
  const codec = await Codec.create(model);
  const base = { modelId: bytesOfHex(model.id), grey: true, payload: "plane" as const };

  test("of 2^28 samples in 26 bytes are given up when the signal is raised", async () => {
    for (const [alpha, grey] of [
      [undefined, false],
      [Uint8Array.of(7), true],
    ] as const) {
      const plane = Uint8Array.of(128);
      const stream = writeContainer({ ...base, grey, plane, ...(alpha && { alpha }), width: 16384, height: 16384 });
      const { error, longestWait, milliseconds } = await watch(100, (signal) => codec.decode(stream, { signal }));
      expect(error).toMatchObject({ code: "aborted", cause: "enough" });
      expect(longestWait).toBeLessThan(bound);
      expect(milliseconds).toBeLessThan(100 + bound);
    }
  });

  test("that cost little are decoded, and made, with breath in between", async () => {
    const size = { width: 8192, height: 4096 };
    const samples = new Uint8Array(size.width * size.height).fill(255, 0, size.width * 1000 + 77);
    const { call, memory } = await loadKernels();
    const kernels = { call, memory, relaxed: false };
    let plane: Uint8Array | undefined;
    const encoding = await watch(60_000, async (signal) => {
      plane = await encodePlane(kernels, samples, size, cellsOf(undefined), new Pacer({ signal }));
    });
    expect(encoding.error).toBeUndefined();
    expect(encoding.longestWait).toBeLessThan(bound);
    const stream = writeContainer({ ...base, plane: plane!, alpha: plane!, ...size });
    expect(stream.length).toBeLessThan(2000);
    const decoding = await watch(60_000, async () => {
      const { data, channels } = await codec.decode(stream);
      expect(channels).toBe(2);
      expect(data.subarray(0, 4)).toEqual(Uint8Array.of(255, 255, 255, 255));
      expect(data.lastIndexOf(255)).toBe((size.width * 1000 + 77) * 2 - 1);
    });
    expect(decoding.error).toBeUndefined();
    expect(decoding.longestWait).toBeLessThan(bound);
    const aborted = await watch(100, (signal) => codec.decode(stream, { signal }));
    expect(aborted.error).toMatchObject({ code: "aborted" });
  });
});

test("whoever waits for another's turn ends when the signal is raised", async () => {
  const { memory } = await loadKernels();
  const turns = turnsAt(memory);
  let end = (): void => {};
  const long = turns.run(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  const { error } = await watch(20, (signal) => turns.run(() => "never", signal));
  expect(error).toMatchObject({ code: "aborted", cause: "enough" });
  const next = turns.run(() => "next");
  end();
  await long;
  expect(await next).toBe("next");
});
