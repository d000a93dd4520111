import { bytesOfHex } from "../ground/bytes.js";
import { crc32 } from "../ground/crc.js";
import { inOrder, type Safetensors, type Tensor } from "../ground/safetensors.js";
import type { Steps } from "../ground/steps.js";
import { BitEncoder } from "./bit-encoder.js";
import { checksumOf, codeTensor, headBytes, magic, versions } from "./coded-file.js";
import {
  codeChanges,
  contentOf,
  type Kinship,
  kinshipBytes,
  parts,
  unitBits,
  type Whole,
  wholesOf,
} from "./difference.js";
import { allPlaces, changedPlace, codeText } from "./tensor-coder.js";

/** What a file is written as a difference to. */
export interface Parent extends Kinship {
  /** Of the parent's part. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** The content of a safetensors file, coded: see coded-file.ts, which decodes it. */
export function* encodeFile({ tensors, metadata }: Safetensors, parent?: Parent): Steps<Uint8Array<ArrayBuffer>> {
  const before = parent ? inOrder(parent.tensors) : [];
  const kept = before.filter(([name, tensor]) => isAlike(tensor, tensors.get(name)));
  const names = new Set(kept.map(([name]) => name));
  const others = inOrder(tensors).filter(([name]) => !names.has(name));
  const gone = before.map(([name]) => name).filter((name) => !tensors.has(name));
  const shapes = others.map(([name, { dtype, shape }]) => [name, dtype, ...shape]);
  const texts = Object.entries(metadata).sort(([left], [right]) => (left < right ? -1 : 1));
  const header = [Object.fromEntries(texts), shapes, ...(gone.length > 0 ? [gone] : [])];
  const text = new TextEncoder().encode(JSON.stringify(header));
  const coder = new BitEncoder(allPlaces);
  yield* codeText(coder, text);
  for (const [name, tensor] of kept) yield* encodeChanges(coder, tensor, tensors.get(name)!);
  // A copy, because coding puts values back where it found them.
  for (const [, { dtype, shape, data }] of others) yield* codeTensor(coder, dtype, shape, data.slice());
  yield;
  const bits = coder.finish();
  const start = headBytes + (parent ? kinshipBytes : 0);
  const bytes = new Uint8Array(start + bits.length);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  bytes[magic.length] = parent ? versions.difference : versions.alone;
  view.setUint32(magic.length + 5, text.length, true);
  if (parent) {
    bytes[headBytes] = parts.indexOf(parent.part);
    bytes.set(bytesOfHex(parent.id + parent.parent), headBytes + 1);
    view.setUint32(headBytes + 17, yield* checksumOf(contentOf(tensors)), true);
  }
  bytes.set(bits, start);
  yield;
  view.setUint32(magic.length + 1, crc32(bytes.subarray(magic.length + 5)), true);
  return bytes;
}

const isAlike = ({ dtype, shape }: Tensor, other: Tensor | undefined): boolean =>
  dtype === other?.dtype && shape.length === other.shape.length && shape.every((side, i) => side === other.shape[i]);

function* encodeChanges(coder: BitEncoder, before: Tensor, { dtype, shape, data }: Tensor): Steps<void> {
  const old = wholesOf(dtype, before.data);
  const changes = wholesOf(dtype, data);
  changes.forEach((value, i) => {
    changes[i] = value - old[i];
  });
  const unit = unitOf(changes);
  coder.code(changedPlace, unit > 0 ? 1 : 0);
  if (unit === 0) return;
  coder.plain(unitBits, unit - 1);
  changes.forEach((change, i) => {
    changes[i] = change / unit;
  });
  yield* codeChanges(coder, { dtype, shape }, changes);
}

/** The largest unit that divides all of these numbers; 0 where they are all 0. */
function unitOf(numbers: Whole): number {
  let common = 0;
  for (const number of numbers) {
    for (let rest = Math.abs(number); rest > 0; ) [common, rest] = [rest, common % rest];
    if (common === 1) break;
  }
  const most = 2 ** unitBits;
  if (common <= most) return common;
  return Math.min(most, Math.abs(common & -common));
}
