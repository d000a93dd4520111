import type { Kernels, Pointer } from "../kernels/kernels.js";

const bufferLength = 256;

/** Seeded random numbers from the kernels' generator: the same draws on every engine. */
export class Random {
  private readonly state: Pointer;
  private buffer = new Float32Array(0);
  private next = 0;

  constructor(
    private readonly kernels: Kernels,
    seed: number,
  ) {
    this.state = kernels.memory.allocate(64);
    this.reseed(seed);
  }

  /** Starts a new sequence; `stream` picks one of 2^32 independent ones under the same seed. */
  reseed(seed: number, stream = 0): void {
    this.kernels.call.seedRandom((Math.imul(stream, 0x9e3779b1) ^ seed) | 0, this.state);
    this.next = this.buffer.length;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    if (this.next >= this.buffer.length) {
      this.buffer = this.uniforms(bufferLength);
      this.next = 0;
    }
    return this.buffer[this.next++];
  }

  /** Uniform integer in [0, bound). */
  integer(bound: number): number {
    return Math.min(bound - 1, Math.floor(this.uniform() * bound));
  }

  /** `count` uniforms in [0, 1). */
  uniforms(count: number): Float32Array<ArrayBuffer> {
    const { memory } = this.kernels;
    return memory.scope(() => {
      const pointer = memory.allocateFloats(count);
      this.fillUniform(count, pointer);
      return memory.f32(pointer, count).slice();
    });
  }

  /** `count` draws from the standard normal distribution. */
  normals(count: number): Float32Array<ArrayBuffer> {
    const { call, memory } = this.kernels;
    return memory.scope(() => {
      const pointer = memory.allocateFloats(count);
      call.randomNormal(count, this.state, pointer);
      return memory.f32(pointer, count).slice();
    });
  }

  /** Writes `count` uniforms in [0, 1) to kernel memory. */
  fillUniform(count: number, output: Pointer): void {
    this.kernels.call.randomUniform(count, this.state, output);
  }

  /** Writes `count` standard normal numbers to kernel memory. */
  fillNormal(count: number, output: Pointer): void {
    this.kernels.call.randomNormal(count, this.state, output);
  }
}
