import { expect } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { placeTables, type TableBank } from "../../src/models/tables.js";

/** Plain arrays in and out of the coders' kernels, with guards around what they may touch. */

const { call, memory } = await loadKernels();
const guard = 64;
const guardByte = 0xa5;

/** The stream, or undefined where the kernel refused. */
export function ransEncode(
  bank: TableBank,
  symbols: number[],
  tableIndex: number[],
  seal = -1,
  room = symbols.length * 8 + 8,
) {
  return memory.scope(() => {
    const tables = placeTables(memory, bank);
    const symbolsAt = memory.place(Int32Array.from(symbols));
    const indexAt = memory.place(Uint8Array.from(tableIndex));
    const begin = memory.allocate(guard + room) + guard;
    memory.u8(begin - guard, guard).fill(guardByte);
    const result = memory.allocate(4);
    call.ransEncode(symbols.length, symbolsAt, indexAt, tables, seal, begin, begin + room, result);
    expect(memory.u8(begin - guard, guard).every((byte) => byte === guardByte)).toBe(true);
    const start = memory.i32(result, 1)[0];
    return start === 0 ? undefined : Array.from(memory.u8(start, begin + room - start));
  });
}

/** Symbols and the answer of `ransClose`, decoded in pieces of the given length. */
export function ransDecode(bank: TableBank, bytes: number[], tableIndex: number[], piece = tableIndex.length) {
  return memory.scope(() => {
    const tables = placeTables(memory, bank);
    const begin = memory.place(Uint8Array.from(bytes));
    const indexAt = memory.place(Uint8Array.from(tableIndex));
    const symbolsAt = memory.allocate(tableIndex.length * 4);
    const decoder = memory.allocate(16);
    const result = memory.allocate(4);
    call.ransOpen(decoder, begin, begin + bytes.length);
    for (let i = 0; i < tableIndex.length; i += piece) {
      const count = Math.min(piece, tableIndex.length - i);
      call.ransDecode(decoder, count, indexAt + i, tables, symbolsAt + i * 4);
    }
    call.ransClose(decoder, result);
    return { symbols: Array.from(memory.i32(symbolsAt, tableIndex.length)), seal: memory.i32(result, 1)[0] };
  });
}

export const contextCount = call.planeContextCount();
export const freshContext = 2 ** 31;

/** Rows of the strips that planes are coded in here, one after the other: where they are cut changes nothing. */
function* strips(height: number, rows: number) {
  for (let top = 0; top < height; top += rows) {
    const from = Math.max(0, top - 3);
    yield { from, above: top - from, end: Math.min(height, top + rows) };
  }
}

/** The stream, or undefined where the room was too small. `contexts` are changed. */
export function planeEncode(
  height: number,
  width: number,
  plane: Uint8Array,
  room = plane.length * 3 + 16,
  contexts: Uint32Array = new Uint32Array(contextCount).fill(freshContext),
  rows = 5,
) {
  if (plane.every((sample) => sample === plane[0]))
    return room > 0 || !plane.length ? [...plane.slice(0, 1)] : undefined;
  return memory.scope(() => {
    const contextsAt = memory.place(contexts);
    const planeAt = memory.place(plane);
    const output = memory.allocate(room + guard);
    memory.u8(output, room + guard).fill(guardByte);
    const coder = memory.place(new Int32Array(4));
    for (const { from, above, end } of strips(height, rows)) {
      call.planeEncode(above, end - from, width, contextsAt, planeAt + from * width, output, room, coder);
    }
    call.planeFinish(output, room, coder);
    expect(memory.u8(output + room, guard).every((byte) => byte === guardByte)).toBe(true);
    contexts.set(memory.i32(contextsAt, contexts.length));
    const [, , length, beyond] = memory.i32(coder, 4);
    return beyond > 0 ? undefined : Array.from(memory.u8(output, length));
  });
}

/**
 * The plane, undefined where the bytes ran out; `read` is the number of bytes used. Bytes behind the input are poisoned, `contexts` are changed.
 */
export function planeDecode(
  height: number,
  width: number,
  bytes: ArrayLike<number>,
  poison = guardByte,
  contexts: Uint32Array = new Uint32Array(contextCount).fill(freshContext),
  rows = 3,
) {
  const count = height * width;
  if (count === 0) return { read: 0, plane: new Uint8Array(0) };
  if (bytes.length === 0) return { read: -1, plane: undefined };
  if (bytes.length === 1) return { read: 1, plane: new Uint8Array(count).fill(bytes[0]) };
  return memory.scope(() => {
    const contextsAt = memory.place(contexts);
    const input = memory.place(Uint8Array.from([...Array.from(bytes), ...Array(guard).fill(poison)]));
    const planeAt = memory.allocate(count + guard);
    memory.u8(planeAt, count + guard).fill(guardByte);
    const coder = memory.place(new Int32Array(4));
    let read = 0;
    for (const { from, above, end } of strips(height, rows)) {
      const rest = bytes.length - read;
      call.planeDecode(above, end - from, width, contextsAt, planeAt + from * width, input + read, rest, coder);
      read += memory.i32(coder, 4)[2];
    }
    expect(memory.u8(planeAt + count, guard).every((byte) => byte === guardByte)).toBe(true);
    contexts.set(memory.i32(contextsAt, contexts.length));
    if (memory.i32(coder, 4)[3] > 4) return { read: -1, plane: undefined };
    return { read, plane: memory.u8(planeAt, count).slice() };
  });
}

/** What the contexts would learn from a plane, or undefined where `room` was too small. */
export function planeTrace(height: number, width: number, plane: Uint8Array, room = plane.length * 64) {
  return memory.scope(() => {
    const planeAt = memory.place(plane);
    const output = memory.allocate(room + guard);
    memory.u8(output, room + guard).fill(guardByte);
    const result = memory.allocate(4);
    call.planeTrace(0, height, width, planeAt, output, room, result);
    expect(memory.u8(output + room, guard).every((byte) => byte === guardByte)).toBe(true);
    const length = memory.i32(result, 1)[0];
    if (length < 0) return undefined;
    return Array.from(memory.i32(output, length), (entry) => ({ context: entry >> 1, bit: entry & 1 }));
  });
}
