import { tableText } from "../frame/results.mjs";

const thousands = (count) => Math.round(count).toLocaleString("en").replaceAll(",", " ");
const decibels = (psnr) => (psnr === null || psnr > 99 ? "lossless" : `${psnr.toFixed(1)} dB`);

/** The section of docs/BENCHMARKS.md on scenes. */
export function section({ command, width, height, frames, framesPerSecond, quality, results }) {
  const rows = results.map(({ name, alone, scene, newCells, firstBytes, twiceBytes }) => [
    name,
    thousands(alone.bytesPerSecond),
    decibels(alone.psnr),
    thousands(scene.bytesPerSecond),
    decibels(scene.psnr),
    `${(100 * newCells).toFixed(1)} %`,
    thousands(firstBytes),
    String(twiceBytes),
  ]);
  return [
    "## Scenes",
    `${frames} frames of ${width} x ${height} at ${framesPerSecond} a second, quality ${quality} (\`${command}\`): every picture by itself, and as frames of a scene of which each is the change of the one before
([SCENES.md](SCENES.md)). Bytes a second of a scene are without its first frame, which stands beside them; the last column is a picture that is sent twice.`,
    tableText(["", "alone, bytes/s", "PSNR", "as a scene, bytes/s", "PSNR", "new cells", "first frame", "twice"], rows),
  ];
}
