// Draws docs/kodak.svg, the rate-distortion chart, from bench/results/kodak.json:
//   npm run bench:chart
import { readFile, writeFile } from "node:fs/promises";

const size = { width: 720, height: 440 };
const plot = { left: 56, top: 44, right: 150, bottom: 48 };
const range = { bpp: [0, 1.4], psnr: [28, 38] };
const ticks = { bpp: [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4], psnr: [28, 30, 32, 34, 36, 38] };
const labelHeight = 18;
const colours = { Isthmus: "#d6336c", JPEG: "#868e96", WebP: "#1c7ed6", AVIF: "#2f9e44" };

const results = JSON.parse(await readFile(new URL("results/kodak.json", import.meta.url), "utf8"));
const shown = results.curves.filter(
  ({ name, setting }) =>
    name === "Isthmus" || results.bdRates.some((rival) => rival.name === name && rival.setting === setting),
);

const across = (bpp) => scale(bpp, range.bpp, plot.left, size.width - plot.right);
const up = (psnr) => scale(psnr, range.psnr, size.height - plot.bottom, plot.top);
await writeFile(new URL("../docs/kodak.svg", import.meta.url), draw());

function scale(value, [low, high], from, to) {
  return Number((from + ((value - low) / (high - low)) * (to - from)).toFixed(1));
}

function draw() {
  const { width, height } = size;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    "<style>text { fill: #212529 } .grid { stroke: #dee2e6 } @media (prefers-color-scheme: dark) { text { fill: #e9ecef } .grid { stroke: #495057 } }</style>",
    `<title>Rate and distortion over ${results.images} Kodak photos</title>`,
    `<text x="${plot.left}" y="24" font-weight="600">PSNR in dB against bits a pixel, means of ${results.images} Kodak photos. Up and left is better.</text>`,
    ...ticks.bpp.map((bpp) => verticalTick(across(bpp), bpp)),
    ...ticks.psnr.map((psnr) => horizontalTick(up(psnr), psnr)),
    ...shown.map(curve),
    ...labels(),
    "</svg>",
    "",
  ].join("\n");
}

function verticalTick(x, label) {
  const bottom = size.height - plot.bottom;
  return `<line class="grid" x1="${x}" x2="${x}" y1="${plot.top}" y2="${bottom}"/><text x="${x}" y="${bottom + 20}" text-anchor="middle">${label}</text>`;
}

function horizontalTick(y, label) {
  const right = size.width - plot.right;
  return `<line class="grid" x1="${plot.left}" x2="${right}" y1="${y}" y2="${y}"/><text x="${plot.left - 8}" y="${y + 4}" text-anchor="end">${label}</text>`;
}

function pointsInside({ points }) {
  return points
    .filter(({ bpp, psnr }) => bpp <= range.bpp[1] && psnr >= range.psnr[0] && psnr <= range.psnr[1])
    .sort((a, b) => a.bpp - b.bpp);
}

function colourOf({ name }) {
  return colours[name.split(" ")[0]] ?? "#7048e8";
}

/** A polyline through the points that lie in the plot. */
function curve(codec) {
  const inside = pointsInside(codec);
  const colour = colourOf(codec);
  const line = inside.map(({ bpp, psnr }) => `${across(bpp)},${up(psnr)}`).join(" ");
  const dots = inside.map(({ bpp, psnr }) => `<circle cx="${across(bpp)}" cy="${up(psnr)}" r="3" fill="${colour}"/>`);
  const strength = codec.name === "Isthmus" ? 3 : 2;
  return `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="${strength}"/>${dots.join("")}`;
}

/** Names at the right edge, at the height where their curves end, but never one upon another. */
function labels() {
  const x = size.width - plot.right + 10;
  const ends = shown.map((codec) => ({ codec, y: up(pointsInside(codec).at(-1).psnr) })).sort((a, b) => a.y - b.y);
  let lowest = 0;
  return ends.map(({ codec, y }) => {
    lowest = Math.max(y + 4, lowest + labelHeight);
    return `<text x="${x}" y="${lowest}" style="fill: ${colourOf(codec)}" font-weight="600">${codec.name}</text>`;
  });
}
