import type { Metadata } from "sharp";
import { type ColourSpace, converterToSRgb, linear, sRgbCurve } from "./colour-space.js";
import { readIccProfile } from "./icc-profile.js";
import { heifColour, pngColour, type TaggedColour } from "./tagged-colour.js";

/** The sample types of libvips that pictures come in, and the sample that stands for full light. */
const sampleTypes = {
  uchar: { white: 255, of: Uint8Array },
  char: { white: 127, of: Int8Array },
  ushort: { white: 65535, of: Uint16Array },
  short: { white: 32767, of: Int16Array },
  uint: { white: 2 ** 32 - 1, of: Uint32Array },
  int: { white: 2 ** 31 - 1, of: Int32Array },
  float: { white: 1, of: Float32Array },
} as const;

type Depth = keyof typeof sampleTypes;
const nameOfDepth: Record<Exclude<Depth, "uchar">, string> = {
  char: "signed 8 bits",
  ushort: "16 bits",
  short: "signed 16 bits",
  uint: "32 bits",
  int: "signed 32 bits",
  float: "floating point",
};

/** How the samples of a file become bytes of sRGB: by what sharp is asked for, and what is done after it. */
export interface SampleRoute {
  readonly isGrey: boolean;
  /** What is told of the file: what one picture of 8-bit sRGB does not hold. */
  readonly conversions: readonly string[];
  readonly depth: Depth;
  readonly space: string;
  readonly ignoreIcc: boolean;
  readonly pipelineSpace?: string;
  readonly outputProfile?: string;
  toBytes(raw: Uint8Array, channels: number): Uint8Array;
}

/**
 * sharp brings 8-bit samples to sRGB, and 16-bit ones without a profile. 16-bit colour with one it brings to Display P3, profiles of 16-bit grey and what
 * PNG and AVIF say beside profiles it leaves alone, and samples of other types it casts unscaled: all of these are taken as they are and converted here.
 */
export function sampleRoute(bytes: Uint8Array, metadata: Metadata, keepProfile = false): SampleRoute {
  const { space, hasAlpha, icc } = metadata;
  const depth = metadata.depth as Depth;
  const isGrey = space === "b-w" || space === "grey16";
  const profile = icc && readIccProfile(icc);
  const tagged = taggedColour(bytes, metadata);
  const conversions = conversionsOf(metadata, profile?.name, tagged);
  // Grey with alpha goes through RGBA, because sharp's grey output has no alpha.
  const plain = {
    isGrey,
    conversions,
    depth: "uchar",
    space: isGrey && !hasAlpha ? "b-w" : "srgb",
    ignoreIcc: false,
    toBytes: (raw) => new Uint8Array(raw.buffer, raw.byteOffset, raw.length),
  } satisfies SampleRoute;
  if (keepProfile && keepsProfile(bytes, metadata)) {
    return { ...plain, conversions: conversionsOf(metadata, undefined, undefined), ignoreIcc: true };
  }
  const isRgb = rgbSpaces.includes(space);
  const isLinear = space === "scrgb";
  const isConverted = tagged?.space !== undefined || (depth !== "uchar" && (icc !== undefined || depth !== "ushort"));
  if (!(isGrey || isRgb) || !(isConverted && depth in sampleTypes)) return plain;

  const isTabled = profile !== undefined && !profile.space && !tagged?.space;
  if (isTabled && depth === "ushort") {
    // Only the colour management under sharp knows tables of several dimensions.
    if (isGrey) return { ...plain, pipelineSpace: "b-w" };
    return { ...plain, depth, space: "rgb16", outputProfile: "srgb", toBytes: converter("ushort", hasAlpha, identity) };
  }
  // A grey profile says nothing of colours.
  const fitting = isGrey || profile?.space?.curves.length === 3 ? profile?.space : undefined;
  const samples = tagged?.space ?? fitting ?? (isLinear ? { curves: [linear] } : identity);
  return {
    ...plain,
    depth,
    space: space === "b-w" && hasAlpha ? "srgb" : space,
    ignoreIcc: true,
    toBytes: converter(depth, hasAlpha, samples),
  };
}

const rgbSpaces = ["srgb", "rgb", "rgb16", "scrgb"];

/** Whether 8-bit samples may stay in the space of the ICC profile: it must be what says what they are, and be one of grey or RGB as they are. */
export function keepsProfile(bytes: Uint8Array, metadata: Metadata): boolean {
  const { icc, space, depth } = metadata;
  if (!icc || (depth !== "uchar" && depth !== "ushort") || taggedColour(bytes, metadata)) return false;
  const { kind } = readIccProfile(icc);
  return rgbSpaces.includes(space) ? kind === "RGB " : (space === "b-w" || space === "grey16") && kind === "GRAY";
}

const identity: ColourSpace = { curves: [sRgbCurve] };

function converter(depth: Depth, hasAlpha: boolean, space: ColourSpace): SampleRoute["toBytes"] {
  const { of, white } = sampleTypes[depth];
  let convert: ReturnType<typeof converterToSRgb> | undefined;
  return (raw, channels) => {
    const { buffer, byteOffset } = raw.byteOffset % of.BYTES_PER_ELEMENT === 0 ? raw : Uint8Array.from(raw);
    const samples = new of(buffer as ArrayBuffer, byteOffset, raw.length / of.BYTES_PER_ELEMENT);
    if (depth === "float") checkRange(samples);
    convert ??= converterToSRgb(space, { white, channels, hasAlpha });
    return convert(samples);
  };
}

/** Some light beyond white is cut off; where most samples lie outside, white is not what 1 stands for. */
function checkRange(samples: ArrayLike<number>): void {
  let outside = 0;
  for (let i = 0; i < samples.length; i++) if (!(samples[i] >= 0 && samples[i] <= 1)) outside++;
  if (outside > samples.length / 2) throw new Error("most of its floating-point samples lie outside of 0 to 1");
}

function taggedColour(bytes: Uint8Array, { format, icc }: Metadata): TaggedColour | undefined {
  if (format === "png") return pngColour(bytes);
  return format === "heif" && icc === undefined ? heifColour(bytes) : undefined;
}

/** What is lost, or changed, on the way to one picture of 8-bit sRGB. */
function conversionsOf(
  { depth, space, pages = 1 }: Metadata,
  profile: string | undefined,
  tagged: TaggedColour | undefined,
): string[] {
  const isSrgb = profile !== undefined && /sRGB/i.test(profile) && !/linear/i.test(profile);
  return [
    ...(depth && depth in nameOfDepth ? [nameOfDepth[depth as keyof typeof nameOfDepth]] : []),
    ...(space === "cmyk" ? ["CMYK"] : []),
    ...(pages > 1 ? [`${pages} frames`] : []),
    ...(tagged?.text ? [tagged.text] : []),
    ...(profile !== undefined && !isSrgb && !tagged?.space ? [`the profile ${profile || "without a name"}`] : []),
  ];
}

/** What keeps a file from being a picture of grey or colour, with alpha or without; undefined where nothing does. */
export function channelsProblem({ space, channels, depth }: Metadata): string | undefined {
  const colours = space === "b-w" || space === "grey16" ? 1 : space === "cmyk" ? 4 : 3;
  if (channels < colours || channels > colours + 1) return `it has ${channels} of the kind ${space}`;
  return depth && !(depth in sampleTypes) ? `its samples are of the type ${depth}` : undefined;
}
