import { IsthmusError } from "../../ground/errors.js";
import { readVarint, varintBytes } from "../../ground/varint.js";

type Kind = "bytes" | "byte" | "varint" | "section" | "rest";
type Value = number | Uint8Array;

/** What a stream says, by the names of its fields and flags. A flag that is set is true until its field is read. */
export type Parts = Record<string, unknown>;

/** One field of a stream. Writer, reader, `inspectContainer` and the table of docs/FORMAT.md all follow the lists of them. */
export interface Field {
  readonly name: string;
  readonly kind: Kind;
  /** Number of bytes of the kinds `byte` and `bytes`. */
  readonly length?: number;
  /** The flag that says whether the field is there; always there without it. */
  readonly flag?: string;
  /** Called as soon as the field is read, before anything behind it. */
  readonly check?: (value: never, before: Parts, maxPixels: number) => void;
}

/** A field as it lies in a stream: `offset` and `length` in bytes, a section's own length included. */
export interface FieldReport {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly value: Value;
}

/** The bytes of those fields that have a value. */
export const encodeFields = (list: readonly Field[], values: object): Uint8Array[] =>
  list.flatMap(({ name, kind }) => {
    const value = (values as Record<string, Value | undefined>)[name];
    return value === undefined ? [] : encodeField(kind, value);
  });

function encodeField(kind: Kind, value: Value): Uint8Array[] {
  if (kind === "byte") return [Uint8Array.of(value as number)];
  if (kind === "varint") return [varintBytes(value as number)];
  const bytes = value as Uint8Array;
  return kind === "section" ? [varintBytes(bytes.length), bytes] : [bytes];
}

/**
 * Adds the fields at the front of some bytes to the parts that tell which of them are there; what lies behind them is not looked at.
 * @param kept bytes behind the field of kind `rest`
 * @param note told where each field lies
 */
export function decodeFields(
  list: readonly Field[],
  bytes: Uint8Array,
  parts: Parts,
  kept = 0,
  maxPixels = 0,
  note?: (field: FieldReport) => void,
): void {
  let offset = 0;
  for (const field of list) {
    const { name, flag } = field;
    if (flag && !parts[flag]) continue;
    const { value, end } = decodeField(field, bytes, offset, kept);
    field.check?.(value as never, parts, maxPixels);
    parts[name] = value;
    note?.({ name, offset, length: end - offset, value });
    offset = end;
  }
}

function decodeField({ name, kind, length }: Field, bytes: Uint8Array, offset: number, kept: number) {
  if (kind === "varint") return readVarint(bytes, offset, name);
  const section = kind === "section" && readVarint(bytes, offset, `the length of ${name}`);
  const start = section ? section.end : offset;
  const wanted = section ? section.value : (length ?? Math.max(bytes.length - kept - offset, 0));
  // The magic may be compared with less than its bytes, so that a foreign file is not called a cut one.
  if (wanted > bytes.length - start && name !== "magic") {
    throw new IsthmusError("truncated", `Expected ${wanted} bytes for ${name} but received ${bytes.length - start}`);
  }
  const value = bytes.subarray(start, start + wanted);
  return { value: kind === "byte" ? value[0] : value, end: start + wanted };
}
