import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";

/** Draws so many small pictures, each different, into folders of a hundred. Returns their paths. */
export async function drawPictures(folder, count, side) {
  const paths = [];
  for (let i = 0; i < count; i++) {
    const inner = join(folder, `part-${Math.floor(i / 100)}`);
    if (i % 100 === 0) await mkdir(inner, { recursive: true });
    const data = new Uint8Array(side * side * 3);
    for (let at = 0; at < data.length; at++) {
      const [x, y, c] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side), at % 3];
      data[at] = 128 + 60 * Math.sin(x / (5 + (i % 13)) + c + i) + 50 * Math.cos(y / (3 + (i % 7)) - c);
    }
    const path = join(inner, `picture-${i}.png`);
    await sharp(data, { raw: { width: side, height: side, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toFile(path);
    paths.push(path);
  }
  return paths;
}
