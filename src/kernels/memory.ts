import { IsthmusError } from "../ground/errors.js";
import { limits } from "../ground/limits.js";
import type { Pointer } from "./interface.js";

const alignment = 16;
/** Bytes behind the last allocation that kernels may load, and store again as they were: see assembly/tail.ts. */
const slackBytes = 128;
const pageBytes = 65536;

/**
 * The arena over a module's linear memory: a stack of allocations. `mark()` remembers the top, `release(mark)` drops
 * everything above it; nothing is freed one by one. Growing detaches views, so `f32()` and its kin make a fresh view
 * at every call and must not be kept across an allocation; whatever leaves src/kernels is a copy.
 */
export class Memory {
  private top: number;

  constructor(
    private readonly memory: WebAssembly.Memory,
    base: number,
    /** Most bytes that may be in use, the kernels' own data included. */
    private readonly limit: number = limits.maxMemory,
  ) {
    this.top = align(base);
  }

  /** Reserves `bytes` bytes, 16-aligned, NOT cleared. */
  allocate(bytes: number): Pointer {
    const pointer = this.top;
    const end = align(pointer + bytes);
    const needed = end + slackBytes;
    if (needed > this.limit) {
      throw new IsthmusError(
        "memory-exceeded",
        `Expected at most ${this.limit} bytes of WebAssembly memory but ${needed} would be needed`,
      );
    }
    const missing = needed - this.memory.buffer.byteLength;
    if (missing > 0) this.grow(Math.ceil(missing / pageBytes));
    this.top = end;
    return pointer;
  }

  /** Reserves `count` floats, not cleared. */
  allocateFloats(count: number): Pointer {
    return this.allocate(count * 4);
  }

  /** Reserves room for `values` and copies them in. */
  place(values: Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array): Pointer {
    const pointer = this.allocate(values.byteLength);
    this.u8(pointer, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return pointer;
  }

  mark(): number {
    return this.top;
  }

  release(mark: number): void {
    this.top = mark;
  }

  /** Runs `work` and drops whatever it allocated. */
  scope<Result>(work: () => Result): Result {
    const mark = this.mark();
    try {
      return work();
    } finally {
      this.release(mark);
    }
  }

  /** Copies `bytes` bytes within the memory. */
  copy(from: Pointer, to: Pointer, bytes: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + bytes);
  }

  f32(pointer: Pointer, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, count);
  }
  i32(pointer: Pointer, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, count);
  }
  i16(pointer: Pointer, count: number): Int16Array {
    return new Int16Array(this.memory.buffer, pointer, count);
  }
  u8(pointer: Pointer, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, count);
  }

  private grow(pages: number): void {
    // Grow by an eighth at least, so that many small steps do not copy the memory again and again.
    const current = this.memory.buffer.byteLength / pageBytes;
    const most = Math.min(65536, Math.ceil(this.limit / pageBytes));
    const comfortable = Math.min(Math.max(pages, current >> 3), most - current);
    try {
      this.memory.grow(Math.max(pages, comfortable));
    } catch (cause) {
      throw new IsthmusError("unsupported-engine", `Could not grow WebAssembly memory by ${pages * 64} KiB`, { cause });
    }
  }
}

/** A view of 64-bit floats; apart from the others, since decoders need none. */
export const doublesAt = (memory: Memory, pointer: Pointer, count: number): Float64Array =>
  new Float64Array(memory.u8(pointer, 0).buffer, pointer, count);

function align(offset: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
