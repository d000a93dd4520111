import { type Tensor, type TensorFile, writeTensorFile } from "../reference/decoder/safetensors.js";
import type { Dice } from "./dice.js";
import { mutateBytes } from "./mutate-bytes.js";

interface LooseTensor extends Tensor {
  /** Where the header says that the bytes lie; where they do where absent. */
  readonly offsets?: readonly [number, number];
}

interface LooseFile {
  readonly metadata: Record<string, unknown>;
  readonly tensors: Map<string, LooseTensor>;
}

type FileMutation = (file: LooseFile, dice: Dice, donor: TensorFile) => void;

const floats = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1e38,
  1e38,
  3.4e38,
  1e-38,
  1e-45,
  -0,
  65504,
  1e10,
  -1e10,
  100,
  -100,
];
const oddities: readonly unknown[] = [
  null,
  true,
  false,
  "",
  "photo",
  -1,
  0,
  1,
  2,
  3,
  4,
  255,
  4096,
  4097,
  65536,
  1e9,
  1e300,
  0.5,
  [],
  {},
  [1],
  [1, 2, 3],
];

const plainly = { enumerable: true, writable: true, configurable: true } as const;

/** Puts something else in a random place of a JSON value. */
export function mutateJson(value: unknown, dice: Dice): unknown {
  if (typeof value !== "object" || value === null || dice.chance(0.15)) {
    if (typeof value === "number" && dice.chance(0.5)) return value + dice.below(9) - 4;
    if (typeof value === "number" && dice.chance(0.3)) return dice.extreme();
    return dice.pick(oddities);
  }
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const keys = Object.keys(copy);
  if (keys.length === 0 || dice.chance(0.05)) {
    // A member of that name, not a prototype.
    const name = dice.pick(["0", "__proto__", "constructor", "hidden", "extra"]);
    return Object.defineProperty(copy, name, { value: dice.pick(oddities), ...plainly });
  }
  const key = dice.pick(keys);
  if (dice.chance(0.08)) delete copy[key];
  else Object.defineProperty(copy, key, { value: mutateJson(copy[key], dice), ...plainly });
  return copy;
}

/** The value of a text that may be no JSON any more. */
function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return {};
  }
}

const nameOf = (file: LooseFile, dice: Dice): string => dice.pick([...file.tensors.keys()]);

/** Replaces the bytes of some tensor. */
function replaceBytes(file: LooseFile, name: string, bytes: Uint8Array): void {
  file.tensors.set(name, { ...file.tensors.get(name)!, bytes });
}

const mutations: readonly FileMutation[] = [
  function configuration({ metadata }, dice) {
    metadata.configuration = JSON.stringify(mutateJson(parsed(metadata.configuration), dice));
  },
  function facts({ metadata }, dice) {
    const key = dice.pick([...Object.keys(metadata), "part", "version", "training"]);
    if (dice.chance(0.2)) delete metadata[key];
    else metadata[key] = dice.pick(["", "0", "1", "all", "receiver", "{", "[]", "null", '{"a":1,"a":2}', ...oddities]);
  },
  function weights(file, dice) {
    const name = nameOf(file, dice);
    const { bytes, type } = file.tensors.get(name)!;
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    for (let count = 1 + dice.length(12); count > 0 && copy.length >= 4; count--) {
      const offset = 4 * dice.below(copy.length >> 2);
      if (type === "F32")
        view.setFloat32(
          offset,
          dice.chance(0.1) ? dice.pick(floats) : (dice.next() - 0.5) * 10 ** (dice.below(78) - 39),
          true,
        );
      else view.setUint32(offset, dice.below(2 ** 32), true);
    }
    replaceBytes(file, name, copy);
  },
  function finiteWeights(file, dice) {
    // Numbers that the reader takes, for the sake of what comes behind it.
    const names = [...file.tensors].filter(([, { type }]) => type === "F32").map(([name]) => name);
    if (names.length === 0) return;
    const name = dice.pick(names);
    const scale = 10 ** (dice.below(77) - 38);
    const { bytes } = file.tensors.get(name)!;
    replaceBytes(
      file,
      name,
      new Uint8Array(Float32Array.from({ length: bytes.length / 4 }, () => (dice.next() - 0.5) * scale).buffer),
    );
  },
  function frequencies(file, dice) {
    // Moves weight from one slot to another, so that sums stay right within a table.
    const tensor = file.tensors.get("tables.frequencies");
    if (!tensor) return;
    const values = new Uint16Array(tensor.bytes.slice().buffer);
    for (let count = 1 + dice.below(40); count > 0; count--) {
      const i = dice.below(values.length - 1);
      const moved = dice.chance(0.9) ? Math.min(values[i] - 1, dice.below(5000)) : dice.below(65536);
      values[i] -= moved;
      values[i + 1] += moved;
    }
    replaceBytes(file, "tables.frequencies", new Uint8Array(values.buffer));
  },
  function tables(file, dice) {
    const name = dice.pick(["tables.minimum", "tables.size"]);
    const tensor = file.tensors.get(name);
    if (!tensor) return;
    const values = new Int32Array(tensor.bytes.slice().buffer);
    const i = dice.below(values.length);
    values[i] = dice.pick([
      values[i] + 1,
      values[i] - 1,
      32767,
      -32767,
      -32768,
      4096,
      4097,
      0,
      -1,
      dice.below(2 ** 32) | 0,
    ]);
    replaceBytes(file, name, new Uint8Array(values.buffer));
  },
  function planes(file, dice) {
    const name = dice.pick(["plane.contexts", "plane.probabilities", "plane.seen"]);
    const tensor = file.tensors.get(name);
    if (tensor) replaceBytes(file, name, sameLength(mutateBytes(tensor.bytes, dice), tensor.bytes.length));
  },
  function shape(file, dice) {
    const name = nameOf(file, dice);
    const tensor = file.tensors.get(name)!;
    const shapes = [
      [...tensor.shape].reverse(),
      [...tensor.shape, 1],
      [],
      [dice.extreme()],
      [0],
      tensor.shape.map((size) => size + 1),
      [-1],
      [1.5],
    ];
    file.tensors.set(name, { ...tensor, shape: dice.pick(shapes) });
  },
  function type(file, dice) {
    const name = nameOf(file, dice);
    file.tensors.set(name, {
      ...file.tensors.get(name)!,
      type: dice.pick(["F32", "F16", "I8", "U8", "I32", "U16", "BF16", "F64", ""]),
    });
  },
  function offsets(file, dice) {
    const name = nameOf(file, dice);
    file.tensors.set(name, { ...file.tensors.get(name)!, offsets: [dice.extreme(), dice.extreme()] });
  },
  function drop(file, dice) {
    file.tensors.delete(nameOf(file, dice));
  },
  function rename(file, dice) {
    const name = nameOf(file, dice);
    const tensor = file.tensors.get(name)!;
    file.tensors.delete(name);
    file.tensors.set(
      dice.pick([`${name}.scale`, "__proto__", "constructor", "", "x", "analysis.extra", "plane.contexts"]),
      tensor,
    );
  },
  function graft(file, dice, donor) {
    const [name, tensor] = dice.pick([...donor.tensors]);
    file.tensors.set(name, tensor);
  },
];

