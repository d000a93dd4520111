// Entropy coding with a range variant of asymmetric numeral systems (Duda 2013, rANS): one 32-bit state, bytes in and out,
// 16-bit probabilities. Normative description: docs/FORMAT.md, "Entropy coding".
//
// Coding a symbol that owns [start, start + frequency) of [0, 65536) maps a state x >= 1 to
//     x' = floor(x / frequency) * 65536 + start + x mod frequency,
// one to one, and x' >= x. To stay in 32 bits the encoder first drops low bytes while x >= frequency << 15.
//
// Why no byte is wasted. The encoder starts at x = 1 (or 65536 + seal), far below LOWER = 2^23, and the decoder reads
// "while x < LOWER and bytes remain". The two stay in step:
//   1. When the encoder drops bytes, it stops at x >= frequency << 7, and codes to x' >= LOWER. From LOWER on it never falls
//      below again, as LOWER >= frequency << 7. So below LOWER nothing has been written yet.
//   2. From LOWER on, x < 2^31, so x >> 8 < LOWER: after taking a symbol off, the decoder reads exactly the dropped bytes.
//   3. The first drop may start below LOWER; it is one byte then, as x >> 8 < 2^15. It is the last byte of the stream, so the
//      decoder, still below LOWER, reads it and finds no other, then or later.
//   4. The last state goes out without leading zero bytes. Below LOWER it is the whole stream, and the decoder takes all of it;
//      from LOWER on it is three bytes (x < 2^24) or four, and the decoder stops exactly behind them.
// Every step is invertible, so a decoder that ends at x = 1 or 65536 + seal with all bytes read, from a stream whose first
// byte is not zero, has seen the one and only stream of these symbols.

// @ts-ignore: decorator
@inline const LOWER: u32 = 1 << 23;
// @ts-ignore: decorator
@inline const SYMBOL_LIMIT: i32 = 32767;
/** Longest prefix of an escape: distances reach 65534 on either side, so their codes stay below 2^17. */
// @ts-ignore: decorator
@inline const ESCAPE_PREFIX_LIMIT: u32 = 16;

// The bank (src/models/tables.ts) starts with four 32-bit words for each table: where its record is, and its most probable symbol. A guess that is
// right most of the time leaves the next state waiting for a product alone, and not for one look into memory after another.
// @ts-ignore: decorator
@inline const RECORD: usize = 0;
// @ts-ignore: decorator
@inline const LIKELY_START: usize = 4;
// @ts-ignore: decorator
@inline const LIKELY_FREQUENCY: usize = 8;
// @ts-ignore: decorator
@inline const LIKELY_SYMBOL: usize = 12;

// A table's record.
// @ts-ignore: decorator
@inline const MINIMUM: usize = 0;
// @ts-ignore: decorator
@inline const SIZE: usize = 4;
// @ts-ignore: decorator
@inline const COARSE: usize = 8;
// @ts-ignore: decorator
@inline const CUMULATIVE: usize = 520;

// The decoder's 16 bytes.
// @ts-ignore: decorator
@inline const STATE: usize = 0;
// @ts-ignore: decorator
@inline const NEXT: usize = 4;
// @ts-ignore: decorator
@inline const END: usize = 8;
// @ts-ignore: decorator
@inline const FAILED: usize = 12;

// The encoder at work: its state, the first byte written so far, the first byte it may write, and whether it ran out of room.
let state: u32 = 0;
let head: usize = 0;
let room: usize = 0;
let overflow: bool = false;

function putByte(value: u32): void {
  if (head > room) store<u8>(--head, value);
  else overflow = true;
}

function putSymbol(start: u32, frequency: u32): void {
  const limit = frequency << 15;
  while (state >= limit) {
    putByte(state);
    state >>= 8;
  }
  const quotient = state / frequency;
  state = (quotient << 16) + start + (state - quotient * frequency);
}

/** The distance beyond the table, odd above and even below, as an Elias gamma code; last bit first, as the decoder sees the reverse. */
function putEscape(code: u32): void {
  const bits: u32 = 31 - <u32>clz(code);
  for (let bit: u32 = 0; bit < bits; bit++) putSymbol(((code >> bit) & 1) << 15, 1 << 15);
  putSymbol(1 << 15, 1 << 15);
  for (let bit: u32 = 0; bit < bits; bit++) putSymbol(0, 1 << 15);
}

