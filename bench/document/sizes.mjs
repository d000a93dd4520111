import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(sizes) {
  const rows = sizes.sizes.map(({ width, height, strips, encode, decode }) => [
    `${width} x ${height}`,
    ...[((width * height) / 1e6).toFixed(1), String(strips), encode.toFixed(0), decode.toFixed(0)],
  ]);
  return [
    "## Cost of a pixel by size",
    `${facts(sizes)} One thread, a photo resized, quality ${sizes.quality}, effort 0: nanoseconds of processor time a pixel, medians.`,
    tableText(["size", "megapixels", "strips", "encode, ns", "decode, ns"], rows),
  ];
}
