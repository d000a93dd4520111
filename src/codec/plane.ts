import { IsthmusError } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import type { Size } from "../models/tiling.js";

/** Lossless bytes of a plane of `size.width * size.height` samples (the alpha channel). */
export function encodePlane({ call, memory }: Kernels, plane: Uint8Array, size: Size): Uint8Array {
  return memory.scope(() => {
    const samples = memory.place(plane);
    // Noise cannot be coded in less than its size; the adaptive coder adds little on top.
    const room = plane.length * 2 + 64;
    const output = memory.allocate(room);
    const result = memory.allocate(4);
    call.planeEncode(size.height, size.width, samples, output, room, result);
    const length = memory.i32(result, 1)[0];
    if (length < 0) throw new Error("The plane coder ran out of room");
    return memory.u8(output, length).slice();
  });
}

/** Throws `corrupt` where the bytes are not exactly one plane. */
export function decodePlane({ call, memory }: Kernels, bytes: Uint8Array, size: Size): Uint8Array {
  return memory.scope(() => {
    const input = memory.place(bytes);
    const count = size.width * size.height;
    const samples = memory.allocate(count);
    const result = memory.allocate(4);
    call.planeDecode(size.height, size.width, input, bytes.length, samples, result);
    if (memory.i32(result, 1)[0] !== bytes.length) {
      throw new IsthmusError("corrupt", "The alpha plane of the stream is damaged");
    }
    return memory.u8(samples, count).slice();
  });
}
