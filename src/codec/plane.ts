import { IsthmusError } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import type { Size } from "../models/tiling.js";

/**
 * Lossless bytes of a plane of `size.width * size.height` samples (alpha, or grey of few levels), or undefined where they would be more than
 * `mostBytes`. `cells`: the contexts that the coder starts from.
 */
export function encodePlane(kernels: Kernels, plane: Uint8Array, size: Size, cells: Uint32Array): Uint8Array;
export function encodePlane(
  kernels: Kernels,
  plane: Uint8Array,
  size: Size,
  cells: Uint32Array,
  mostBytes: number,
): Uint8Array | undefined;
export function encodePlane(
  { call, memory }: Kernels,
  plane: Uint8Array,
  size: Size,
  cells: Uint32Array,
  mostBytes = Number.POSITIVE_INFINITY,
): Uint8Array | undefined {
  return memory.scope(() => {
    const contexts = memory.place(cells);
    const samples = memory.place(plane);
    // Noise cannot be coded in less than its size; the adaptive coder adds little on top.
    const room = Math.min(plane.length * 2 + 64, mostBytes);
    const output = memory.allocate(room);
    const result = memory.allocate(4);
    call.planeEncode(size.height, size.width, contexts, samples, output, room, result);
    const length = memory.i32(result, 1)[0];
    if (length >= 0) return memory.u8(output, length).slice();
    if (room === mostBytes) return undefined;
    throw new Error("The plane coder ran out of room");
  });
}

/** Throws `corrupt` where the bytes are not exactly one plane. */
export function decodePlane({ call, memory }: Kernels, bytes: Uint8Array, size: Size, cells: Uint32Array): Uint8Array {
  return memory.scope(() => {
    const contexts = memory.place(cells);
    const input = memory.place(bytes);
    const count = size.width * size.height;
    const samples = memory.allocate(count);
    const result = memory.allocate(4);
    call.planeDecode(size.height, size.width, contexts, input, bytes.length, samples, result);
    if (memory.i32(result, 1)[0] !== bytes.length) {
      throw new IsthmusError("corrupt", "A plane of the stream is damaged");
    }
    return memory.u8(samples, count).slice();
  });
}
