import { afterEach, expect, it, vi } from "vitest";
import { createCodec, createSender, sendScene } from "../src/index.js";
import { encodePreview } from "../src/preview.js";
import { drawMovingScene } from "./reference/moving-scenes.js";
import { drawPicture } from "./reference/pictures.js";
import { readGolden } from "./vectors/golden-files.js";

/** What ECMAScript leaves to engines. */
const left = [
  "exp",
  "expm1",
  "log",
  "log1p",
  "log2",
  "log10",
  "pow",
  "cbrt",
  "hypot",
  "sin",
  "cos",
  "tan",
  "tanh",
] as const;
afterEach(() => void vi.restoreAllMocks());

/** The result on an engine whose functions are right to two digits: further apart than any two engines are. */
async function elsewhere<Result>(work: () => Promise<Result>): Promise<Result> {
  let calls = 0;
  for (const name of left) {
    const real = Math[name] as (...given: number[]) => number;
    vi.spyOn(Math, name).mockImplementation((...given: number[]) => real(...given) * (1 + ((calls++ % 7) - 3) / 100));
  }
  try {
    return await work();
  } finally {
    vi.restoreAllMocks();
  }
}

const [wide, clear, small] = [drawPicture(120, 80, 3), drawPicture(97, 75, 4), drawPicture(61, 45, 3)];
const pictures = Array.from({ length: 6 }, (_, i) => {
  const picture = drawMovingScene({ width: 97, height: 75, channels: 3, step: 2 * i });
  // The light fades, so that the prior looks at what was there before.
  return { ...picture, data: picture.data.map((sample) => sample * (1 - i / 40)) };
});

it.each([
  ["previews", async () => [21, 40].map((bytes) => encodePreview(wide, { bytes }))],
  [
    "streams",
    async () => {
      const codec = await createCodec(readGolden("photo.isthm"));
      return [await codec.encode(clear), await codec.encode(small, { effort: 2 })];
    },
  ],
  [
    "frames of a scene, also where bytes are short",
    async () => {
      const frames: (Uint8Array | undefined)[] = [];
      for (const options of [{ tolerance: 1 }, { tolerance: 1, bytesPerSecond: 8000 }]) {
        const scene = sendScene(await createSender({ model: readGolden("photo.isthm") }), options);
        for (const [i, picture] of pictures.entries())
          frames.push(await scene.encode(picture, { time: 1000 + 100 * i }));
      }
      return frames;
    },
  ],
])("%s are the same bytes, whatever the engine's own functions give", async (_, make) => {
  expect(await elsewhere(make)).toEqual(await make());
});
