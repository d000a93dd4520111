import { describe, expect, test } from "vitest";
import type { DecodedImage } from "../../src/image/image.js";
import { patchSideFor } from "../../src/training/patch-size.js";
import { Random } from "../reference/random.js";
import { planned } from "./planned.js";

const side = 96;

/** Noise, blurred `times` times by a box of nine samples in both directions: the more often, the smoother. */
function blurred(times: number, seed: number, channels: 1 | 3 = 1): DecodedImage {
  let samples = new Random(seed).normal(side * side);
  for (let pass = 0; pass < 2 * times; pass++) {
    const along = pass % 2 ? side : 1;
    samples = samples.map((_, i) => {
      let sum = 0;
      for (let step = -4; step <= 4; step++) sum += samples[(i + step * along + side * side) % (side * side)];
      return sum / 9;
    });
  }
  const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const data = Uint8Array.from(
    { length: side * side * channels },
    (_, i) => 128 + (samples[Math.floor(i / channels)] / peak) * 120,
  );
  return { data, width: side, height: side, channels };
}

const pictures = (times: number, channels: 1 | 3 = 1) => [1, 2, 3].map((seed) => blurred(times, seed, channels));

describe("the side of patches", () => {
  test("is 16 for smooth grey pictures and 8 for rough ones", async () => {
    expect(await patchSideFor(pictures(3))).toBe(16);
    expect(await patchSideFor(pictures(0))).toBe(8);
  });

  test("is 8 where there is nothing to see", async () => {
    const black = { data: new Uint8Array(side * side), width: side, height: side, channels: 1 } as const;
    expect(await patchSideFor([black])).toBe(8);
    expect(await patchSideFor([{ data: new Uint8Array(9), width: 3, height: 3, channels: 1 }])).toBe(8);
  });

  test("is planned for grey pictures, three equal channels among them, and may be chosen", async () => {
    const sideOf = async (...given: Parameters<typeof planned>) => (await planned(...given)).configuration.patch.width;
    expect(await sideOf(pictures(3), { preset: "photo" })).toBe(16);
    expect(await sideOf(pictures(3, 3), { preset: "photo" })).toBe(16);
    expect(await sideOf(pictures(3), { preset: "photo", patch: 8 })).toBe(8);
    expect(await sideOf(pictures(0), { preset: "photo", patch: 16 })).toBe(16);
    const [coloured] = pictures(3, 3);
    coloured.data[0] ^= 128;
    expect(await sideOf([coloured], { preset: "photo" })).toBe(8);
  });

  test("is refused where it makes no sense", async () => {
    await expect(planned(pictures(0), { patch: 12 as 8 })).rejects.toThrow(
      "Expected 8 or 16 for patch but received 12",
    );
    await expect(planned(pictures(0), { preset: "vector", patch: 8 })).rejects.toThrow("preset vector");
  });
});
