import { concatenate } from "../../ground/bytes.js";
import { IsthmusError } from "../../ground/errors.js";
import { readVarint, varintBytes } from "../../ground/varint.js";

/** One strip of symbols as the entropy coder wrote it. */
export interface CodedStrip {
  /** All channels. */
  readonly bytes: Uint8Array;
  /** The same without the channels that are 0 in the whole strip: 1 for each channel that is coded. */
  readonly masked: { readonly channels: Uint8Array; readonly bytes: Uint8Array };
}

/** The section that holds all strips of a picture, see docs/FORMAT.md, "Strips". */
export interface StripSection {
  /** Each strip begins with a bitmap of the channels that are coded in it. */
  readonly masked: boolean;
  readonly bytes: Uint8Array;
}

/** One strip taken out of a section. `bytes` is a view. */
export interface ReadStrip {
  /** 1 for each channel that is coded; undefined where all are. */
  readonly channels: Uint8Array | undefined;
  readonly bytes: Uint8Array;
}

/** Joins strips in the shorter of the two ways, or without masks where those cannot be told (`maskable` false). */
export function joinStrips(strips: readonly CodedStrip[], maskable: boolean): StripSection {
  const plain = framed(strips.map(({ bytes }) => [bytes]));
  if (!maskable) return { masked: false, bytes: plain };
  const masked = framed(strips.map(({ masked: { channels, bytes } }) => [bitmapOf(channels), bytes]));
  return masked.length < plain.length ? { masked: true, bytes: masked } : { masked: false, bytes: plain };
}

/**
 * The strips of a section.
 * @throws IsthmusError `truncated` or `corrupt` where the section cannot hold `count` strips
 */
export function splitStrips({ masked, bytes }: StripSection, count: number, latents: number): ReadStrip[] {
  const strips: ReadStrip[] = [];
  let offset = 0;
  for (let i = 0; i < count; i++) {
    let end = bytes.length;
    if (i < count - 1) {
      const length = readVarint(bytes, offset, "the length of a strip");
      offset = length.end;
      end = offset + length.value;
      if (end > bytes.length) throw damaged();
    }
    strips.push(readStrip(bytes.subarray(offset, end), masked, latents));
    offset = end;
  }
  return strips;
}

function readStrip(bytes: Uint8Array, masked: boolean, latents: number): ReadStrip {
  if (!masked) return { channels: undefined, bytes };
  const length = bitmapBytes(latents);
  if (bytes.length < length) throw damaged();
  const channels = Uint8Array.from({ length: latents }, (_, c) => (bytes[c >> 3] >> (c & 7)) & 1);
  if (latents % 8 !== 0 && bytes[length - 1] >> (latents % 8) !== 0) throw damaged();
  return { channels, bytes: bytes.subarray(length) };
}

const damaged = () => new IsthmusError("corrupt", "The strips of the stream contradict themselves");

/** Each strip but the last with its length before it. */
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
