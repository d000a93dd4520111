import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { inspect } from "../../src/codec/inspect.js";
import { type ContainerParts, writeContainer } from "../../src/codec/stream/container.js";
import { IsthmusError } from "../../src/ground/errors.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { goldenModel, readGolden } from "../vectors/golden-files.js";
import { latentsOf, planeOf } from "./parts.js";

const codecs = {
  photo: await Codec.create(goldenModel("photo")),
  grey: await Codec.create(goldenModel("grey")),
};

afterEach(() => {
  vi.restoreAllMocks();
});

/** The error's code, undefined where the stream was taken; an exception of any other class fails the test. */
async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
  } catch (error) {
    expect(error).toBeInstanceOf(IsthmusError);
    return (error as IsthmusError).code;
  }
  return undefined;
}

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
};

/** Flipped bits and cuts in every place are in test/fuzz/integrity.test.ts. */
const streams = [
  { name: "photo-9x9", model: "photo" },
  { name: "photo-metadata", model: "photo" },
  { name: "photo-grey-alpha", model: "photo" },
  { name: "grey-noise", model: "grey" },
] as const;

describe.each(streams)("the stream $name", ({ name, model }) => {
  const stream = readGolden(`${name}.isth`);
  const codec = codecs[model];

  test("is refused with any bit of its symbols flipped and the checksum made right again", async () => {
    const parts = latentsOf(stream);
    for (let bit = 0; bit < parts.symbols.length * 8; bit++) {
      const forged = writeContainer({ ...parts, symbols: flipped(parts.symbols, bit) });
      expect(await codeOf(codec.decode(forged)), `bit ${bit}`).toBe("corrupt");
    }
  });

  test("is refused when followed by anything", async () => {
    for (const tail of [0, 1, 255]) {
      expect(await codeOf(codec.decode(Uint8Array.of(...stream, tail)))).toBe("corrupt");
    }
  });

  test("is refused in another size or quality than its own", async () => {
    const parts = latentsOf(stream);
    for (const change of [{ width: parts.width + 9 }, { height: parts.height + 9 }, { quality: parts.quality ^ 255 }]) {
      expect(await codeOf(codec.decode(writeContainer({ ...parts, ...change })))).toBe("corrupt");
    }
  });
});

describe("a lossless stream", () => {
  const stream = readGolden("photo-lossless.isth");

  test("is refused when followed by anything", async () => {
    expect(await codeOf(codecs.photo.decode(Uint8Array.of(...stream, 0)))).toBe("corrupt");
  });

  test("of any bytes under a right checksum gives a picture of its size or the library's errors", async () => {
    const parts = planeOf(stream);
    const noise = fc.uint8Array({ maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(noise, noise, fc.boolean(), async (plane, alpha, grey) => {
        const forged = writeContainer({ ...parts, grey, plane, alpha });
        expect(["corrupt", undefined]).toContain(await codeOf(codecs.photo.decode(forged)));
      }),
      { numRuns: 200 },
    );
  });
});

describe("bytes of any kind", () => {
  test("raise the library's errors and no others", async () => {
    const start = readGolden("photo-9x9.isth").subarray(0, 13);
    const bytes = fc.tuple(fc.nat(start.length), fc.uint8Array({ maxLength: 300 }));
    await fc.assert(
      fc.asyncProperty(bytes, async ([kept, noise]) => {
        const stream = Uint8Array.of(...start.subarray(0, kept), ...noise);
        expect(await codeOf(codecs.photo.decode(stream))).toBeDefined();
        expect(await codeOf((async () => inspect(stream))())).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  test("behind a right head and under a right checksum raise no others either", async () => {
    const parts = latentsOf(readGolden("photo-alpha.isth"));
    const noise = fc.uint8Array({ maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(noise, noise, fc.boolean(), async (symbols, alpha, whole) => {
        const stream = writeContainer({ ...parts, symbols, alpha: whole ? parts.alpha! : alpha });
        expect(["corrupt", undefined]).toContain(await codeOf(codecs.photo.decode(stream)));
      }),
      { numRuns: 200 },
    );
  });

  test("in a bare frame give an image or the library's errors", async () => {
    const bare = { width: 40, height: 30 };
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        // A byte 00 behind the first makes a head of that, which most bytes are not.
        const codes = ["corrupt", "truncated", "unsupported-version", undefined];
        expect(codes).toContain(await codeOf(codecs.photo.decode(bytes, { bare })));
      }),
      { numRuns: 200 },
    );
  });

  test.each([[undefined], [null], ["text"], [[1, 2]]])("%o is no stream", async (bytes) => {
    expect(await codeOf(codecs.photo.decode(bytes as never))).toBe("invalid-parameter");
  });
});

describe("a huge claim under a right checksum", () => {
  const parts = latentsOf(readGolden("photo-quality-37.5.isth"));
  const huge = { width: 65536, height: 4096 };

  test.each([
    ["without alpha", {}],
    ["behind opaque alpha", { alpha: Uint8Array.of(255) }],
    ["behind a mask", { alpha: new Uint8Array(40).fill(77) }],
    ["behind an empty mask", { alpha: new Uint8Array(0) }],
    ["of a plane", { payload: "plane", plane: new Uint8Array(40).fill(77) }],
    ["of no plane", { payload: "plane", plane: new Uint8Array(0) }],
    ["of a plane behind a mask", { payload: "plane", plane: Uint8Array.of(9), alpha: new Uint8Array(40).fill(77) }],
  ])("is refused before memory is asked for: %s", async (_, change) => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    const before = process.memoryUsage().arrayBuffers;
    expect(await codeOf(codecs.photo.decode(writeContainer({ ...parts, ...huge, ...change } as ContainerParts)))).toBe(
      "corrupt",
    );
    expect(grow).not.toHaveBeenCalled();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 24);
  });

  test("is held to the caller's limit even where it is true", async () => {
    const hidden = drawExactPicture({ width: 600, height: 500, channels: 4, kind: "hidden", seed: 0 });
    const stream = await codecs.photo.encode(hidden);
    expect(await codeOf(codecs.photo.decode(stream))).toBeUndefined();
    expect(await codeOf(codecs.photo.decode(stream, { maxPixels: 600 * 500 - 1 }))).toBe("image-too-large");
  });
});

test("a refused stream leaves the codec as it was", async () => {
  const stream = readGolden("photo-alpha.isth");
  const decoded = await codecs.photo.decode(stream);
  for (let bit = 200; bit < 400; bit++) {
    const parts = latentsOf(stream);
    await codeOf(codecs.photo.decode(writeContainer({ ...parts, symbols: flipped(parts.symbols, bit) })));
  }
  expect(await codecs.photo.decode(stream)).toEqual(decoded);
});
