// Decoding and encoding time of one thread beside codecs in WebAssembly: the decoder of @jsquash/avif and the encoder of @jsquash/webp (with its default
// settings, method 4, and with method 6); and beside sharp's native AVIF encoder.
//   npm run bench:decoders -- [--images FOLDER] [--limit N] [--rounds N]
// Times are processor time; every picture is timed with every codec in turn. Writes bench/results/decoders.json and prints its section.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import sharp from "sharp";
import { loadCodec, psnr } from "../dist/index.js";
import {
  inTurns,
  kodak,
  mapValues,
  mean,
  median,
  optionsOf,
  photosIn,
  ratioOf,
  readPhoto,
  report,
} from "./frame/index.mjs";

const { images, limit, rounds } = optionsOf({ images: kodak, limit: 24, rounds: 5 });
const photos = await photosIn(images, limit);
/** Quality of Isthmus, one of AVIF that gives about the same PSNR on photos, and the default of WebP. */
const quality = { isthmus: 50, avif: 40, webp: 75 };

globalThis.ImageData ??= class {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
};
const avifDecoder = await openCodec(new URL("node_modules/", import.meta.url), "avif", "decode", "dec/avif_dec");
const webp = await openCodec(import.meta.url, "webp", "encode", "enc/webp_enc_simd");
sharp.concurrency(1);

const codec = await loadCodec();
/** Milliseconds of each photo, a median of rounds. */
const taken = [];
const psnrs = { isthmus: [], avif: [], webp: [] };
for (const path of photos) {
  const image = await readPhoto(path);
  const { width, height, channels } = image;
  const picture = sharp(image.data, { raw: { width, height, channels } });
  const { buffer } = await picture.clone().ensureAlpha().raw().toBuffer();
  const rgba = { data: new Uint8ClampedArray(buffer), width, height };
  const avif = { quality: quality.avif, effort: 4, chromaSubsampling: "4:4:4", tune: "psnr" };
  const avifEncode = () => picture.clone().avif(avif).toBuffer();
  const isthmusEncode = () => codec.encode(image, { quality: quality.isthmus, effort: 0 });
  const [stream, file, still] = [await isthmusEncode(), await avifEncode(), Buffer.from(await webp(rgba))];
  psnrs.isthmus.push(psnr(image, await codec.decode(stream)));
  for (const [which, bytes] of Object.entries({ avif: file, webp: still })) {
    psnrs[which].push(psnr(image, { ...image, data: await sharp(bytes).removeAlpha().raw().toBuffer() }));
  }
  const works = {
    isthmusDecode: () => codec.decode(stream),
    avifDecode: () => avifDecoder(file),
    isthmusEncode,
    webpEncode: () => webp(rgba),
    webpEncodeMethod6: () => webp(rgba, { method: 6 }),
  };
  const times = { ...(await inTurns(works, { rounds })), ...(await inTurns({ avifEncode }, { rounds: 1 })) };
  taken.push(mapValues(times, median));
}
const times = mapValues(taken[0], (_, name) => taken.map((photo) => photo[name]));
await report("decoders", {
  ...{ model: codec.model.id, images: photos.length, rounds, quality, psnr: mapValues(psnrs, mean) },
  milliseconds: mapValues(times, median),
  ratios: {
    decode: ratioOf(times, "isthmusDecode", "avifDecode"),
    webp: ratioOf(times, "isthmusEncode", "webpEncode"),
    webpMethod6: ratioOf(times, "isthmusEncode", "webpEncodeMethod6"),
    encode: ratioOf(times, "isthmusEncode", "avifEncode"),
  },
});

/** A function of a @jsquash package, with the WebAssembly that browsers would fetch. */
async function openCodec(from, name, what, wasm) {
  const { resolve } = createRequire(from);
  const codec = await import(resolve(`@jsquash/${name}/${what}.js`));
  await codec.init(new WebAssembly.Module(await readFile(resolve(`@jsquash/${name}/codec/${wasm}.wasm`))));
  return codec.default;
}
