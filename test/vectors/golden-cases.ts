import type { Codec } from "../../src/codec/codec.js";
import { latentsOf, planeOf } from "../codec/parts.js";
import { writeChecksum } from "../../src/codec/stream/checksum.js";
import { type ContainerParts, readContainer, writeContainer } from "../../src/codec/stream/container.js";
import type { Importance } from "../../src/codec/search/importance.js";
import type { EncodeOptions } from "../../src/codec/codec-options.js";
import type { ErrorCode } from "../../src/ground/errors.js";
import type { Channels } from "../../src/image/image.js";
import { drawExactPicture, type ExactPicture } from "../reference/exact-pictures.js";

/** What the golden streams hold. A case's file is `name`.isth. */
export interface GoodCase {
  readonly name: string;
  readonly model: string;
  readonly picture: ExactPicture;
  readonly options: EncodeOptions;
}

export interface BrokenCase {
  readonly name: string;
  /** The model that the stream is decoded with. */
  readonly model: string;
  readonly code: ErrorCode;
  /** The stream, made from good ones by their names. */
  readonly make: (good: (name: string) => Uint8Array) => Uint8Array;
}

const scene = (width: number, height: number, channels: Channels, seed = 5): ExactPicture => ({
  width,
  height,
  channels,
  kind: "scene",
  seed,
});

const icc = Uint8Array.of(1, 2, 3);
const exif = Uint8Array.of(0x49, 0x49, 0x2a, 0);

const ramp: Importance = { data: [255, 120, 60, 30, 15, 0], width: 3, height: 2 };
const middle: Importance = [{ x: 20, y: 12, width: 24, height: 18, weight: 6 }];

