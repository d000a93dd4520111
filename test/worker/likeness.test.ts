import { Worker } from "node:worker_threads";
import { afterAll, expect, it } from "vitest";
import { msSsim, psnr, ssim, ssimulacra2, wrap } from "../../src/index.js";
import { drawPicture } from "../reference/pictures.js";

const worker = new Worker(new URL("../../dist/worker-node.js", import.meta.url));
const isthmus = wrap(worker);
afterAll(() => worker.terminate());

it("a worker measures as the library does", async () => {
  const [original, other] = [drawPicture(90, 60, 3, 1), drawPicture(90, 60, 3, 2)];
  const shares: number[] = [];
  const onProgress = (share: number): void => void shares.push(share);
  expect(await isthmus.ssimulacra2(original, other, { onProgress })).toBe(await ssimulacra2(original, other));
  expect(await isthmus.psnr(original, other)).toBe(psnr(original, other));
  expect(await isthmus.psnr(original, original)).toBe(Number.POSITIVE_INFINITY);
  expect(await isthmus.ssim(original, other)).toBe(ssim(original, other));
  expect(await isthmus.msSsim(original, other)).toBe(msSsim(original, other));
  expect(original.data.length).toBe(90 * 60 * 3);
  for (const share of shares) expect(share).toBeLessThanOrEqual(1);
});

it("and refuses as it does", async () => {
  const picture = drawPicture(20, 10, 3);
  const refused = (promise: Promise<number>, code: string) => expect(promise).rejects.toMatchObject({ code });
  await refused(isthmus.psnr(picture, drawPicture(20, 11, 3)), "invalid-parameter");
  await refused(isthmus.ssim(picture, drawPicture(20, 10, 4)), "invalid-parameter");
  await refused(isthmus.msSsim(picture, { modelId: "0", values: new Float32Array(1) } as never), "invalid-parameter");
  await refused(isthmus.ssimulacra2(picture, drawPicture(20, 7, 3)), "invalid-parameter");
  await refused(isthmus.psnr(picture, picture, { signal: AbortSignal.abort() }), "aborted");
  const aborter = new AbortController();
  const large = drawPicture(1500, 1500, 3);
  const measuring = isthmus.ssimulacra2(large, large, { signal: aborter.signal });
  setTimeout(() => aborter.abort("enough"), 20);
  await expect(measuring).rejects.toMatchObject({ code: "aborted", cause: "enough" });
  expect(isthmus.open).toBe(0);
});
