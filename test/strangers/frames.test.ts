import { describe, expect, test } from "vitest";
import { unpackFrames } from "../../src/exchange/frames.js";
import { watch } from "./watch.js";

const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
};

describe("many small frames", () => {
  test("are unpacked in linear time, and let others work", async () => {
    // In one piece, and in pieces of one byte each: 2^20 frames of nothing, and one frame of 2^20 bytes.
    const empty = new Uint8Array(1 << 20);
    const { longestWait, milliseconds, error } = await watch(60_000, async () => {
      let count = 0;
      for await (const frame of unpackFrames([empty])) count += frame.length === 0 ? 1 : 0;
      expect(count).toBe(1 << 20);
    });
    expect(error).toBeUndefined();
    expect(longestWait).toBeLessThan(1000);
    // Quadratic, as it once was, this took minutes.
    expect(milliseconds).toBeLessThan(20_000);
    const frame = Uint8Array.from({ length: 1 << 18 }, (_, i) => i * 7);
    const bytes = [0x80, 0x80, 0x10, ...frame];
    const pieces = bytes.map((byte) => Uint8Array.of(byte));
    expect(await collect(unpackFrames(pieces))).toEqual([frame]);
  });

  test("end when the signal is raised, also where the source is stuck", async () => {
    const endless = function* () {
      for (;;) yield new Uint8Array(1 << 16);
    };
    const busy = await watch(50, async (signal) => {
      for await (const _ of unpackFrames(endless(), { signal }));
    });
    expect(busy.error).toMatchObject({ code: "aborted", cause: "enough" });
    let cancelled = false;
    const stuck = new ReadableStream<Uint8Array>({
      pull: () => new Promise(() => {}),
      cancel: () => {
        cancelled = true;
      },
    });
    const waiting = await watch(50, async (signal) => {
      for await (const _ of unpackFrames(stuck, { signal }));
    });
    expect(waiting.error).toMatchObject({ code: "aborted" });
    expect(cancelled).toBe(true);
  });

  test("of which one claims to be large take no memory before it has arrived", async () => {
    const claim = [0x80, 0x80, 0x80, 0x20, 1];
    const before = process.memoryUsage().arrayBuffers;
    await expect(collect(unpackFrames([Uint8Array.from(claim)]))).rejects.toMatchObject({ code: "truncated" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });
});