export function ransEncode(
  count: i32, symbols: usize, tableIndex: usize, tables: usize, seal: i32, begin: usize, end: usize, result: usize,
): void {
  state = seal < 0 ? 1 : 65536 | <u32>seal;
  head = end;
  room = begin;
  overflow = false;
  for (let i = count - 1; i >= 0 && !overflow; i--) {
    const table = tables + load<u32>(tables + (<usize>load<u8>(tableIndex + i) << 4), RECORD);
    const size = load<i32>(table + SIZE);
    const symbol = load<i32>(symbols + (<usize>i << 2));
    if (symbol > SYMBOL_LIMIT || symbol < -SYMBOL_LIMIT) {
      overflow = true;
      break;
    }
    let slot = symbol - load<i32>(table + MINIMUM);
    if (slot < 0) {
      putEscape(<u32>-slot << 1);
      slot = size;
    } else if (slot >= size) {
      putEscape((<u32>(slot - size) << 1) + 1);
      slot = size;
    }
    const cumulative = table + CUMULATIVE + (<usize>slot << 2);
    const start = load<u32>(cumulative);
    putSymbol(start, load<u32>(cumulative, 4) - start);
  }
  for (; state != 0; state >>= 8) putByte(state);
  store<u32>(result, overflow ? 0 : <u32>head);
}

export function ransOpen(decoder: usize, begin: usize, end: usize): void {
  let x: u32 = 0;
  let next = begin;
  while (x < LOWER && next < end) x = (x << 8) | load<u8>(next++);
  store<u32>(decoder, x, STATE);
  store<u32>(decoder, <u32>next, NEXT);
  store<u32>(decoder, <u32>end, END);
  store<u32>(decoder, begin < end && load<u8>(begin) == 0 ? 1 : 0, FAILED);
}

export function ransDecode(decoder: usize, count: i32, tableIndex: usize, tables: usize, symbols: usize): void {
  let x = load<u32>(decoder, STATE);
  let next: usize = load<u32>(decoder, NEXT);
  const end: usize = load<u32>(decoder, END);
  for (let i = 0; i < count; i++) {
    const entry = tables + (<usize>load<u8>(tableIndex + i) << 4);
    const position = x & 0xffff;
    const within = position - load<u32>(entry, LIKELY_START);
    const likely = load<u32>(entry, LIKELY_FREQUENCY);
    if (within < likely) {
      x = likely * (x >> 16) + within;
      while (x < LOWER && next < end) x = (x << 8) | load<u8>(next++);
      store<i32>(symbols + (<usize>i << 2), load<i32>(entry, LIKELY_SYMBOL));
      continue;
    }
    const table = tables + load<u32>(entry, RECORD);
    let slot: usize = load<u16>(table + ((position >> 8) << 1), COARSE);
    let cumulative = table + (slot << 2);
    while (load<u32>(cumulative, CUMULATIVE + 4) <= position) cumulative += 4;
    slot = (cumulative - table) >> 2;
    const start = load<u32>(cumulative, CUMULATIVE);
    x = (load<u32>(cumulative, CUMULATIVE + 4) - start) * (x >> 16) + position - start;
    while (x < LOWER && next < end) x = (x << 8) | load<u8>(next++);

    let symbol = load<i32>(table, MINIMUM) + <i32>slot;
    const size = load<i32>(table, SIZE);
    if (<i32>slot == size) {
      store<u32>(decoder, x, STATE);
      store<u32>(decoder, <u32>next, NEXT);
      symbol = takeEscape(decoder, load<i32>(table, MINIMUM), size);
      x = load<u32>(decoder, STATE);
      next = load<u32>(decoder, NEXT);
    }
    store<i32>(symbols + (<usize>i << 2), symbol);
  }
  store<u32>(decoder, x, STATE);
  store<u32>(decoder, <u32>next, NEXT);
}

/** The symbol beyond the table, or 0 with the error flag raised where no encoder would have gone. */
function takeEscape(decoder: usize, minimum: i32, size: i32): i32 {
  let bits: u32 = 0;
  while (takeBit(decoder) == 0) {
    if (++bits > ESCAPE_PREFIX_LIMIT) {
      store<u32>(decoder, 1, FAILED);
      return 0;
    }
  }
  let code: u32 = 1;
  for (; bits > 0; bits--) code = (code << 1) | takeBit(decoder);
  const distance = <i32>(code >> 1);
  const symbol = (code & 1) != 0 ? minimum + size + distance : minimum - distance;
  if (symbol > SYMBOL_LIMIT || symbol < -SYMBOL_LIMIT) {
    store<u32>(decoder, 1, FAILED);
    return 0;
  }
  return symbol;
}

function takeBit(decoder: usize): u32 {
  let x = load<u32>(decoder, STATE);
  let next: usize = load<u32>(decoder, NEXT);
  const end: usize = load<u32>(decoder, END);
  const bit = (x >> 15) & 1;
  x = ((x >> 16) << 15) | (x & 0x7fff);
  while (x < LOWER && next < end) x = (x << 8) | load<u8>(next++);
  store<u32>(decoder, x, STATE);
  store<u32>(decoder, <u32>next, NEXT);
  return bit;
}

export function ransClose(decoder: usize, result: usize): void {
  const x = load<u32>(decoder, STATE);
  const whole = load<u32>(decoder, NEXT) == load<u32>(decoder, END) && load<u32>(decoder, FAILED) == 0;
  let answer = -2;
  if (whole && x == 1) answer = -1;
  else if (whole && x >> 16 == 1) answer = <i32>(x & 0xffff);
  store<i32>(result, answer);
}
