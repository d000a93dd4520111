import { expected } from "./errors.js";
import { isA } from "./is-a.js";

/** Bytes in memory: a buffer, or a view of one with elements of any kind. */
export type Bytes = ArrayBufferLike | ArrayBufferView;

/** What bytes may come in: memory, a file, the answer to a request, or the promise of one of these. */
export type ByteSource = Bytes | Blob | Response | Promise<Bytes | Blob | Response>;

/** The bytes in memory, of whatever realm; undefined for anything else. */
export function viewOf(source: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return isA(source, "ArrayBuffer", "SharedArrayBuffer") ? new Uint8Array(source as ArrayBuffer) : undefined;
}

/** As `viewOf`. Throws `invalid-parameter` for anything else. */
export function bytesIn(source: Bytes, name: string): Uint8Array {
  const view = viewOf(source);
  if (view) return view;
  const hint = typeof source === "string" ? ": read or fetch it first" : "";
  throw expected("a Uint8Array, ArrayBuffer, Blob or Response", name, source, hint);
}

/**
 * The bytes of a source; of memory a copy as it is now.
 * @throws IsthmusError `invalid-parameter` for anything else, and for the answer of a request that failed
 */
export async function readBytes(source: ByteSource, name: string): Promise<Uint8Array> {
  const view = viewOf(source);
  if (view) return view.slice();
  const given = (await source) as Response;
  if (given?.ok === false) throw expected("a file", name, `status ${given.status}`);
  return bytesIn((await given?.arrayBuffer?.()) ?? given, name);
}

/**
 * What `read` makes of the bytes of a source: at once where they are in memory, else a promise of it.
 * @throws IsthmusError as `readBytes`
 */
export function withBytes<Result>(
  source: ByteSource,
  name: string,
  read: (bytes: Uint8Array) => Result,
): Result | Promise<Result> {
  const view = viewOf(source);
  if (view) return read(view);
  if (!isA(source, "Blob", "File", "Response", "Promise")) return read(bytesIn(source as Bytes, name));
  return readBytes(source, name).then(read);
}

/** What is not in memory: it takes a promise to read it. */
export type DistantBytes = Exclude<ByteSource, Bytes>;
