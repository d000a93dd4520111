import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { addAlpha } from "../image/alpha.js";
import type { DecodedImage } from "../image/image.js";
import type { Competitor, CompetitorFacts } from "./competitor.js";

const packageName = "@jsquash/jxl";

/** JPEG XL through an optional package, which codes four channels whatever the image has. */
export const jpegXl: CompetitorFacts = {
  id: "jpeg-xl",
  name: "JPEG XL",
  setting: "effort 7",
  keepsAlpha: true,
  lossless: false,
};

/** The version of the package, undefined where it is not installed. */
export async function jpegXlVersion(): Promise<string | undefined> {
  try {
    const facts = await readFile(createRequire(import.meta.url).resolve(`${packageName}/package.json`), "utf8");
    return JSON.parse(facts).version;
  } catch {
    return undefined;
  }
}

export async function openJpegXl(): Promise<Competitor> {
  const [encoder, decoder] = await Promise.all([import("@jsquash/jxl/encode.js"), import("@jsquash/jxl/decode.js")]);
  // Outside the browser the package cannot fetch its modules itself.
  await encoder.init(await compile("codec/enc/jxl_enc.wasm"));
  await decoder.init(await compile("codec/dec/jxl_dec.wasm"));
  return {
    ...jpegXl,
    encode: async (image, quality) => new Uint8Array(await encoder.default(imageDataOf(image), { quality, effort: 7 })),
    decode: async (bytes) => {
      const { data, width, height } = await decoder.default(Uint8Array.from(bytes).buffer);
      return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, channels: 4 };
    },
  };
}

async function compile(path: string): Promise<WebAssembly.Module> {
  const file = createRequire(import.meta.url).resolve(`${packageName}/${path}`);
  return WebAssembly.compile(await readFile(file));
}

function imageDataOf(image: DecodedImage): ImageData {
  const { data, width, height } = addAlpha(image);
  return { data: Uint8ClampedArray.from(data), width, height, colorSpace: "srgb" } as ImageData;
}
