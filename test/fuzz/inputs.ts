import { gridOf, qualityOf } from "../reference/decoder/grid.js";
import { staticTables } from "../reference/decoder/prior.js";
import { sealOf } from "../reference/decoder/symbol-reader.js";
import * as rans from "../reference/rans.js";
import type { Dice } from "./dice.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateCoded } from "./mutate-coded.js";
import { mutateModel } from "./mutate-model.js";
import { mutateStream, type StreamFields, writeStream } from "./mutate-stream.js";
import type { Subject, Subjects } from "./subjects.js";

export const streamsOf = ({ coders }: Subjects, dice: Dice): { coder: Subject; fields: StreamFields } => {
  const coder = dice.pick(coders);
  return { coder, fields: dice.pick(coder.streams) };
};

const donorOf = (subjects: Subjects, coder: Subject, dice: Dice): StreamFields =>
  dice.pick(dice.chance(0.5) ? coder.streams : dice.pick(subjects.coders).streams);

export const anyStream = (subjects: Subjects, dice: Dice) => {
  const { coder, fields } = streamsOf(subjects, dice);
  const donor = donorOf(subjects, coder, dice);
  const mutated = dice.chance(0.8)
    ? mutateStream(fields, dice, { ...donor, model: fields.model })
    : mutateBytes(writeStream(fields), dice, writeStream(donor));
  return { coder, input: mutated };
};

export const anyModel = (subjects: Subjects, dice: Dice) => {
  // Small files more often: they take less time and have as many ways to be wrong.
  const coder = dice.pick(dice.chance(0.8) ? subjects.smallest : subjects.coders);
  if (dice.chance(0.2)) return { coder, input: mutateCoded(coder.file, dice) };
  const file = dice.chance(0.9) ? coder.file : subjects.previewFile;
  const input = mutateModel(file, dice, dice.pick(subjects.coders).file);
  return { coder, input: dice.chance(0.1) ? mutateBytes(input, dice) : input };
};

export const inPieces = (bytes: Uint8Array, dice: Dice): Uint8Array[] => {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + dice.below(1 + dice.length(2 * bytes.length));
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
};

export function mutateText(text: string, dice: Dice): string {
  const i = dice.below(text.length + 1);
  return dice.pick([
    () => text,
    () => text.slice(0, i),
    () => text.slice(0, i) + dice.pick(["=", "+", "/", " ", "\n", ".", "\u00e9", "\ud800", "A", "%00"]) + text.slice(i),
    () => `${dice.pick(["", "abcd", "rNd2", "...", "a b c"])}.${text}`,
  ])();
}

/** A stream of symbols that no picture has, sealed as it should be. */
export function forge(coder: Subject, fields: StreamFields, dice: Dice): Uint8Array {
  const { reference } = coder;
  const { fixedSize, patch } = reference.configuration;
  const size = fixedSize ? patch : { width: 1 + dice.below(40), height: 1 + dice.below(40) };
  const quality = dice.below(256);
  const grid = gridOf(reference, size, undefined);
  const tables = staticTables(qualityOf(reference, quality));
  const spread = dice.pick([1, 3, 20, 400, 32767]);
  const index = Array.from({ length: grid.columns * grid.rows }, () => tables).flat();
  const symbols = index.map(() => Math.round((dice.next() * 2 - 1) ** 3 * spread));
  const body = Uint8Array.from(rans.encode(reference.tables, symbols, index, sealOf(symbols)));
  return writeStream({
    ...fields,
    ...size,
    quality,
    payload: 0,
    third: false,
    metadata: undefined,
    alpha: undefined,
    places: undefined,
    body,
  });
}
