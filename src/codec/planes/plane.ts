import { IsthmusError } from "../../ground/errors.js";
import type { Pacer } from "../../ground/pacer.js";
import type { Kernels } from "../../kernels/kernels.js";
import type { Turns } from "../../kernels/turns.js";
import type { Size } from "../../models/tiling.js";

/** What the most probable decision of the coder costs, log2(65536 / 65535), rounded down. */
const leastDecisionBits = 2.2013e-5;
/** What the state of a coder may hold beside its bytes. */
export const spareBits = 32;

/** A plane of few bytes cannot claim to be huge; one byte stands for any number of samples. Throws `corrupt`. */
export function checkPlaneClaim(size: Size, { length }: Uint8Array): void {
  if (length !== 1 && length * 8 + spareBits < size.width * size.height * leastDecisionBits) throw claimsMore();
}

export const claimsMore = () => new IsthmusError("corrupt", "The stream claims more than its bytes hold");

/** Planes are coded in strips of rows of about so many samples: some milliseconds of work. */
const stripSamples = 1 << 17;
/** Of a sample: 15 decisions of two bytes. */
const mostBytes = 32;
/** Rows above a sample that its contexts look at. */
const contextRows = 3;
/** Bytes that the coder looks ahead. */
const lookahead = 4;
/** The integers of the coder of assembly/plane.ts, and where two of them stand: bytes used, and bytes beyond their end. */
const coderIntegers = 4;
const usedAt = 2;
const beyondAt = 3;

const stripRows = (width: number): number => Math.max(contextRows, Math.floor(stripSamples / width));

/**
 * Lossless bytes of a plane of `size.width * size.height` samples (alpha, or grey of few levels), or undefined where they would be more than
 * `atMost`. `cells`: the contexts that the coder starts from. What this allocates belongs to the caller's part of the arena.
 */
export async function encodePlane(
  { call, memory }: Kernels,
  plane: Uint8Array,
  { width, height }: Size,
  cells: Uint32Array,
  pacer: Pacer,
  atMost = Number.POSITIVE_INFINITY,
): Promise<Uint8Array | undefined> {
  const rows = stripRows(width);
  if (await isUniform(plane, rows * width, pacer)) return plane.slice(0, 1);
  // Noise cannot be coded in less than its size; the adaptive coder adds little on top.
  const room = Math.min(plane.length * 2 + 64, atMost);
  const output = memory.allocate(room);
  const contexts = memory.place(cells);
  const coder = memory.place(new Int32Array(coderIntegers));
  const coded = () => memory.i32(coder, coderIntegers);
  for (let top = 0; top < height && !coded()[beyondAt]; top += rows) {
    const from = Math.max(0, top - contextRows);
    const end = Math.min(height, top + rows);
    memory.scope(() => {
      const samples = memory.place(plane.subarray(from * width, end * width));
      call.planeEncode(top - from, end - from, width, contexts, samples, output, room, coder);
    });
    await pacer.breathe(top / height);
  }
  call.planeFinish(output, room, coder);
  if (!coded()[beyondAt]) return memory.u8(output, coded()[usedAt]).slice();
  if (room === atMost) return undefined;
  throw new Error("The plane coder ran out of room");
}

async function isUniform(plane: Uint8Array, step: number, pacer: Pacer): Promise<boolean> {
  for (let from = 0; from < plane.length; from += step) {
    if (plane.subarray(from, from + step).some((sample) => sample !== plane[0])) return false;
    await pacer.breathe();
  }
  return true;
}

/**
 * The rows of a plane, a strip at a time, each in a turn of its own: between them nothing of the plane lies in kernel memory. Throws `corrupt`, at the
 * end at the latest, where the bytes are not exactly one plane.
 */
export async function* planeRows(
  { call, memory }: Kernels,
  turns: Turns,
  bytes: Uint8Array,
  { width, height }: Size,
  cells: Uint32Array,
  pacer: Pacer,
): AsyncGenerator<Uint8Array, void, void> {
  const step = stripRows(width);
  let rest = bytes;
  let contexts: Uint32Array | Int32Array = cells;
  let coder = new Int32Array(coderIntegers);
  let above = new Uint8Array(0);
  for (let top = 0; top < height; top += step) {
    const rows = Math.min(step, height - top);
    const decoded = (): Uint8Array => {
      const input = rest.subarray(0, mostBytes * rows * width);
      const samples = memory.allocate(above.length + rows * width);
      memory.u8(samples, above.length).set(above);
      const [cellsAt, inputAt, coderAt] = [contexts, input, coder].map((values) => memory.place(values));
      const known = above.length / width;
      call.planeDecode(known, known + rows, width, cellsAt, samples, inputAt, input.length, coderAt);
      const after = memory.i32(coderAt, coderIntegers).slice();
      if (after[beyondAt] > lookahead) throw damagedPlane();
      coder = after;
      contexts = memory.i32(cellsAt, cells.length).slice();
      rest = rest.subarray(coder[usedAt]);
      return memory.u8(samples + above.length, rows * width).slice();
    };
    // One byte stands for all samples.
    const strip =
      bytes.length === 1 ? new Uint8Array(rows * width).fill(bytes[0]) : await turns.run(decoded, pacer.signal);
    above = strip.slice(-contextRows * width);
    yield strip;
    await pacer.breathe((top + rows) / height);
  }
  if (bytes.length !== 1 && (rest.length || !bytes.length)) throw damagedPlane();
}

export const damagedPlane = () => new IsthmusError("corrupt", "A plane of the stream is damaged");
