import { demand } from "./refused.js";
import { readTensorFile } from "./safetensors.js";

/** docs/FORMAT.md, "Previews": frames of 8 to 64 bytes. All numbers are doubles. */

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));
const hardSwish = (x: number): number => (x <= -3 ? 0 : x >= 3 ? x : (x * (x + 3)) / 6);

/** e^x. */
function exponential(x: number): number {
  const held = clamp(x, -40, 40);
  const k = Math.floor(held * Math.LOG2E + 0.5);
  const r = held - k * Math.LN2;
  return [40320, 5040, 720, 120, 24, 6, 2, 1, 1].reduce((sum, divisor) => 1 / divisor + r * sum, 1 / 362880) * 2 ** k;
}

const logistic = (x: number): number => 1 / (1 + exponential(-x));

function logarithm2(value: number): number {
  let x = value;
  let exponent = 0;
  for (; x > Math.SQRT2; x /= 2) exponent++;
  for (; x < Math.SQRT1_2; x *= 2) exponent--;
  const z = (x - 1) / (x + 1);
  let sum = 0;
  for (let n = 19; n > 0; n -= 2) sum = sum * z * z + 1 / n;
  return exponent + (2 * z * sum) / Math.LN2;
}

/** cos(pi k (x + 1/2) / length) for k = 0 .. 12. */
function cosines(x: number, length: number): number[] {
  const mirrored = 2 * x + 1 > length;
  const angle = (Math.PI * (mirrored ? 2 * (length - x) - 1 : 2 * x + 1)) / (2 * length);
  let cosine = 1;
  for (let n = 12; n > 0; n--) cosine = 1 - (cosine * angle * angle) / ((2 * n - 1) * (2 * n));
  const first = mirrored ? -cosine : cosine;
  const found = [1, first];
  for (let k = 2; k < 13; k++) found.push(2 * first * found[k - 1] - found[k - 2]);
  return found;
}

interface Frequency {
  readonly plane: number;
  readonly x: number;
  readonly y: number;
}

const radii = [12.3, 5.6, 5.6, 6.2];
const frequencies: readonly Frequency[] = radii.flatMap((radius, plane) =>
  Array.from({ length: 13 * 13 }, (_, i) => ({ plane, x: i % 13, y: Math.floor(i / 13) })).filter(
    ({ x, y }) => x ** 2 + y ** 2 < radius ** 2,
  ),
);

/** Quotients of width and height, with the ends of their intervals. */
const shapes = (() => {
  const usual = [4 / 3, 3 / 2, 16 / 9, 5 / 4, 2, 16 / 10, 21 / 9];
  const lengths = [6268, 6268, 5015, 1880, 1253, 877, 626];
  const listed: [aspect: number, length: number][] = usual.flatMap((aspect, i) => [
    [aspect, lengths[i]],
    [1 / aspect, lengths[i]],
  ]);
  listed.push([1, 12537]);
  let power = 1;
  for (let k = 1; k <= 89; k++) {
    power *= 1.04;
    if ([6, 7, 10, 12, 15, 18, 22].includes(k)) continue;
    const length = k <= 28 ? 150 : 18;
    listed.push([power, length], [1 / power, length]);
  }
  let end = 0;
  return listed.map(([aspect, length], i) => {
    const begin = end;
    end = i === listed.length - 1 ? 65536 : begin + length;
    return { aspect, begin, end };
  });
})();

class RangeReader {
  private next = 0;
  private value = 0;
  private range = 2 ** 48;

  constructor(private readonly bytes: Uint8Array) {
    for (let i = 0; i < 6; i++) this.shift();
  }

  private shift(): void {
    this.value = this.value * 256 + (this.bytes[this.next++] ?? 0);
  }