const sameLength = (bytes: Uint8Array, length: number): Uint8Array => {
  const fitted = new Uint8Array(length);
  fitted.set(bytes.subarray(0, length));
  return fitted;
};

/** The file with a header that may say anything. */
function writeLoose({ metadata, tensors }: LooseFile, dice: Dice): Uint8Array {
  const honest = writeTensorFile({ metadata: metadata as Record<string, string>, tensors });
  const lies = [...tensors.values()].some(({ offsets }) => offsets);
  if (!lies && dice.chance(0.95)) return honest;
  const length = Number(Buffer.from(honest).readBigUInt64LE(0));
  let header = Buffer.from(honest.subarray(8, 8 + length)).toString();
  for (const [name, { offsets }] of tensors) {
    if (!offsets) continue;
    const start = header.indexOf(`${JSON.stringify(name)}:{"dtype"`);
    header =
      header.slice(0, start) + header.slice(start).replace(/"data_offsets":\[[^\]]*\]/, `"data_offsets":[${offsets}]`);
  }
  if (dice.chance(0.3))
    header = header.replace(
      "{",
      dice.pick(["{ ", '{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},', "[", "{{", '{"a":1,"a":1,']),
    );
  if (dice.chance(0.1)) header = `${"[".repeat(dice.length(9000))}${header}`;
  const text = Buffer.from(header);
  const claim = Buffer.alloc(8);
  claim.writeBigUInt64LE(dice.chance(0.8) ? BigInt(text.length) : BigInt(dice.extreme()) << BigInt(dice.below(31)));
  return new Uint8Array(Buffer.concat([claim, text, honest.subarray(8 + length)]));
}

/** A model file that is wrong somewhere, or unusual. */
export function mutateModel(good: TensorFile, dice: Dice, donor: TensorFile): Uint8Array {
  const file: LooseFile = { metadata: { ...good.metadata }, tensors: new Map(good.tensors) };
  for (let count = 1 + dice.length(4); count > 0; count--) dice.pick(mutations)(file, dice, donor);
  const written = writeLoose(file, dice);
  return dice.chance(0.1) ? mutateBytes(written, dice, written) : written;
}

/** The file with other facts, and, where there is one, with some JSON as one more entry of its header. */
export function writeHeader({ tensors }: TensorFile, metadata: Record<string, string>, entry = ""): Uint8Array {
  const honest = writeTensorFile({ metadata, tensors });
  if (!entry) return honest;
  const length = Number(Buffer.from(honest).readBigUInt64LE(0));
  const text = Buffer.from(`{"entry":${entry},${Buffer.from(honest.subarray(9, 8 + length))}`);
  const claim = Buffer.alloc(8);
  claim.writeBigUInt64LE(BigInt(text.length));
  return new Uint8Array(Buffer.concat([claim, text, honest.subarray(8 + length)]));
}
