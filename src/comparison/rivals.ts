import type { Sharp } from "sharp";
import type { DecodedImage } from "../image/image.js";
import { plainArray } from "../node/files.js";
import { loadSharp, type SharpModule } from "../node/sharp.js";
import type { Competitor, CompetitorFacts } from "./competitor.js";

/** A codec that sharp knows: several settings of which the better one counts. */
export interface Rival {
  readonly name: string;
  readonly keepsAlpha: boolean;
  readonly settings: readonly Setting[];
}

export interface Setting {
  readonly id: string;
  readonly name: string;
  apply(picture: Sharp, quality: number): Sharp;
}

const avif = (tune: "psnr" | "iq") => (picture: Sharp, quality: number) =>
  picture.avif({ quality, effort: 4, chromaSubsampling: "4:4:4", tune });

export const rivals: readonly Rival[] = [
  {
    name: "JPEG (mozjpeg)",
    keepsAlpha: false,
    settings: (["4:2:0", "4:4:4"] as const).map((chromaSubsampling) => ({
      id: `jpeg-${chromaSubsampling.replaceAll(":", "")}`,
      name: chromaSubsampling,
      apply: (picture, quality) => picture.jpeg({ quality, mozjpeg: true, chromaSubsampling }),
    })),
  },
  {
    name: "WebP",
    keepsAlpha: true,
    settings: [{ id: "webp", name: "effort 6", apply: (picture, quality) => picture.webp({ quality, effort: 6 }) }],
  },
  {
    name: "AVIF 4:4:4",
    keepsAlpha: true,
    settings: [
      // sharp's default, for what people see, and the one that serves PSNR.
      { id: "avif-iq", name: "effort 4, tune iq", apply: avif("iq") },
      { id: "avif-psnr", name: "effort 4, tune psnr", apply: avif("psnr") },
    ],
  },
];

/** Lossless WebP, a point that lossy codecs must beat on flat art. */
export const webpLossless = { id: "webp-lossless", name: "WebP lossless" } as const;

const losslessRival: Rival = {
  name: webpLossless.name,
  keepsAlpha: true,
  settings: [
    { id: webpLossless.id, name: "effort 6", apply: (picture) => picture.webp({ lossless: true, effort: 6 }) },
  ],
};

const byId = new Map(
  [...rivals, losslessRival].flatMap((rival) => rival.settings.map((setting) => [setting.id, { rival, setting }])),
);

/** The facts of every codec that sharp knows, lossless WebP last. */
export const sharpCompetitors: readonly CompetitorFacts[] = [...byId.values()].map(({ rival, setting }) => ({
  id: setting.id,
  name: rival.name,
  setting: setting.name,
  keepsAlpha: rival.keepsAlpha,
  lossless: rival === losslessRival,
}));

/** A codec of `sharpCompetitors`, ready to run; undefined for another id. */
export async function openSharpCompetitor(id: string): Promise<Competitor | undefined> {
  const facts = sharpCompetitors.find((competitor) => competitor.id === id);
  if (!facts) return undefined;
  const { setting } = byId.get(id)!;
  const sharp = await loadSharp();
  return {
    ...facts,
    encode: async (image, quality) => plainArray(await setting.apply(pictureOf(sharp, image), quality).toBuffer()),
    decode: (bytes) => decodePicture(sharp, bytes),
  };
}

export const pictureOf = (sharp: SharpModule, { data, width, height, channels }: DecodedImage): Sharp =>
  sharp(data, { raw: { width, height, channels }, limitInputPixels: false });

/** The pixels of an image file, as sRGB with or without alpha. */
export async function decodePicture(sharp: SharpModule, bytes: Uint8Array): Promise<DecodedImage> {
  const picture = sharp(bytes, { limitInputPixels: false }).toColourspace("srgb").raw();
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return { data: plainArray(data), width: info.width, height: info.height, channels: info.channels };
}