  /** Which of the events, each [begin of it, begin of the next), comes next; the first one's number is `first`. */
  read(first: number, last: number, beginOf: (event: number) => number): number {
    const unit = Math.floor(this.range / 65536);
    const target = Math.min(65535, Math.floor(this.value / unit));
    let event = first;
    while (event < last && beginOf(event + 1) <= target) event++;
    const begin = beginOf(event);
    const end = event === last ? 65536 : beginOf(event + 1);
    this.value -= unit * begin;
    this.range = end === 65536 ? this.range - unit * begin : unit * (end - begin);
    for (; this.range <= 2 ** 40; this.range *= 256) this.shift();
    return event;
  }
}

/** Where the interval of symbol s begins. */
const beginOf = (s: number, largest: number, location: number, scale: number, zero: number): number =>
  s === -largest
    ? 0
    : Math.floor(((1 - zero) * logistic((s - 0.5 - location) / scale) + (s > 0 ? zero : 0)) * (65535 - 2 * largest)) +
      s +
      largest;

type Tensors = (name: string) => Float64Array;

function readModel(file: Uint8Array): { tensor: Tensors; priorHidden: number; synthesisHidden: number } {
  const { metadata, tensors } = readTensorFile(file);
  demand(metadata.preset === "preview" && metadata.version === "1", "no model of previews");
  const scales = JSON.parse(metadata.scales);
  const tensor: Tensors = (name) => {
    const { type, bytes } = tensors.get(name)!;
    return Float64Array.from(
      type === "I8" ? new Int8Array(bytes.buffer) : new Int32Array(bytes.buffer),
      (value) => value * scales[name],
    );
  };
  return { tensor, ...JSON.parse(metadata.widths) };
}

/** (conditions, 1) times a matrix, whose last row is the bias. */
function affine(conditions: readonly number[], matrix: Float64Array, width: number): number[] {
  return Array.from({ length: width }, (_, h) =>
    conditions.reduce(
      (sum, condition, i) => sum + condition * matrix[i * width + h],
      matrix[conditions.length * width + h],
    ),
  );
}

