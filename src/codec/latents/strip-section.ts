import { concatenate } from "../../ground/bytes.js";
import { readVarint, varintBytes } from "../../ground/varint.js";
import { claimsMore, spareBits } from "../planes/plane.js";

/** One strip of symbols as the entropy coder wrote it. */
export interface CodedStrip {
  /** All channels. */
  readonly bytes: Uint8Array;
  /** The same without the channels that are 0 in the whole strip: 1 for each channel that is coded. */
  readonly masked: { readonly channels: Uint8Array; readonly bytes: Uint8Array };
}

/** The section that holds all strips of a picture, or of a level of it, see docs/FORMAT.md, "Strips". */
export interface StripSection {
  /** Each strip begins with a bitmap of the channels that are coded in it. */
  readonly masked: boolean;
  readonly bytes: Uint8Array;
}

/** One strip taken out of a section. `bytes` is a view. */
export interface ReadStrip {
  /** 1 for each channel that is coded; undefined where all are. */
  readonly channels?: Uint8Array | undefined;
  readonly bytes: Uint8Array;
}

/** Joins the strips of each level, the finest first, in the shorter of the two ways, or without masks where those cannot be told (`maskable` false). */
export function joinStrips(levels: readonly (readonly CodedStrip[])[], maskable: boolean): StripSection {
  const joined = (piecesOf: (strip: CodedStrip) => readonly Uint8Array[]): Uint8Array =>
    framed(levels.map((strips) => [framed(strips.map(piecesOf))]));
  const plain = joined(({ bytes }) => [bytes]);
  if (!maskable) return { masked: false, bytes: plain };
  const masked = joined(({ masked: { channels, bytes } }) => [bitmapOf(channels), bytes]);
  return masked.length < plain.length ? { masked: true, bytes: masked } : { masked: false, bytes: plain };
}

/**
 * What a section is made of: that of each level, or the strips of one.
 * @throws IsthmusError `truncated` or `corrupt` where it cannot hold `count` of them
 */
export function splitFrames(bytes: Uint8Array, count: number): Uint8Array[] {
  let offset = 0;
  return Array.from({ length: count }, (_, i) => {
    if (i === count - 1) return bytes.subarray(offset);
    const { value, end } = readVarint(bytes, offset, "symbols");
    offset = end + value;
    if (offset > bytes.length) throw claimsMore();
    return bytes.subarray(end, offset);
  });
}

/**
 * The strips of a level, which cannot claim much in few bytes. `cells`: of each of them; `leastBits`: what a symbol costs at least, 0 where cells may cost nothing.
 * @throws IsthmusError as `splitFrames`, or `corrupt` where strips are too short for what they claim
 */
export function splitStrips(
  { masked, bytes }: StripSection,
  cells: readonly number[],
  latents: number,
  leastBits: number,
): ReadStrip[] {
  return splitFrames(bytes, cells.length).map((frame, i) => {
    const strip: ReadStrip = masked ? maskedStrip(frame, latents) : { bytes: frame };
    const coded = strip.channels?.reduce((sum, bit) => sum + bit, 0) ?? latents;
    if (strip.bytes.length * 8 + spareBits < cells[i] * coded * leastBits) throw claimsMore();
    return strip;
  });
}

function maskedStrip(bytes: Uint8Array, latents: number): ReadStrip {
  const length = bitmapBytes(latents);
  if (bytes.length < length) throw claimsMore();
  const channels = Uint8Array.from({ length: latents }, (_, c) => (bytes[c >> 3] >> (c & 7)) & 1);
  if (latents % 8 !== 0 && bytes[length - 1] >> (latents % 8) !== 0) throw claimsMore();
  return { channels, bytes: bytes.subarray(length) };
}

/** Each strip, or each level, but the last with its length before it. */
function framed(strips: readonly (readonly Uint8Array[])[]): Uint8Array {
  return concatenate(
    strips.flatMap((pieces, i) => {
      if (i === strips.length - 1) return pieces;
      return [varintBytes(pieces.reduce((sum, { length }) => sum + length, 0)), ...pieces];
    }),
  );
}

/** Bytes of the bitmap of a strip's channels. */
export const bitmapBytes = (latents: number): number => Math.ceil(latents / 8);

/** Channel c is bit c mod 8 of byte floor(c / 8). */
function bitmapOf(channels: Uint8Array): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(channels.length));
  channels.forEach((bit, c) => {
    bitmap[c >> 3] |= bit << (c & 7);
  });
  return bitmap;
}
