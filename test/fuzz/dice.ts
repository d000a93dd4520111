/** Random numbers for fuzzing: input i of a seed is always the same, whatever came before it. */
export class Dice {
  private state: number;

  constructor(seed: number, index: number) {
    this.state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
    this.advance();
    this.advance();
  }

  /** 0 <= x < 1 */
  next(): number {
    return this.advance();
  }

  /** Mulberry32. */
  private advance(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** 0 .. count - 1 */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)];
  }

  /** Small numbers often, large ones now and then. */
  length(most: number): number {
    return Math.floor(most * this.next() ** 4);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** One of the numbers at which readers go wrong. */
  extreme(): number {
    const power = 2 ** this.below(34);
    return this.pick([0, 1, power, power - 1, power + 1, this.below(300), this.below(2 ** 32)]);
  }
}

/** Dice that remember what they gave, and first give again what they are told to: an input is its choices, and other choices are a neighbour of it. */
export class RecordedDice extends Dice {
  readonly choices: number[] = [];

  constructor(
    seed: number,
    index: number,
    private readonly given: readonly number[] = [],
  ) {
    super(seed, index);
  }

  override next(): number {
    const choice = this.given[this.choices.length] ?? super.next();
    this.choices.push(choice);
    return choice;
  }
}
