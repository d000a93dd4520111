import { type ColourSpace, type Curve, linear, matrixOfChromaticities, power, sRgbCurve } from "./colour-space.js";

/** What a file says of its colours beside an ICC profile: PNG by chunks, AVIF by a box. */
export interface TaggedColour {
  /** The space, where it is another one than sRGB and can be brought to it. */
  readonly space?: ColourSpace | undefined;
  /** What the colours are, in words. */
  readonly text: string;
}

const d65 = [0.3127, 0.329];
const smpte170 = [...d65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07];
/** Names and chromaticities of white, red, green and blue by the code points of ITU-T H.273; those that are not here count as sRGB's. */
const primariesOfCode: Record<number, { readonly name: string; readonly xy: readonly number[] }> = {
  4: { name: "BT.470 M", xy: [0.31, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08] },
  5: { name: "BT.470 BG", xy: [...d65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06] },
  6: { name: "SMPTE 170M", xy: smpte170 },
  7: { name: "SMPTE 240M", xy: smpte170 },
  8: { name: "film", xy: [0.31, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049] },
  9: { name: "BT.2020", xy: [...d65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046] },
  11: { name: "DCI-P3", xy: [0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06] },
  12: { name: "Display P3", xy: [...d65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06] },
  22: { name: "EBU 3213", xy: [...d65, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077] },
};
const curveOfCode: Record<number, Curve> = {
  4: power(2.2),
  5: power(2.8),
  7: (sample) => (sample < 0.0912 ? sample / 4 : ((sample + 0.1115) / 1.1115) ** (1 / 0.45)),
  8: linear,
  17: (sample) => Math.min(1, (52.37 / 48) * sample ** 2.6),
};
/** What video is shown by (BT.1886). Browsers take it so in PNG only: AVIFs that say so are mostly of sRGB. */
const shownVideo = power(2.4);
const videoCurves = Object.fromEntries([1, 6, 11, 14, 15].map((code) => [code, shownVideo]));
const nameOfHdr: Record<number, string> = { 16: "HDR (PQ)", 18: "HDR (HLG)" };
const sRgbGamma = 1 / 2.2;
/** Gammas this near to that of sRGB are written for it. */
const tolerance = 0.05;

/** Reads the chunks of a PNG up to its samples: cICP outranks an ICC profile, which outranks sRGB, which outranks gAMA and cHRM. */
export function pngColour(bytes: Uint8Array): TaggedColour | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = new Map<string, number>();
  for (let at = 8; at + 12 <= bytes.length; ) {
    const [length, kind] = [view.getUint32(at), String.fromCharCode(...bytes.subarray(at + 4, at + 8))];
    if (kind === "IDAT" || at + 12 + length > bytes.length) break;
    chunks.set(kind, at + 8);
    at += 12 + length;
  }
  const coded = chunks.get("cICP");
  if (coded !== undefined) {
    const colour = colourOfCodes(bytes[coded], bytes[coded + 1], { ...curveOfCode, ...videoCurves });
    // sRGB by its code points, too, outranks a profile.
    return colour ?? (chunks.has("iCCP") ? { space: { curves: [sRgbCurve] }, text: "" } : undefined);
  }
  const gamma = chunks.get("gAMA");
  if (gamma === undefined || chunks.has("iCCP") || chunks.has("sRGB")) return undefined;
  const exponent = view.getUint32(gamma) / 100_000;
  const chroma = chunks.get("cHRM");
  const xy =
    chroma === undefined ? undefined : Array.from({ length: 8 }, (_, i) => view.getUint32(chroma + 4 * i) / 100_000);
  const matrix = xy && matrixOfChromaticities(xy);
  if (exponent <= 0 || (!matrix && Math.abs(exponent / sRgbGamma - 1) < tolerance)) return undefined;
  const curve = power(1 / exponent);
  return { space: { curves: [curve, curve, curve], matrix }, text: `gamma ${exponent}` };
}

/** Reads the box `colr` of kind `nclx` of an AVIF or HEIC. */
export function heifColour(bytes: Uint8Array): TaggedColour | undefined {
  // The box lies in the properties, before the samples.
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1 << 16));
  const at = head.indexOf("colrnclx", 0, "latin1");
  if (at < 0 || at + 12 > head.length) return undefined;
  return colourOfCodes(head.readUInt16BE(at + 8), head.readUInt16BE(at + 10), curveOfCode);
}

function colourOfCodes(
  primaries: number,
  transfer: number,
  curves: Readonly<Record<number, Curve>>,
): TaggedColour | undefined {
  if (nameOfHdr[transfer]) return { text: nameOfHdr[transfer] };
  const { name, xy } = primariesOfCode[primaries] ?? { name: "sRGB", xy: undefined };
  const matrix = xy && matrixOfChromaticities(xy);
  const curve = curves[transfer] ?? sRgbCurve;
  if (!matrix && curve === sRgbCurve) return undefined;
  const text = curve === sRgbCurve ? name : `${name}, transfer ${transfer}`;
  return { space: { curves: [curve, curve, curve], matrix }, text };
}