export const goodCases: readonly GoodCase[] = [
  { name: "photo-1x1", model: "photo", picture: scene(1, 1, 3), options: {} },
  { name: "photo-7x5", model: "photo", picture: scene(7, 5, 3), options: { quality: 100 } },
  { name: "photo-8x8", model: "photo", picture: scene(8, 8, 3), options: { quality: 20 } },
  { name: "photo-9x9", model: "photo", picture: scene(9, 9, 3), options: { quality: 80 } },
  { name: "photo-100x3", model: "photo", picture: scene(100, 3, 3), options: {} },
  { name: "photo-3x100", model: "photo", picture: scene(3, 100, 3), options: {} },
  { name: "photo-quality-0", model: "photo", picture: scene(75, 50, 3), options: { quality: 0 } },
  { name: "photo-quality-37.5", model: "photo", picture: scene(75, 50, 3), options: { quality: 37.5 } },
  { name: "photo-quality-100", model: "photo", picture: scene(75, 50, 3), options: { quality: 100 } },
  { name: "photo-noise", model: "photo", picture: { ...scene(40, 40, 3), kind: "noise" }, options: { quality: 100 } },
  { name: "photo-grey", model: "photo", picture: scene(30, 20, 1), options: {} },
  { name: "photo-grey-alpha", model: "photo", picture: scene(30, 20, 2), options: {} },
  { name: "photo-alpha", model: "photo", picture: scene(61, 45, 4), options: { quality: 70 } },
  { name: "photo-hidden", model: "photo", picture: { ...scene(61, 45, 4), kind: "hidden" }, options: {} },
  { name: "photo-metadata", model: "photo", picture: scene(16, 16, 3), options: { metadata: { icc, exif } } },
  { name: "photo-bare", model: "photo", picture: scene(33, 17, 3), options: { bare: true, quality: 30 } },
  { name: "photo-bare-grey", model: "photo", picture: scene(33, 17, 1), options: { bare: true } },
  { name: "halved", model: "halved", picture: scene(75, 50, 3), options: { quality: 60 } },
  { name: "halved-1x1", model: "halved", picture: scene(1, 1, 3), options: {} },
  { name: "halved-grey", model: "halved", picture: scene(30, 20, 1), options: { quality: 90 } },
  { name: "halved-alpha", model: "halved", picture: scene(61, 45, 4), options: { importance: middle } },
  { name: "photo-lossless", model: "photo", picture: { ...scene(75, 50, 1), kind: "ink" }, options: { quality: 100 } },
  { name: "photo-lossless-rgba", model: "photo", picture: { ...scene(75, 50, 4), kind: "ink" }, options: { quality: 100 } },
  { name: "photo-lossless-bare", model: "photo", picture: { ...scene(31, 20, 3), kind: "ink" }, options: { bare: true, quality: 100 } },
  { name: "photo-palette", model: "photo", picture: { ...scene(75, 50, 3), kind: "signs" }, options: { quality: 100 } },
  { name: "photo-palette-alpha", model: "photo", picture: { ...scene(75, 50, 4), kind: "signs" }, options: { quality: 100 } },
  { name: "photo-alpha-quality", model: "photo", picture: scene(61, 45, 4), options: { alphaQuality: 30 } },
  { name: "planes-lossless", model: "planes", picture: { ...scene(75, 50, 1), kind: "ink" }, options: { quality: 100 } },
  { name: "planes-alpha", model: "planes", picture: scene(45, 30, 2), options: { quality: 20 } },
  { name: "grey-1x1", model: "grey", picture: scene(1, 1, 1), options: {} },
  { name: "grey-61x45", model: "grey", picture: scene(61, 45, 1), options: { quality: 60 } },
  { name: "grey-noise", model: "grey", picture: { ...scene(21, 22, 1), kind: "noise" }, options: { quality: 100 } },
  { name: "grey-alpha", model: "grey", picture: scene(45, 30, 2), options: { quality: 90 } },
  { name: "vector-quality-0", model: "vector", picture: scene(11, 7, 4), options: { quality: 0 } },
  { name: "vector-quality-100", model: "vector", picture: scene(11, 7, 4), options: { quality: 100 } },
  { name: "vector-opaque", model: "vector", picture: scene(11, 7, 3), options: {} },
  { name: "vector-lossless", model: "vector", picture: { ...scene(11, 7, 4), kind: "hidden" }, options: {} },
  { name: "integers-61x45", model: "integers", picture: scene(61, 45, 1), options: {} },
  { name: "integers-noise", model: "integers", picture: { ...scene(40, 40, 1), kind: "noise" }, options: { quality: 100 } },
  { name: "integers-alpha", model: "integers", picture: scene(61, 45, 2), options: { quality: 30 } },
  { name: "levels-61x45", model: "levels", picture: scene(61, 45, 3), options: { quality: 90 } },
  { name: "levels-noise", model: "levels", picture: { ...scene(40, 40, 3), kind: "noise" }, options: { quality: 100 } },
  { name: "variational-quality-0", model: "variational", picture: scene(12, 10, 1), options: { quality: 0 } },
  { name: "variational-quality-100", model: "variational", picture: scene(12, 10, 1), options: { quality: 100 } },
  { name: "variational-alpha", model: "variational", picture: scene(12, 10, 2), options: {} },
  { name: "vector-bare", model: "vector", picture: scene(11, 7, 4), options: { bare: true } },
  { name: "photo-places", model: "photo", picture: scene(75, 50, 3), options: { importance: ramp } },
  { name: "photo-places-alpha", model: "photo", picture: scene(61, 45, 4), options: { quality: 70, importance: middle } },
  { name: "photo-places-wide", model: "photo", picture: scene(500, 20, 3), options: { importance: ramp } },
  { name: "grey-places", model: "grey", picture: scene(61, 45, 1), options: { quality: 60, importance: ramp } },
  { name: "coarser-1x1", model: "coarser", picture: scene(1, 1, 3), options: {} },
  { name: "coarser-75x50", model: "coarser", picture: scene(75, 50, 3), options: { quality: 60 } },
  { name: "coarser-33x97", model: "coarser", picture: scene(33, 97, 3), options: { quality: 90 } },
  { name: "coarser-noise", model: "coarser", picture: { ...scene(40, 40, 3), kind: "noise" }, options: { quality: 100 } },
  { name: "coarser-grey", model: "coarser", picture: scene(61, 45, 1), options: {} },
  { name: "coarser-alpha", model: "coarser", picture: scene(161, 95, 4), options: { quality: 40 } },
  { name: "coarser-hidden", model: "coarser", picture: { ...scene(161, 95, 4), kind: "hidden" }, options: {} },
  { name: "coarser-bare", model: "coarser", picture: scene(33, 17, 3), options: { bare: true } },
  { name: "coarser-places", model: "coarser", picture: scene(175, 150, 3), options: { importance: ramp } },
  { name: "coarser-places-alpha", model: "coarser", picture: scene(161, 95, 4), options: { importance: middle } },
  { name: "integers-places", model: "integers", picture: scene(61, 45, 1), options: { quality: 95, importance: middle } },
];

