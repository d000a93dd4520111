import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { encodePlane } from "../../../src/codec/planes/plane.js";
import { Pacer } from "../../../src/ground/pacer.js";
import { loadKernels } from "../../../src/kernels/instantiate.js";
import { cellsOf, planeContextCount } from "../../../src/models/plane-contexts.js";
import { trainPlaneContexts } from "../../../src/training/learn-plane-contexts.js";
import { unlessRefused } from "../../reference/decoder/refused.js";
import * as reference from "../../reference/plane.js";
import {
  contextCount,
  planeDecode as decode,
  planeEncode as encode,
  freshContext,
  planeTrace as trace,
} from "../calls.js";

/** Planes like alpha channels: flat, masks, soft edges, ramps, noise. */
const kinds = {
  mask: (x: number, y: number, seed: number) => ((x - seed) ** 2 + (y - 9) ** 2 < 60 ? 255 : 0),
  soft: (x: number, y: number, seed: number) =>
    Math.max(0, Math.min(255, 300 - 5 * Math.hypot(x - seed, y - 9) ** 1.5)) & 255,
  ramp: (x: number, y: number, seed: number) => (x * seed + y * 3) & 255,
  stripes: (x: number, _: number, seed: number) => (x % (seed + 1) ? 255 : 128),
  noise: (x: number, y: number, seed: number) => (Math.imul(x * 7919 + y * 104729 + seed, 0x9e3779b1) >>> 13) & 255,
  extremes: (x: number, y: number, seed: number) =>
    ((Math.imul(x * 31 + y * 17 + seed, 0x9e3779b1) >>> 20) % 3) * 127.5,
};

const planes = fc
  .record({
    height: fc.integer({ min: 0, max: 24 }),
    width: fc.integer({ min: 0, max: 40 }),
    kind: fc.constantFrom(...Object.values(kinds)),
    seed: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ height, width, kind, seed }) => ({
    height,
    width,
    plane: Uint8Array.from({ length: height * width }, (_, i) => kind(i % width, Math.floor(i / width), seed)),
  }));

describe("the kernel and its twin", () => {
  test("write the same bytes and give the plane back, every byte of the stream read", () => {
    fc.assert(
      fc.property(planes, ({ height, width, plane }) => {
        const bytes = encode(height, width, plane)!;
        expect(bytes).toEqual(reference.encode(height, width, plane));
        expect(decode(height, width, bytes)).toEqual({ read: bytes.length, plane });
        expect(reference.decode(height, width, bytes)).toEqual(plane);
      }),
      { numRuns: 120 },
    );
  });

  test("carry through runs of 255 in the stream", () => {
    // Long streams of nearly incompressible samples meet every length of carry that matters.
    const plane = Uint8Array.from({ length: 30000 }, (_, i) => kinds.noise(i % 200, Math.floor(i / 200), 5));
    const bytes = encode(150, 200, plane)!;
    expect(bytes).toEqual(reference.encode(150, 200, plane));
    expect(decode(150, 200, bytes).plane!.every((sample, i) => sample === plane[i])).toBe(true);
  });

  test("agree on garbage, and whatever lies behind the input changes nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (bytes, width) => {
        const height = 12;
        const answer = decode(height, width, bytes, 0);
        expect(answer.read === bytes.length ? answer.plane : undefined).toEqual(
          unlessRefused(() => reference.decode(height, width, bytes)),
        );
        expect(decode(height, width, bytes, 255)).toEqual(answer);
      }),
    );
  });
});

