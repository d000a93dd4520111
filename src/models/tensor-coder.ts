import type { Steps } from "../ground/steps.js";
import type { BitCoder } from "./bit-coder.js";

/**
 * How tensors and texts become bits (docs/FORMAT.md, "Coded tensors"). Each function serves both ends: it codes the values that it finds, and puts back what the
 * coder gives, which at a decoder is what was coded.
 */

/** Elements that are coded without a pause: some milliseconds of work. */
const elementsAtOnce = 1 << 14;

/** Neighbourhoods of an integer, by how large the integers around it are. */
const neighbourhoods = 40;
/** Bits of a magnitude up to which a tree of three decisions leads; beyond, each further bit is a decision. */
const treeBits = 7;
const lengths = 33;

/** Where each kind of bit has its places. */
const trees = 0;
const furtherBits = trees + neighbourhoods * 8;
const mantissas = furtherBits + lengths;
const lastBits = mantissas + lengths * 4;
const byteTrees = lastBits + lengths;
/** Where the places of tensors end, and those of texts begin. */
export const tensorPlaces = byteTrees + 4 * 256;
const textPlaces = 1 << 16;

/** Where a difference says that a tensor is another than its parent's. */
export const changedPlace = tensorPlaces + textPlaces;
export const allPlaces = changedPlace + 1;

export type Integers = Int8Array | Int16Array | Int32Array | Uint16Array;

/**
 * Integers in rows of `columns`, each as likely as those to its left and above it make it. `asTheyCome`: their last bits are; those of counts, which are rounded, are
 * not.
 */
export function* codeIntegers(coder: BitCoder, values: Integers, columns: number, asTheyCome: boolean): Steps<void> {
  for (let i = 0, column = 0; i < values.length; i++) {
    if (i % elementsAtOnce === 0) yield;
    const near = (column > 0 ? 2 * size(values[i - 1]) : 0) + (column > 1 ? size(values[i - 2]) : 0);
    const above =
      (i >= columns ? 2 * size(values[i - columns]) : 0) + (i >= 2 * columns ? size(values[i - 2 * columns]) : 0);
    values[i] = codeInteger(coder, values[i], neighbourhoodOf(near + above), asTheyCome);
    if (++column === columns) column = 0;
  }
}

const size = (value: number): number => (value < 0 ? -value : value);

/** Two to an octave. */
function neighbourhoodOf(total: number): number {
  const sum = Math.min(total, 2 ** 31 - 1);
  const bits = 32 - Math.clz32(sum);
  return Math.min(neighbourhoods - 1, bits < 2 ? bits : 2 * bits - 2 + ((sum >>> (bits - 2)) & 1));
}

function codeInteger(coder: BitCoder, value: number, near: number, asTheyCome: boolean): number {
  const magnitude = size(value);
  const length = codeLength(coder, 32 - Math.clz32(magnitude), trees + near * 8);
  if (length === 0) return 0;
  // The first bit of the magnitude is 1, and the next two are likelier to be 0.
  let found = 1;
  for (let left = length - 1; left > 0 && left > length - 3; left--) {
    found = found * 2 + coder.code(mantissas + length * 4 + found, (magnitude >>> (left - 1)) & 1);
  }
  for (let left = length - 3; left > 0 && !asTheyCome; left--) {
    found = found * 2 + coder.code(lastBits + left, (magnitude >>> (left - 1)) & 1);
  }
  for (let left = length - 3; left > 0 && asTheyCome; left -= 16) {
    const bits = Math.min(16, left);
    found = found * 2 ** bits + coder.plain(bits, (magnitude >>> (left - bits)) & (2 ** bits - 1));
  }
  return coder.plain(1, value < 0 ? 1 : 0) ? -found : found;
}

/** Of a magnitude, 0 .. 32 bits. */
function codeLength(coder: BitCoder, length: number, tree: number): number {
  const known = Math.min(treeBits, length);
  let node = 1;
  for (let bit = 2; bit >= 0; bit--) node = node * 2 + coder.code(tree + node, (known >> bit) & 1);
  let found = node - 8;
  if (found < treeBits) return found;
  while (found < lengths - 1 && coder.code(furtherBits + found, length > found ? 1 : 0)) found++;
  return found;
}

/** Elements of `width` bytes (4 at most), little-endian, whose bytes are alike by their place in the element. */
export function* codeBytes(coder: BitCoder, bytes: Uint8Array, width: number): Steps<void> {
  for (let i = 0; i < bytes.length; i++) {
    if (i % elementsAtOnce === 0) yield;
    bytes[i] = codeByte(coder, bytes[i], byteTrees + (i % width) * 256, 0, 1);
  }
}

/** A text, whose bytes follow from the three before. */
export function* codeText(coder: BitCoder, bytes: Uint8Array): Steps<void> {
  let before = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (i % elementsAtOnce === 0) yield;
    const hash = Math.imul(before, 0x9e3779b1) >>> 16;
    bytes[i] = codeByte(coder, bytes[i], tensorPlaces, hash, 0x101);
    before = (before * 256 + bytes[i]) & 0xffffff;
  }
}

/** From the highest bit on, each at the place base + (hash ^ (factor * node)), `node` being what is known by then. */
function codeByte(coder: BitCoder, byte: number, base: number, hash: number, factor: number): number {
  let node = 1;
  for (let bit = 7; bit >= 0; bit--) node = node * 2 + coder.code(base + (hash ^ (factor * node)), (byte >> bit) & 1);
  return node - 256;
}
