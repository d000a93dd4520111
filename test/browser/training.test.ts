import { expect, it } from "vitest";
import { withChromium } from "./chromium.js";

const chromium = withChromium();

it("the workers of a pool train together, with one result for two and three of them, and are free after an abort", async () => {
  const page = await chromium.open();
  const trained = await page.evaluate(async () => {
    const { createPool } = await load("isthmus");
    const images = Array.from({ length: 8 }, (_, seed) => ({
      data: new Uint8Array(64).map((_, i) => (i * (seed + 3)) % 256),
      width: 8,
      height: 8,
      channels: 1,
    }));
    const options = { preset: "vector", latents: 4, batch: 97, steps: 6 } as const;
    const ids: string[] = [];
    const shards: (number | undefined)[] = [];
    for (const size of [1, 2, 3]) {
      const pool = createPool(startWorker, { size });
      const model = await pool.train(images, options);
      ids.push(model.id);
      shards.push(model.training!.shards);
      pool.terminate();
    }
    const pool = createPool(startWorker, { size: 2 });
    const aborter = new AbortController();
    const aborted = await refusal(
      pool.train(images, {
        ...options,
        steps: 1_000_000,
        signal: aborter.signal,
        onProgress: ({ step }) => step > 2 && aborter.abort(),
      }),
    );
    const again = (await pool.train(images, options)).id;
    pool.terminate();
    return { ids, shards, aborted: aborted.code, again };
  });
  expect(trained.shards).toEqual([3, 3, 3]);
  expect(new Set(trained.ids).size).toBe(1);
  expect(trained.aborted).toBe("aborted");
  expect(trained.again).toBe(trained.ids[0]);
  await page.close();
});