describe("contexts", () => {
  const starts = fc
    .uniqueArray(fc.nat(contextCount - 1), { maxLength: 400 })
    .chain((indices) =>
      fc.tuple(
        fc.constant(Int32Array.from(indices).sort()),
        fc.uint16Array({ minLength: indices.length, maxLength: indices.length, min: 1 }),
        fc.uint8Array({ minLength: indices.length, maxLength: indices.length, min: 1 }),
      ),
    )
    .map(([indices, probabilities, seen]) => ({ indices, probabilities, seen }));

  test("are as many as models think", () => {
    expect(planeContextCount).toBe(contextCount);
    expect(cellsOf(undefined)).toEqual(new Uint32Array(contextCount).fill(freshContext));
  });

  test("have each a name of its own", () => {
    expect(new Set(Array.from({ length: contextCount }, (_, i) => reference.contextName(i))).size).toBe(contextCount);
  });

  test("may be given: the kernel and its twin agree on what follows", () => {
    fc.assert(
      fc.property(planes, starts, ({ height, width, plane }, start) => {
        const named = new Map(
          Array.from(start.indices, (index, i) => [
            reference.contextName(index),
            { probability: start.probabilities[i] * 64, seen: start.seen[i] },
          ]),
        );
        const bytes = encode(height, width, plane, undefined, cellsOf(start))!;
        expect(bytes).toEqual(reference.encode(height, width, plane, named));
        expect(decode(height, width, bytes, undefined, cellsOf(start))).toEqual({ read: bytes.length, plane });
        expect(reference.decode(height, width, bytes, named)).toEqual(plane);
      }),
      { numRuns: 60 },
    );
  });

  test("that have learnt from a plane make its like smaller", () => {
    const soft = (seed: number) =>
      Uint8Array.from({ length: 1200 }, (_, i) => kinds.soft(i % 40, Math.floor(i / 40), seed));
    const contexts = cellsOf(undefined);
    const fresh = encode(30, 40, soft(14))!;
    encode(30, 40, soft(9), undefined, contexts);
    expect(encode(30, 40, soft(14), undefined, contexts)!.length).toBeLessThan(fresh.length);
  });

  test("that learn are listed, bit by bit, and no others", () => {
    fc.assert(
      fc.property(planes, ({ height, width, plane }) => {
        const cells = cellsOf(undefined);
        const learnt = trace(height, width, plane)!;
        const uniform = plane.every((sample) => sample === plane[0]);
        encode(height, width, plane, undefined, cells);
        const touched = new Set(uniform ? [] : learnt.map(({ context }) => context));
        const changed = new Set([...cells.keys()].filter((context) => cells[context] !== freshContext));
        expect(changed).toEqual(touched);
        for (const context of touched) {
          const count = learnt.filter((one) => one.context === context).length;
          expect(cells[context] & 1023).toBeGreaterThanOrEqual(Math.min(255, count));
        }
      }),
      { numRuns: 30 },
    );
    expect(trace(1, 3, Uint8Array.of(0, 128, 255), 8)).toBeUndefined();
  });
});

describe("sizes", () => {
  test("a plane of one value costs one byte, whatever its size", () => {
    for (const value of [0, 128, 255]) {
      for (const [height, width] of [
        [1, 1],
        [1, 500],
        [700, 900],
      ]) {
        const plane = new Uint8Array(height * width).fill(value);
        expect(encode(height, width, plane)).toEqual([value]);
        expect(decode(height, width, [value]).plane!.every((sample) => sample === value)).toBe(true);
      }
    }
  });

  test("a large mask with one round hole costs about two bits for each pixel of its outline", () => {
    const side = 400;
    const plane = Uint8Array.from({ length: side * side }, (_, i) =>
      ((i % side) - 200) ** 2 + (Math.floor(i / side) - 200) ** 2 < 150 ** 2 ? 0 : 255,
    );
    const bytes = encode(side, side, plane)!;
    expect(decode(side, side, bytes).plane!.every((sample, i) => sample === plane[i])).toBe(true);
    expect(bytes.length * 8).toBeLessThan(2 * Math.PI * 150 * 2.5);
  });

  test("masks cost less than half of PNG and less than lossless WebP", async () => {
    const side = 96;
    const distance = (i: number) => Math.hypot((i % side) - 45, (Math.floor(i / side) - 50) * 1.3);
    const shapes = {
      hard: (i: number) => (distance(i) < 40 ? 255 : 0),
      antialiased: (i: number) => Math.max(0, Math.min(255, Math.round((40 - distance(i)) * 255))),
      blurred: (i: number) => Math.max(0, Math.min(255, Math.round((40 - distance(i)) * 12))),
    };
    for (const shape of Object.values(shapes)) {
      const plane = Uint8Array.from({ length: side * side }, (_, i) => shape(i));
      const picture = sharp(plane, { raw: { width: side, height: side, channels: 1 } });
      const png = await picture.clone().png({ compressionLevel: 9 }).toBuffer();
      const webp = await picture.clone().webp({ lossless: true, effort: 6 }).toBuffer();
      const ours = encode(side, side, plane)!;
      expect(ours.length).toBeLessThan(png.length / 2);
      expect(ours.length).toBeLessThan(webp.length);
    }
  });

  test("noise costs little more than its own size", () => {
    const plane = Uint8Array.from({ length: 4096 }, (_, i) => kinds.noise(i % 64, i >> 6, 1));
    expect(encode(64, 64, plane)!.length).toBeLessThan(4096 * 1.1);
  });

  test("no samples are no bytes", () => {
    expect(encode(0, 5, new Uint8Array(0))).toEqual([]);
    expect(decode(5, 0, [])).toEqual({ read: 0, plane: new Uint8Array(0) });
  });
});