/** The picture of a preview as RGBA, its long side `side` pixels. */
export function decodeReferencePreview(file: Uint8Array, frame: Uint8Array, side: number) {
  demand(frame.length >= 8 && frame.length <= 64, "a preview of a length that none has");
  const { tensor, priorHidden: H, synthesisHidden: S } = readModel(file);
  const [order, mean, deviation] = ["order", "mean", "deviation"].map(tensor);
  const reader = new RangeReader(frame);
  const transparent = reader.read(0, 1, (event) => event * 61440) === 1;
  const shape = reader.read(0, shapes.length - 1, (event) => shapes[event].begin);
  const { aspect } = shapes[shape];
  const lengthOf = logarithm2(frame.length / 21);
  const [stepLocation, stepSlope, stepScale] = tensor("stepPrior");
  const location = stepLocation + stepSlope * lengthOf - 8;
  const q = reader.read(0, 15, (event) => (event === 0 ? 0 : beginOf(event - 8, 40, location, stepScale, 0)));
  const shapeCondition = clamp(logarithm2(aspect), -2, 2);
  const conditions = [transparent ? 1 : 0, shapeCondition, Math.abs(shapeCondition), (q - 8) / 4, lengthOf];

  const thumb = sizeOf(aspect, 32);
  const stepAt = ({ plane, x, y }: Frequency) =>
    0.25 *
    [1, 0.7937005259840998, 0.6299605249474366][q % 3] *
    0.5 ** Math.floor(q / 3) *
    (plane < 3 && x + y === 0 ? 0.5 : 1);
  const coded = Array.from(order.keys()).filter((i) => {
    const { plane, x, y } = frequencies[order[i]];
    return x < thumb.width && y < thumb.height && (plane < 3 || transparent);
  });

  const priorUnits = affine(conditions, tensor("priorConditions"), H);
  const synthesisUnits = affine(conditions, tensor("synthesisConditions"), S);
  const [priorInput, priorOutput, priorBias] = ["priorInput", "priorOutput", "priorBias"].map(tensor);
  const synthesisInput = tensor("synthesisInput");
  const symbols = new Map<number, number>();
  for (const i of coded) {
    const frequency = frequencies[order[i]];
    const step = stepAt(frequency);
    const active = priorUnits.map(hardSwish);
    const [m, l, z] = [0, 1, 2].map((row) =>
      active.reduce((sum, value, h) => sum + value * priorOutput[(i * 3 + row) * H + h], priorBias[i * 3 + row]),
    );
    const base = Math.max(-1.5, logarithm2(deviation[i] / step) * Math.LN2 - 0.6);
    const scale = exponential(clamp(base + l, -4, 4));
    const zero = logistic(clamp(z, -12, 12));
    const largest = frequency.x + frequency.y === 0 ? 120 : 40;
    const symbol = reader.read(-largest, largest, (s) => beginOf(s, largest, m * scale, scale, zero));
    symbols.set(i, symbol);
    if (symbol === 0) continue;
    const [signed, magnitude] = [clamp(symbol, -8, 8) / 4, Math.min(8, Math.abs(symbol)) / 4];
    for (let h = 0; h < H; h++)
      priorUnits[h] += signed * priorInput[2 * i * H + h] + magnitude * priorInput[(2 * i + 1) * H + h];
    const value = clamp((symbol * step) / deviation[i], -6, 6) / 2;
    for (let h = 0; h < S; h++) synthesisUnits[h] += value * synthesisInput[i * S + h];
  }

  const [synthesisOutput, synthesisBias] = ["synthesisOutput", "synthesisBias"].map(tensor);
  const coefficients = new Float64Array(frequencies.length);
  for (const i of coded) {
    const predicted = synthesisUnits.reduce(
      (sum, unit, h) => sum + hardSwish(unit) * synthesisOutput[h * order.length + i],
      synthesisBias[i],
    );
    coefficients[order[i]] = mean[i] + symbols.get(i)! * stepAt(frequencies[order[i]]) + deviation[i] * predicted;
  }
  return { ...sizeOf(aspect, side), channels: 4, data: render(coefficients, sizeOf(aspect, side), transparent) };
}

function sizeOf(aspect: number, side: number): { width: number; height: number } {
  const factor = side / Math.max(aspect, 1);
  return { width: Math.max(1, Math.floor(aspect * factor + 0.5)), height: Math.max(1, Math.floor(factor + 0.5)) };
}

function render(
  coefficients: Float64Array,
  { width, height }: { width: number; height: number },
  transparent: boolean,
): Uint8Array {
  const data = new Uint8Array(width * height * 4);
  const byte = (value: number) => clamp(Math.floor(value * 255 + 0.5), 0, 255);
  for (let Y = 0; Y < height; Y++) {
    for (let X = 0; X < width; X++) {
      const [across, down] = [cosines(X, width), cosines(Y, height)];
      const [first, second, third, alpha] = radii.map((_, plane) => {
        // Column after column of frequencies, each from its lowest row on.
        const sums = new Float64Array(13);
        for (const [i, { plane: own, x, y }] of frequencies.entries()) {
          if (own === plane && x < width && y < height)
            sums[x] += coefficients[i] * ((x ? Math.SQRT2 : 1) * (y ? Math.SQRT2 : 1)) * down[y];
        }
        return sums.reduce((sum, value, x) => sum + value * across[x], 0);
      });
      const [a, b, c] = [1 / Math.sqrt(3), 1 / Math.sqrt(2), 1 / Math.sqrt(6)];
      const colours = [
        0.5 + a * first + b * second + c * third,
        0.5 + a * first + -2 * c * third,
        0.5 + a * first + -b * second + c * third,
      ];
      data.set([...colours.map(byte), transparent ? byte(0.5 + alpha) : 255], (Y * width + X) * 4);
    }
  }
  return data;
}
