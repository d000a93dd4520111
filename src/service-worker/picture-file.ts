import { addAlpha } from "../image/alpha.js";
import { type DecodedImage, hasAlpha } from "../image/image.js";
import { encodePng } from "../preview/png.js";

const headerBytes = 54;

/**
 * A file that every browser shows, made as quickly as can be: nobody keeps it, and it never leaves the machine. Opaque pictures become a BMP of 24 bits a pixel;
 * of alpha in a BMP browsers think differently, so that pictures with alpha become a PNG that is not packed.
 */
export function pictureFile(image: DecodedImage): { bytes: Uint8Array<ArrayBuffer>; type: string } {
  if (hasAlpha(image.channels)) return { bytes: encodePng(addAlpha(image)), type: "image/png" };
  return { bytes: encodeBmp(image), type: "image/bmp" };
}

/** BITMAPFILEHEADER and BITMAPINFOHEADER, then rows of blue, green and red from the bottom, each filled up to four bytes. */
export function encodeBmp({ data, width, height, channels }: DecodedImage): Uint8Array<ArrayBuffer> {
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  const bytes = new Uint8Array(headerBytes + rowBytes * height);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x424d);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, headerBytes, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  view.setUint32(34, rowBytes * height, true);
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let y = 0, from = 0; y < height; y++) {
    let to = headerBytes + (height - 1 - y) * rowBytes;
    for (let x = 0; x < width; x++, from += channels) {
      bytes[to++] = data[from + blue];
      bytes[to++] = data[from + green];
      bytes[to++] = data[from];
    }
  }
  return bytes;
}
