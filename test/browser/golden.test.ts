import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { goodCases } from "../vectors/golden-cases.js";
import { readGolden } from "../vectors/golden-files.js";
import { goldenModelNames } from "../vectors/golden-models.js";
import { withChromium } from "./chromium.js";

/** The golden streams in a real browser: the same samples and the same bytes as everywhere. */
const { good } = JSON.parse(new TextDecoder().decode(readGolden("golden.json")));
const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const expectedDigests = good.map(({ name, sha256 }: { name: string; sha256: string }) => ({
  name,
  stream: digest(readGolden(`${name}.isth`)),
  samples: sha256,
}));

const pictures = goodCases.map(({ name, model, picture, options }) => {
  const { data, ...shape } = drawExactPicture(picture);
  const { metadata, ...rest } = options;
  const blocks = Object.entries(metadata ?? {}).map(([kind, bytes]) => [kind, Array.from(bytes as Uint8Array)]);
  return { name, model, image: { ...shape, data: Buffer.from(data).toString("base64") }, options: rest, blocks };
});

const chromium = withChromium({
  routes: {
    "/cases.json": (_, response) =>
      void response.setHeader("content-type", "application/json").end(JSON.stringify({ pictures, good })),
  },
});

describe("in Chromium", () => {
  it.each(["on the page", "in a worker"])("golden streams are encoded and decoded as in Node, %s", async (where) => {
    const page = await chromium.open();
    const digests = await page.evaluate(
      async ({ where, models }) => {
        const { loadCodec, loadDecoder, wrap } = await load("isthmus");
        const library = where === "in a worker" ? wrap(startWorker()) : { loadCodec };
        const decoders = new Map<string, Awaited<ReturnType<typeof loadDecoder>>>();
        const codecs = new Map<string, Awaited<ReturnType<typeof library.loadCodec>>>();
        for (const name of models) {
          const model = await bytesAt(`/test/vectors/golden/${name}.isthm`);
          codecs.set(name, await library.loadCodec({ model }));
          decoders.set(name, await loadDecoder({ model }));
        }
        const { pictures, good } = await (await fetch("/cases.json")).json();
        const digests: { name: string; stream: string; samples: string }[] = [];
        for (const [i, { name, model, image, options, blocks }] of pictures.entries()) {
          const data = Uint8Array.from(atob(image.data), (character) => character.charCodeAt(0));
          const metadata = Object.fromEntries(
            blocks.map(([kind, bytes]: [string, number[]]) => [kind, Uint8Array.from(bytes)]),
          );
          const withBlocks = blocks.length > 0 ? { ...options, metadata } : options;
          const codec = codecs.get(model)!;
          const stream = await codec.encode({ ...image, data }, withBlocks);
          const { bare } = good[i];
          const decoded = await codec.decode(await bytesAt(`/test/vectors/golden/${name}.isth`), bare ? { bare } : {});
          digests.push({ name, stream: await digest(stream), samples: await digest(decoded.data) });
          const again = await decoders.get(model)!.decode(stream, bare ? { bare } : {});
          if ((await digest(again.data)) !== digests[i].samples) throw new Error(`${name} differs without an encoder`);
        }
        return digests;
      },
      { where, models: goldenModelNames },
    );
    expect(digests.length).toBeGreaterThan(20);
    expect(digests).toEqual(expectedDigests);
    await page.close();
  });
});
