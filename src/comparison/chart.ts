import { bestCurve, type ComparisonReport } from "./comparison-report.js";
import type { Curve } from "./curves.js";
import { axes, type Metric, metrics } from "./metrics.js";

const plot = { left: 56, top: 60, width: 400, height: 330 };
const labelWidth = 136;
const panelWidth = plot.left + plot.width + labelWidth;
const height = plot.top + plot.height + 56;
const labelHeight = 18;

const colours: Record<string, string> = {
  Isthmus: "#d6336c",
  "JPEG (mozjpeg)": "#868e96",
  WebP: "#1c7ed6",
  "WebP lossless": "#1c7ed6",
  "AVIF 4:4:4": "#2f9e44",
  "JPEG XL": "#7048e8",
};

const style = `text { fill: #212529 } .grid { stroke: #dee2e6 }
@media (prefers-color-scheme: dark) { text { fill: #e9ecef } .grid { stroke: #495057 } }`;

interface Scale {
  readonly ticks: readonly number[];
  place(value: number): number;
}

/** The rate-distortion curves as an SVG picture for light and dark pages, a panel for each metric, SSIMULACRA 2 on the left. */
export function drawChart(report: ComparisonReport, title: string): string {
  const panels = metrics.filter((metric) => axes[metric].valueOf(report.curves[0].points[0]) !== null);
  const width = panels.length * panelWidth;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${style}</style>`,
    `<text x="${plot.left}" y="24" font-weight="600">${escapeText(title)}. Up and left is better.</text>`,
    ...panels.map((metric, i) => panel(report, metric, i * panelWidth)),
    "</svg>",
    "",
  ].join("\n");
}

/** The value of a metric at a point of a panel that is drawn. */
const heightOf = (metric: Metric, point: Curve["points"][number]): number => axes[metric].valueOf(point)!;

function panel(report: ComparisonReport, metric: Metric, offset: number): string {
  const { name, unit } = axes[metric];
  const own = report.curves[0];
  const rivals = report.bdRates
    .map(({ name }) => bestCurve(report, name, metric))
    .filter((curve) => curve !== undefined);
  const shown = [...rivals, own];
  const lossless = report.curves.filter((curve) => curve.lossless);
  const across = logarithmic([...shown, ...lossless].flatMap(({ points }) => points.map(({ bpp }) => bpp)));
  const up = linear(shown.flatMap(({ points }) => points.map((point) => heightOf(metric, point))));
  return [
    `<g transform="translate(${offset} 0)">`,
    `<text x="${plot.left}" y="46">${[name, ...(unit ? [unit] : [])].join(", ")}, against bits a pixel</text>`,
    ...across.ticks.map((bpp) => verticalTick(across.place(bpp), String(bpp))),
    ...up.ticks.map((value) => horizontalTick(up.place(value), String(value))),
    ...lossless.map((curve) => losslessMark(curve, across)),
    ...shown.map((curve) => line(curve, metric, across, up)),
    ...labels(shown, metric, up),
    "</g>",
  ].join("\n");
}

function verticalTick(x: number, label: string): string {
  const bottom = plot.top + plot.height;
  return `<line class="grid" x1="${x}" x2="${x}" y1="${plot.top}" y2="${bottom}"/><text x="${x}" y="${bottom + 20}" text-anchor="middle">${label}</text>`;
}

function horizontalTick(y: number, label: string): string {
  const right = plot.left + plot.width;
  return `<line class="grid" x1="${plot.left}" x2="${right}" y1="${y}" y2="${y}"/><text x="${plot.left - 8}" y="${y + 4}" text-anchor="end">${label}</text>`;
}

function line(curve: Curve, metric: Metric, across: Scale, up: Scale): string {
  const colour = colourOf(curve);
  const places = curve.points.map((point) => [across.place(point.bpp), up.place(heightOf(metric, point))]);
  const dots = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`);
  const strength = curve.name === "Isthmus" ? 3 : 2;
  return `<polyline points="${places.map(([x, y]) => `${x},${y}`).join(" ")}" fill="none" stroke="${colour}" stroke-width="${strength}"/>${dots.join("")}`;
}

/** A lossless codec holds any likeness at one rate: a dashed upright line. */
function losslessMark(curve: Curve, across: Scale): string {
  const x = across.place(curve.points[0].bpp);
  const bottom = plot.top + plot.height;
  const colour = colourOf(curve);
  return `<line x1="${x}" x2="${x}" y1="${plot.top}" y2="${bottom}" stroke="${colour}" stroke-dasharray="5 4"/><text x="${x}" y="${bottom + 38}" text-anchor="middle" style="fill: ${colour}">${curve.name}</text>`;
}

/** Names at the right edge, at the height where their curves end, but never one upon another. */
function labels(curves: readonly Curve[], metric: Metric, up: Scale): string[] {
  const x = plot.left + plot.width + 10;
  const highest = (curve: Curve): number => Math.max(...curve.points.map((point) => heightOf(metric, point)));
  const ends = curves.map((curve) => ({ curve, y: up.place(highest(curve)) })).sort((a, b) => a.y - b.y);
  let lowest = 0;
  return ends.map(({ curve, y }) => {
    lowest = Math.max(y + 4, lowest + labelHeight);
    return `<text x="${x}" y="${lowest}" style="fill: ${colourOf(curve)}" font-weight="600">${curve.name}</text>`;
  });
}

const colourOf = ({ name }: Curve): string => colours[name] ?? "#e8590c";

/** Ticks at 1, 2 and 5 times powers of ten. */
function logarithmic(values: readonly number[]): Scale {
  const low = Math.log10(Math.min(...values)) - 0.03;
  const high = Math.log10(Math.max(...values)) + 0.03;
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of [1, 2, 5]) ticks.push(Number((digit * 10 ** power).toPrecision(1)));
  }
  const place = (value: number): number => tenth(plot.left + ((Math.log10(value) - low) / (high - low)) * plot.width);
  return { ticks: ticks.filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high), place };
}

/** About six ticks at round numbers. */
function linear(values: readonly number[]): Scale {
  const least = Math.min(...values);
  const extent = Math.max(Math.max(...values) - least, 1);
  const step = [0.5, 1, 2, 5, 10, 20].find((size) => extent / size <= 8) ?? 50;
  const low = Math.floor(least / step) * step;
  const high = Math.ceil((least + extent) / step) * step;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
  return { ticks, place: (value) => tenth(plot.top + plot.height - ((value - low) / (high - low)) * plot.height) };
}

const tenth = (value: number): number => Number(value.toFixed(1));

const escapeText = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
