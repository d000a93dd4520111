import { describe, expect, it } from "vitest";
import { finish } from "../src/ground/steps.js";
import { createCodec, defaultModel, type Image, type TrainProgress, train } from "../src/index.js";
import { drawPicture, drawPictures } from "./reference/pictures.js";

/**
 * Milliseconds of this process's work that other events may have to wait for. The aim is 100; all threads count here, engines
 * collect garbage and compile on others besides, and some machines take more than twice as long for everything.
 */
const longest = 400;

/** The longest times between two turns of the event loop, in milliseconds of this process's own work: other processes count for nothing. */
async function gapsDuring(work: () => Promise<unknown>): Promise<number[]> {
  const spent = () => process.cpuUsage().user / 1000;
  const gaps: number[] = [];
  let ended = false;
  let last = spent();
  const look = (): void => {
    const now = spent();
    gaps.push(now - last);
    last = now;
    if (!ended) setImmediate(look);
  };
  setImmediate(look);
  await work();
  ended = true;
  // Work that lets nothing in has but this one.
  gaps.push(spent() - last);
  return gaps.sort((a, b) => b - a).slice(0, 5);
}

/** Noise, of which nothing can be foreseen. */
const noisy = (side: number, channels: 1 | 2 | 3 | 4): Image => ({
  data: Uint8Array.from({ length: side * side * channels }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24),
  width: side,
  height: side,
  channels,
});

const codec = await createCodec(await defaultModel());
const large = drawPicture(1000, 800, 3);
const noise = noisy(1000, 4);

describe("other events run during", () => {
  it.each([
    [
      "photos from nothing",
      drawPictures(6, 300, 260, 3),
      { preset: "photo", from: null, steps: 3, batch: 2, crop: 128 },
    ],
    [
      "photos from the embedded model",
      drawPictures(24, 200, 200, 3),
      { steps: 2, batch: 2, earlyStop: { patience: 2 } },
    ],
    ["large photos with alpha", [noisy(900, 4), noisy(800, 4)], { preset: "photo", steps: 2, crop: 96 }],
    ["pictures of one size", drawPictures(40, 40, 40, 3), { preset: "vector", steps: 3 }],
    ["variational models", drawPictures(600, 28, 28, 1), { preset: "variational", steps: 3 }],
    ["sparse models", drawPictures(100, 28, 28, 1), { preset: "sparse", steps: 3 }],
  ] as const)("a training of %s", async (_, images, options) => {
    const gaps = await gapsDuring(() => train(images, options));
    expect(gaps[0]).toBeLessThan(longest);
  });

  it("the making of a receiver's half", async () => {
    const model = await defaultModel();
    const turns: unknown[] = [...model.receiving()];
    expect(turns.length).toBeGreaterThan(50);
    expect(finish(model.receiving())).toEqual(model.receiver());
  });

  const stream = codec.encode(large);

  it.each([
    ["an encoding", () => codec.encode(large)],
    ["an encoding of noise with alpha", () => codec.encode(noise)],
    ["a search for a PSNR", () => codec.encodeTo(drawPicture(300, 200, 3), { targetPsnr: 25 })],
    ["a decoding", async () => codec.decode(await stream)],
    ["a refinement", () => codec.encode(drawPicture(400, 300, 3), { effort: 3 })],
  ] as const)("%s", async (_, work) => {
    expect((await gapsDuring(work))[0]).toBeLessThan(longest);
  });
});

describe("an abort is noticed soon", () => {
  const photos = drawPictures(12, 256, 256, 3);
  const options = { preset: "photo", latents: 16, crop: 64, batch: 4, steps: 4 } as const;
  /** Milliseconds. The aim is 200; a machine that is busy takes longer. */
  const soon = 2000;

  it.each([
    ["at the start", ({ phase }: TrainProgress) => phase === "start"],
    ["in the steps", ({ phase, step }: TrainProgress) => phase === "train" && step > 0],
    ["while the coding tables are made", ({ phase }: TrainProgress) => phase === "finish"],
  ])("%s of a training", async (_, isTime) => {
    const controller = new AbortController();
    let abortedAt = 0;
    const training = train(photos, {
      ...options,
      signal: controller.signal,
      onProgress: (progress) => {
        if (abortedAt || !isTime(progress)) return;
        setTimeout(() => {
          abortedAt = performance.now();
          controller.abort();
        }, 50);
        abortedAt = 1;
      },
    });
    await expect(training).rejects.toMatchObject({ code: "aborted" });
    expect(performance.now() - abortedAt).toBeLessThan(soon);
  });

  it("in an encoding that takes long", async () => {
    const signal = AbortSignal.timeout(200);
    const before = performance.now();
    await expect(codec.encode(drawPicture(900, 900, 3), { effort: 9, signal })).rejects.toMatchObject({
      code: "aborted",
    });
    expect(performance.now() - before).toBeLessThan(200 + soon);
  });

  it("after the last step, and the training goes on to the same model", async () => {
    const controller = new AbortController();
    let resume: Uint8Array | undefined;
    const training = train(photos, {
      ...options,
      signal: controller.signal,
      onProgress: ({ phase }) => phase === "finish" && controller.abort(),
      onCheckpoint: (checkpoint) => {
        resume = checkpoint;
      },
    });
    await expect(training).rejects.toMatchObject({ code: "aborted" });
    expect((await train(photos, { resume: resume! })).id).toBe((await train(photos, options)).id);
  });
});
