import type { DecodedImage } from "../image/image.js";
import { loadSharp } from "../node/sharp.js";

/** Sides of the part that is shown, pixel for pixel, in pixels. */
const shown = { width: 480, height: 480 };
const gap = 8;
const captionHeight = 52;

export interface Panel {
  readonly title: string;
  readonly detail: string;
  readonly image: DecodedImage;
}

/** A PNG of the middles of several images of one size, side by side, each under its caption. */
export async function comparisonPicture(panels: readonly Panel[]): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const size = panels[0].image;
  const width = Math.min(shown.width, size.width);
  const height = Math.min(shown.height, size.height);
  const area = { left: (size.width - width) >> 1, top: (size.height - height) >> 1, width, height };
  // A narrow picture still has room for its caption.
  const column = Math.max(width, 240);

  const layers = panels.map(async ({ title, detail, image }, index) => {
    const { data, width, height, channels } = image;
    const left = index * (column + gap);
    const picture = await sharp(data, { raw: { width, height, channels } }).extract(area).png().toBuffer();
    return [
      { input: caption(title, detail, column), left, top: 0 },
      { input: picture, left, top: captionHeight },
    ];
  });
  const canvas = {
    width: panels.length * (column + gap) - gap,
    height: captionHeight + height,
    channels: 3 as const,
    background: "#1b1f24",
  };
  return sharp({ create: canvas })
    .composite((await Promise.all(layers)).flat())
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function caption(title: string, detail: string, width: number): Buffer {
  const text = (y: number, size: number, colour: string, content: string): string =>
    `<text x="8" y="${y}" font-family="sans-serif" font-size="${size}" fill="${colour}">${content}</text>`;
  const lines = text(22, 16, "#ffffff", title) + text(42, 13, "#aab4c0", detail);
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${captionHeight}">${lines}</svg>`,
  );
}