describe("broken streams", () => {
  const [height, width] = [16, 30];
  const plane = Uint8Array.from({ length: height * width }, (_, i) => kinds.soft(i % width, Math.floor(i / width), 12));

  test("cut ones run out or give another plane, and no bytes at all are refused", () => {
    const bytes = encode(height, width, plane)!;
    expect(decode(height, width, []).read).toBe(-1);
    expect(decode(height, width, bytes.slice(0, -6)).read).toBe(-1);
    for (let length = 0; length < bytes.length; length++) {
      const cut = decode(height, width, bytes.slice(0, length));
      expect(cut.plane).not.toEqual(plane);
    }
  });

  test("bytes behind the end are left unread", () => {
    const bytes = encode(height, width, plane)!;
    expect(decode(height, width, [...bytes, 1, 2, 3, 4, 5, 6, 7, 8]).read).toBeLessThanOrEqual(bytes.length + 4);
  });

  test("the encoder refuses a room that is too small, and writes nothing behind it", () => {
    const { length } = encode(height, width, plane)!;
    expect(encode(height, width, plane, length)).toHaveLength(length);
    for (let room = 0; room < length; room++) expect(encode(height, width, plane, room)).toBeUndefined();
    expect(encode(2, 2, new Uint8Array(4), 0)).toBeUndefined();
  });
});

describe("a plane of several strips", async () => {
  const kernels = await loadKernels();
  const [width, height] = [400, 400];
  const samples = Uint8Array.from({ length: width * height }, (_, i) =>
    kinds.noise(i % width, Math.floor(i / width), 5) < 96 ? 255 : 0,
  );

  test("is coded as if it were one", async () => {
    const coded = await encodePlane(kernels, samples, { width, height }, cellsOf(undefined), new Pacer({}));
    expect(Array.from(coded!)).toEqual(encode(height, width, samples, undefined, undefined, height));
  });

  test("teaches what it would as one", async () => {
    const { indices, probabilities } = (await trainPlaneContexts(kernels, [{ width, height, samples }]))!;
    const counts = new Map<number, [number, number]>();
    for (const { context, bit } of trace(height, width, samples)!) {
      const count = counts.get(context) ?? [0, 0];
      count[bit]++;
      counts.set(context, count);
    }
    const known = [...counts].filter(([, [zeros, ones]]) => zeros + ones >= 32).sort(([one], [other]) => one - other);
    expect([...indices]).toEqual(known.map(([context]) => context));
    for (const [i, [, [zeros, ones]]] of known.entries()) {
      expect(probabilities[i] / 65536).toBeCloseTo((ones + 0.4) / (zeros + ones + 0.8), 4);
    }
  });
});
