import { readCodedTensors } from "./coded-tensors.js";
import { demand } from "./refused.js";

export interface Tensor {
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A safetensors file (docs/FORMAT.md, "safetensors"). */
export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export const widths: Readonly<Record<string, number>> = { F32: 4, I32: 4, F16: 2, I16: 2, U16: 2, I8: 1, U8: 1 };

export function readTensorFile(file: Uint8Array, parent?: TensorFile): TensorFile {
  if (file[0] === 0xca) return readCodedTensors(file, parent);
  demand(file.length >= 8, "no header");
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  demand(length >= 2 && length <= 2 ** 18 && 8 + length <= file.length, "a header of that length cannot be");
  const { __metadata__: metadata = {}, ...entries } = parseHeader(file.subarray(8, 8 + length));
  demand(
    isObject(metadata) && Object.values(metadata).every((value) => typeof value === "string"),
    "metadata of other than texts",
  );
  const data = file.subarray(8 + length);
  const tensors = new Map(Object.entries(entries).map(([name, entry]) => [name, tensorOf(entry)]));
  let end = 0;
  for (const { begin, finish } of [...tensors.values()].sort((a, b) => a.begin - b.begin || a.finish - b.finish)) {
    demand(begin === end, "tensors with a gap or an overlap");
    end = finish;
  }
  demand(end === data.length, "tensors that do not fill the file");
  return {
    metadata: metadata as Record<string, string>,
    tensors: new Map(
      Array.from(tensors, ([name, { type, shape, begin, finish }]) => [
        name,
        { type, shape, bytes: data.slice(begin, finish) },
      ]),
    ),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  demand(bytes[0] === 0x7b, "a header that does not begin with {");
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    demand(false, "a header that is no JSON in UTF-8");
  }
  demand(isObject(header), "a header that is no object");
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon).length;
  demand(written === countKeys(header), "a key that occurs twice");
  return header;
}

const countKeys = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? Object.values(value).reduce(
        (sum: number, member) => sum + countKeys(member),
        Array.isArray(value) ? 0 : Object.keys(value).length,
      )
    : 0;

function tensorOf(entry: unknown): { type: string; shape: number[]; begin: number; finish: number } {
  demand(isObject(entry) && Object.keys(entry).length === 3, "a tensor of other than three members");
  const { dtype: type, shape, data_offsets: offsets } = entry;
  demand(typeof type === "string" && Object.hasOwn(widths, type), "a tensor of an unknown type");
  demand(Array.isArray(shape) && shape.every(isSize), "a tensor of no shape");
  demand(Array.isArray(offsets) && offsets.length === 2 && offsets.every(isSize), "a tensor without offsets");
  const [begin, finish] = offsets;
  demand(
    finish - begin === shape.reduce((product, size) => product * size, widths[type]),
    "a tensor of a wrong length",
  );
  return { type, shape, begin, finish };
}

/** The file that a writer makes of these (docs/FORMAT.md, "safetensors"). */
export function writeTensorFile({ metadata, tensors }: TensorFile): Uint8Array {
  const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = [...tensors].sort((a, b) => widths[b[1].type] - widths[a[1].type] || byName(a, b));
  const header: Record<string, unknown> = { __metadata__: Object.fromEntries(Object.entries(metadata).sort(byName)) };
  let end = 0;
  for (const [name, { type, shape, bytes }] of sorted) {
    header[name] = { dtype: type, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, " ");
  text.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return new Uint8Array(Buffer.concat([length, padded, ...sorted.map(([, { bytes }]) => bytes)]));
}
