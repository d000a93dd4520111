import type { Dice } from "./dice.js";

type Mutation = (bytes: Uint8Array, dice: Dice, donor: Uint8Array) => Uint8Array;

const at = (bytes: Uint8Array, dice: Dice): number => dice.below(bytes.length + 1);
const joined = (...pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces));

/** Changes that know nothing of the format. */
const mutations: readonly Mutation[] = [
  function flipBit(bytes, dice) {
    const copy = bytes.slice();
    if (copy.length > 0) copy[dice.below(copy.length)] ^= 1 << dice.below(8);
    return copy;
  },
  function overwrite(bytes, dice) {
    const copy = bytes.slice();
    const start = at(bytes, dice);
    copy.set(dice.bytes(Math.min(1 + dice.length(16), copy.length - start)), start);
    return copy;
  },
  function fill(bytes, dice) {
    const start = at(bytes, dice);
    return bytes.slice().fill(dice.pick([0, 1, 127, 128, 255]), start, start + 1 + dice.length(32));
  },
  function truncate(bytes, dice) {
    return bytes.slice(0, dice.chance(0.5) ? at(bytes, dice) : bytes.length - 1 - dice.length(9));
  },
  function insert(bytes, dice) {
    const start = at(bytes, dice);
    return joined(bytes.subarray(0, start), dice.bytes(1 + dice.length(24)), bytes.subarray(start));
  },
  function remove(bytes, dice) {
    const start = at(bytes, dice);
    return joined(bytes.subarray(0, start), bytes.subarray(start + 1 + dice.length(24)));
  },
  function repeat(bytes, dice) {
    const start = at(bytes, dice);
    const end = start + 1 + dice.length(24);
    return joined(bytes.subarray(0, end), bytes.subarray(start));
  },
  function splice(bytes, dice, donor) {
    return joined(bytes.subarray(0, at(bytes, dice)), donor.subarray(at(donor, dice)));
  },
  function transplant(bytes, dice, donor) {
    const copy = bytes.slice();
    const start = at(bytes, dice);
    const from = at(donor, dice);
    copy.set(donor.subarray(from, from + Math.min(1 + dice.length(32), copy.length - start)), start);
    return copy;
  },
  function noise(bytes, dice) {
    return dice.bytes(dice.length(2 * bytes.length + 8));
  },
];

/** One to a few changes, one after another. `donor` is a file that pieces are taken from. */
export function mutateBytes(bytes: Uint8Array, dice: Dice, donor: Uint8Array = bytes): Uint8Array {
  let mutated = bytes;
  for (let count = 1 + dice.length(5); count > 0; count--) mutated = dice.pick(mutations)(mutated, dice, donor);
  return mutated;
}
