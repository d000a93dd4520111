import { cosineOfTurns } from "./vectormath.js";

/** The plain twin of assembly/random.ts: four generators, one a lane, drawn in turn. */
export class Random {
  /** Word w of lane l is `words[4 * w + l]`. */
  private readonly words: Uint32Array;

  constructor(seed: number) {
    let counter = seed >>> 0;
    this.words = Uint32Array.from({ length: 16 }, () => {
      counter = (counter + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    });
  }

  uniform(count: number): number[] {
    return this.inFours(count, () => this.draw());
  }

  normal(count: number): number[] {
    return this.inFours(count, () => {
      const [a, b, c, d] = this.draw();
      const first = Math.sqrt(-2 * Math.log(1 - a));
      const second = Math.sqrt(-2 * Math.log(1 - b));
      const quarter = 0.25;
      return [
        first * cosineOfTurns(c),
        second * cosineOfTurns(d),
        first * cosineOfTurns(c - quarter),
        second * cosineOfTurns(d - quarter),
      ];
    });
  }

  private inFours(count: number, four: () => number[]): number[] {
    const drawn: number[] = [];
    while (drawn.length < count) drawn.push(...four());
    return drawn.slice(0, count);
  }

  private draw(): number[] {
    return [0, 1, 2, 3].map((lane) => (this.next(lane) >>> 8) / 2 ** 24);
  }

  private next(lane: number): number {
    const s = [0, 1, 2, 3].map((word) => this.words[4 * word + lane]);
    const result = rotate(s[0] + s[3], 7) + s[0];
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 11);
    s.forEach((value, word) => {
      this.words[4 * word + lane] = value;
    });
    return result >>> 0;
  }
}

const rotate = (word: number, bits: number): number => (word << bits) | ((word >>> 0) >>> (32 - bits));