const base = "photo-quality-37.5";
const lossless = "photo-lossless";
const places = "photo-places";
const levels = "coarser-75x50";

/** A stream whose parts were changed and whose checksum is right again. */
const rewritten = (bytes: Uint8Array, change: object): Uint8Array =>
  writeContainer({ ...readContainer(bytes), ...change } as ContainerParts);

/** A copy with one byte changed. */
function patched(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = change(copy[at]);
  return copy;
}

export const brokenCases: readonly BrokenCase[] = [
  { name: "empty", model: "photo", code: "truncated", make: () => new Uint8Array(0) },
  { name: "cut-in-head", model: "photo", code: "truncated", make: (good) => good(base).slice(0, 9) },
  { name: "cut-in-symbols", model: "photo", code: "corrupt", make: (good) => good(base).slice(0, -20) },
  { name: "bit-flip", model: "photo", code: "corrupt", make: (good) => patched(good(base), 40, (byte) => byte ^ 8) },
  { name: "wrong-magic", model: "photo", code: "not-isthmus", make: (good) => patched(good(base), 0, () => 0x89) },
  {
    name: "newer-version",
    model: "photo",
    code: "unsupported-version",
    make: (good) => writeChecksum(patched(good(base), 2, (byte) => byte | 96)),
  },
  {
    name: "unknown-payload",
    model: "photo",
    code: "unsupported-version",
    make: (good) => writeChecksum(patched(good(base), 2, (byte) => byte | 64)),
  },
  {
    name: "older-version",
    model: "photo",
    code: "unsupported-version",
    make: (good) => Uint8Array.of(0xc9, 0x49, 0x0d, 0x0a, 0x80, ...good(base).subarray(3)),
  },
  {
    name: "spare-bit",
    model: "photo",
    code: "unsupported-version",
    make: (good) => writeChecksum(patched(good(lossless), 2, (byte) => byte | 16)),
  },
  {
    name: "mask-missing",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(base), { masked: true }),
  },
  {
    name: "mask-too-wide",
    model: "photo",
    code: "corrupt",
    make: (good) =>
      rewritten(good(base), {
        masked: true,
        symbols: Uint8Array.of(0xff, 0xff, ...latentsOf(good(base)).symbols),
      }),
  },
  { name: "other-model", model: "grey", code: "model-mismatch", make: (good) => good(base) },
  {
    name: "huge-claim",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(base), { width: 65536, height: 4096 }),
  },
  {
    name: "too-many-pixels",
    model: "photo",
    code: "image-too-large",
    make: (good) => rewritten(good(base), { width: 65536, height: 65536 }),
  },
  {
    name: "symbols-too-few",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(base), { symbols: latentsOf(good(base)).symbols.slice(0, -1) }),
  },
  {
    name: "symbols-changed",
    model: "photo",
    code: "corrupt",
    make: (good) =>
      rewritten(good(base), { symbols: patched(latentsOf(good(base)).symbols, 30, (byte) => byte ^ 1) }),
  },
  {
    name: "no-symbols",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(base), { symbols: new Uint8Array(0) }),
  },
  { name: "other-quality", model: "photo", code: "corrupt", make: (good) => rewritten(good(base), { quality: 200 }) },
  { name: "other-size", model: "photo", code: "corrupt", make: (good) => rewritten(good(base), { width: 83 }) },
  {
    name: "alpha-cut",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good("photo-alpha"), { alpha: readContainer(good("photo-alpha")).alpha!.slice(0, -10) }),
  },
  {
    name: "alpha-too-long",
    model: "photo",
    code: "corrupt",
    make: (good) =>
      rewritten(good("photo-alpha"), {
        alpha: Uint8Array.of(...readContainer(good("photo-alpha")).alpha!, 1, 2, 3, 4, 5),
      }),
  },
  {
    name: "plane-cut",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(lossless), { plane: planeOf(good(lossless)).plane.slice(0, -6) }),
  },
  {
    name: "plane-too-long",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(lossless), { plane: Uint8Array.of(...planeOf(good(lossless)).plane, 1, 2, 3, 4, 5) }),
  },
  {
    name: "plane-missing",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(lossless), { plane: new Uint8Array(0) }),
  },
  {
    name: "plane-huge-claim",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(lossless), { width: 65536, height: 4096 }),
  },
  {
    name: "palette-of-greys",
    model: "photo",
    code: "corrupt",
    make: (good) => writeChecksum(patched(good(lossless), 2, (byte) => byte | 8)),
  },
  {
    name: "palette-cut",
    model: "photo",
    code: "truncated",
    make: (good) => rewritten(good("photo-palette"), { plane: planeOf(good("photo-palette")).plane.slice(0, 16) }),
  },
  {
    name: "palette-of-few",
    model: "photo",
    code: "corrupt",
    // A colour fewer, where samples stand for all of them.
    make: (good) =>
      rewritten(good("photo-palette"), {
        plane: planeOf(good("photo-palette")).plane.filter((_, i) => i < 13 || i > 15).map((byte, i) => byte - (i === 0 ? 1 : 0)),
      }),
  },
  {
    name: "places-missing",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(places), { places: new Uint8Array(0) }),
  },
  {
    name: "places-cut",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(places), { places: latentsOf(good(places)).places!.slice(0, -6) }),
  },
  {
    name: "places-too-long",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(places), { places: Uint8Array.of(...latentsOf(good(places)).places!, 1, 2, 3, 4, 5) }),
  },
  {
    name: "places-of-larger-blocks",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(places), { places: patched(latentsOf(good(places)).places!, 0, () => 255) }),
  },
  {
    name: "places-unforeseen",
    model: "photo",
    code: "corrupt",
    make: (good) => rewritten(good(base), { places: latentsOf(good(places)).places! }),
  },
  {
    name: "coarser-level-missing",
    model: "coarser",
    code: "corrupt",
    // Those of the finest level alone.
    make: (good) => rewritten(good(levels), { symbols: latentsOf(good(levels)).symbols.slice(0, -60) }),
  },
  {
    name: "coarser-level-cut",
    model: "coarser",
    code: "corrupt",
    make: (good) => rewritten(good(levels), { symbols: patched(latentsOf(good(levels)).symbols, 0, (byte) => byte - 1) }),
  },
  {
    name: "coarser-level-changed",
    model: "coarser",
    code: "corrupt",
    make: (good) => rewritten(good(levels), { symbols: patched(latentsOf(good(levels)).symbols, 3, (byte) => byte ^ 1) }),
  },
  {
    name: "coarser-symbols-too-few",
    model: "coarser",
    code: "corrupt",
    make: (good) => rewritten(good(levels), { symbols: latentsOf(good(levels)).symbols.slice(0, -1) }),
  },
  {
    name: "coarser-huge-claim",
    model: "coarser",
    code: "corrupt",
    make: (good) => rewritten(good(levels), { width: 65536, height: 4096 }),
  },
  {
    name: "vector-and-alpha",
    model: "vector",
    code: "corrupt",
    make: (good) => rewritten(good("vector-opaque"), { alpha: Uint8Array.of(200) }),
  },
  {
    name: "vector-and-grey",
    model: "vector",
    code: "corrupt",
    make: (good) => rewritten(good("vector-opaque"), { grey: true }),
  },
  {
    name: "grey-without-its-flag",
    model: "grey",
    code: "corrupt",
    make: (good) => rewritten(good("grey-61x45"), { grey: false }),
  },
  {
    name: "vector-of-wrong-size",
    model: "vector",
    code: "corrupt",
    make: (good) => rewritten(good("vector-opaque"), { width: 7, height: 11 }),
  },
];

export const encodeGood = (codec: Codec, { picture, options }: GoodCase): Promise<Uint8Array> =>
  codec.encode(drawExactPicture(picture), options);
