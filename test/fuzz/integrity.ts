import type { Decoder } from "../../src/codec/decoder.js";
import { checksumBytes, writeChecksum } from "../../src/codec/stream/checksum.js";
import { IsthmusError } from "../../src/ground/errors.js";

/** What came of damaged streams. */
export interface Tally {
  /** An error. */
  refused: number;
  /** The picture as it was, and no error. */
  unharmed: number;
  /** Another picture, and no error: a lie. */
  wrong: number;
}

export interface IntegrityReport {
  readonly bytes: number;
  /** Every bit flipped, one at a time. */
  readonly flips: Tally;
  /** Cut to every length. */
  readonly cuts: Tally;
  /** Every bit before the checksum flipped, one at a time, and the checksum made right again: not damage but forgery. */
  readonly forgeries: Tally;
}

const newTally = (): Tally => ({ refused: 0, unharmed: 0, wrong: 0 });

/** Streams that are small and of every kind, by the names of their golden files and models. */
export const integrityStreams = [
  { name: "photo-9x9", model: "photo" },
  { name: "photo-metadata", model: "photo" },
  { name: "photo-grey-alpha", model: "photo" },
  { name: "photo-alpha-quality", model: "photo" },
  { name: "photo-lossless", model: "photo" },
  { name: "integers-61x45", model: "integers" },
  { name: "grey-noise", model: "grey" },
  { name: "planes-alpha", model: "planes" },
  { name: "vector-quality-100", model: "vector" },
  { name: "variational-alpha", model: "variational" },
] as const;

/** Damages a stream in every single place. */
export async function damageEverywhere(decoder: Decoder, stream: Uint8Array): Promise<IntegrityReport> {
  const good = await decoder.decode(stream);
  const report = { bytes: stream.length, flips: newTally(), cuts: newTally(), forgeries: newTally() };
  const count = async (tally: Tally, damaged: Uint8Array): Promise<void> => {
    try {
      const { width, channels, data } = await decoder.decode(damaged);
      const same = width === good.width && channels === good.channels && Buffer.compare(data, good.data) === 0;
      tally[same ? "unharmed" : "wrong"]++;
    } catch (error) {
      if (!(error instanceof IsthmusError)) throw error;
      tally.refused++;
    }
  };
  for (let bit = 0; bit < stream.length * 8; bit++) {
    const flipped = Buffer.from(stream);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    await count(report.flips, flipped);
    if (bit < (stream.length - checksumBytes(stream.length)) * 8) await count(report.forgeries, writeChecksum(flipped));
  }
  for (let length = 0; length < stream.length; length++) await count(report.cuts, stream.slice(0, length));
  return report;
}
