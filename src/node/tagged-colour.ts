import { type ColourSpace, type Curve, linear, matrixOfChromaticities, power, sRgbCurve } from "./colour-space.js";

/** What a file says of its colours beside an ICC profile: PNG by chunks, AVIF by a box. */
export interface TaggedColour {
  /** The space, where it is another one than sRGB and can be brought to it. */
  readonly space?: ColourSpace | undefined;
  /** What the colours are, in words. */
  readonly text: string;
}

const colourSpaceD65 = [0.3127, 0.329];
/** Chromaticities of white, red, green and blue by the code points of ITU-T H.273; those that are not here count as sRGB's. */
const primariesOfCode: Record<number, readonly number[]> = {
  4: [0.31, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08],
  9: [...colourSpaceD65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046],
  11: [0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06],
  12: [...colourSpaceD65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06],
};
const nameOfPrimaries: Record<number, string> = { 4: "BT.470 M", 9: "BT.2020", 11: "DCI-P3", 12: "Display P3" };
const curveOfCode: Record<number, Curve> = { 4: power(2.2), 5: power(2.8), 8: linear };
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
  if (coded !== undefined) return colourOfCodes(bytes[coded], bytes[coded + 1]);
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
  return colourOfCodes(head.readUInt16BE(at + 8), head.readUInt16BE(at + 10));
}

function colourOfCodes(primaries: number, transfer: number): TaggedColour | undefined {
  if (nameOfHdr[transfer]) return { text: nameOfHdr[transfer] };
  const matrix = primariesOfCode[primaries] && matrixOfChromaticities(primariesOfCode[primaries]);
  const curve = curveOfCode[transfer] ?? sRgbCurve;
  if (!matrix && curve === sRgbCurve) return undefined;
  const name = nameOfPrimaries[primaries] ?? "sRGB";
  return {
    space: { curves: [curve, curve, curve], matrix },
    text: curve === sRgbCurve ? name : `${name}, transfer ${transfer}`,
  };
}
