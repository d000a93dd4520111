// Lossless coding of a byte plane (alpha, or grey of few levels): each sample becomes a few binary decisions, each decision is
// coded by an adaptive binary range coder under a probability chosen by the neighbours. Normative: docs/FORMAT.md, "Planes".
//
// Coder and model run the same way in all directions: `decide` takes a bit and writes it, or ignores it and reads one, or
// takes it and notes which context learnt it.
//
//               .   .   .
//       .   .  NNW NN  NNE  .   .
//       .  NWW  NW  N   NE NEE  .      Neighbours outside the plane are 0.
//   .   .   WW  W   v

// A context is 32 bits in the caller's memory: the probability of a 1 in its high 22 bits and the number of bits that stand
// behind it in its low 10. A fresh one is 2^31.

/** Beyond so many bits a context forgets: the newest bit keeps a weight of 2 / (2 * SEEN_LIMIT + 3). */
// @ts-ignore: decorator
@inline const SEEN_LIMIT: i32 = 255;
/** A finer context begins as its coarser one with no more than so many bits behind it. */
// @ts-ignore: decorator
@inline const INHERITED_LIMIT: u32 = 2;

// The contexts, one after another: indices of the first of each group.
// @ts-ignore: decorator
@inline const ZERO: u32 = 0; // 3^6 classes of neighbours: is the sample 0?
// @ts-ignore: decorator
@inline const FULL: u32 = ZERO + 729; // the same classes: is it 255?
// @ts-ignore: decorator
@inline const HIGH: u32 = FULL + 729; // 16 levels of W and N x node 1..3: the two high bits of a sample
// @ts-ignore: decorator
@inline const LOW: u32 = HIGH + 64; // node 4..255: its six low bits
// @ts-ignore: decorator
@inline const LENGTH: u32 = LOW + 256; // 7 activities x 8: is the residual longer than so many bits?
// @ts-ignore: decorator
@inline const REST: u32 = LENGTH + 56; // 9 lengths x node 1..127: the bits of a residual behind its leading 1
// @ts-ignore: decorator
@inline const FINE: u32 = REST + 1152; // ZERO and FULL once more, each x 16 halves of four neighbours further away
// @ts-ignore: decorator
@inline const WIDE: u32 = FINE + 2 * 729 * 16; // and once more, by the halves of 21 neighbours, which share 2^15 contexts
// @ts-ignore: decorator
@inline const WIDE_BITS: u32 = 15;
// @ts-ignore: decorator
@inline const CONTEXTS: u32 = WIDE + (1 << WIDE_BITS);

/** Multiplies the halves of neighbours, so that the highest bits depend on all of them (Knuth, The Art of Computer Programming 3, 6.4: the golden ratio). */
// @ts-ignore: decorator
@inline const SCATTER: u32 = 0x9e3779b1;

/** Neighbours may differ by less than this where the surface counts as smooth. */
// @ts-ignore: decorator
@inline const SMOOTH: i32 = 64;

/** Encoding, decoding, or listing who learns what. */
// @ts-ignore: decorator
@inline const ENCODE: i32 = 0;
// @ts-ignore: decorator
@inline const DECODE: i32 = 1;
// @ts-ignore: decorator
@inline const TRACE: i32 = 2;

let mode: i32 = DECODE;
let contexts: usize = 0;
// The coder: the interval [low, low + range), or for the decoder the code's distance from its lower end.
let low: u32 = 0;
let range: u32 = 0;
let code: u32 = 0;
/** First byte of the output, the next one, and the end of the room or the input. */
let begin: usize = 0;
let next: usize = 0;
let end: usize = 0;
/** Bytes that did not fit, or that were read as zero behind the end of the input. */
let beyond: u32 = 0;

// A coder between two strips of rows: 16 bytes in the caller's memory, all 0 before the first.
// @ts-ignore: decorator
@inline const INTERVAL: usize = 0; // its lower end, or the code's distance from that
// @ts-ignore: decorator
@inline const RANGE: usize = 4; // its length
// @ts-ignore: decorator
@inline const USED: usize = 8; // bytes written so far, or read by the last call
// @ts-ignore: decorator
@inline const BEYOND: usize = 12;

function resume(direction: i32, coder: usize, bytes: usize, length: i32): void {
  mode = direction;
  begin = bytes;
  end = bytes + length;
  range = load<u32>(coder, RANGE);
  beyond = load<u32>(coder, BEYOND);
}

function pause(coder: usize, interval: u32): void {
  store<u32>(coder, interval, INTERVAL);
  store<u32>(coder, range, RANGE);
  store<u32>(coder, <u32>(next - begin), USED);
  store<u32>(coder, beyond, BEYOND);
}

function putByte(byte: u32): void {
  if (next < end) store<u8>(next++, byte);
  else beyond++;
}

function takeByte(): u32 {
  if (next < end) return load<u8>(next++);
  beyond++;
  return 0;
}

/** Adds one to the number that the bytes so far spell. */
function carry(): void {
  let last = next - 1;
  while (last > begin && load<u8>(last) == 255) store<u8>(last--, 0);
  store<u8>(last, load<u8>(last) + 1);
}

// @ts-ignore: decorator
@inline function cellOf(context: u32): usize {
  return contexts + (<usize>context << 2);
}

/** What a context holds, in 65536ths. */
// @ts-ignore: decorator
@inline function probabilityOf(context: u32): u32 {
  return max(load<u32>(cellOf(context)) >> 16, 1);
}

/** The probability whose odds are the geometric mean of those of two contexts, in 65536ths, and not within 16 of the ends. */
function meanOf(one: u32, other: u32): u32 {
  const p = <f64>(load<u32>(cellOf(one)) >> 10);
  const q = <f64>(load<u32>(cellOf(other)) >> 10);
  const ones = sqrt(p * q);
  const zeros = sqrt((4194304.0 - p) * (4194304.0 - q));
  return <u32>max(16.0, min(65520.0, (65536.0 * ones) / (ones + zeros)));
}

/** Codes one decision under a context, or under two that are not the same. */
function codeBit(one: u32, other: u32, wanted: u32): u32 {
  if (mode == TRACE) return wanted;
  const probability = one == other ? probabilityOf(one) : meanOf(one, other);
  const bound = <u32>((<u64>range * probability) >> 16);
  let bit = wanted;
  if (mode == DECODE) bit = u32(code < bound);
  if (bit) range = bound;
  else {
    range -= bound;
    if (mode == DECODE) code -= bound;
    else {
      low += bound;
      if (low < bound && next > begin) carry();
    }
  }
  while (range < 1 << 24) {
    if (mode == DECODE) code = (code << 8) | takeByte();
    else {
      putByte(low >> 24);
      low <<= 8;
    }
    range <<= 8;
  }
  return bit;
}

function learn(context: u32, bit: u32): void {
  if (mode == TRACE) {
    if (next + 4 <= end) store<u32>(next, (context << 1) | bit);
    else beyond++;
    next += 4;
    return;
  }
  const cell = cellOf(context);
  const held = load<u32>(cell);
  const probability = <i32>(held >> 10);
  const seen = <i32>(held & 1023);
  const error = <i32>(bit << 22) - probability;
  const learnt = probability + (error << 1) / ((seen << 1) + 3);
  store<u32>(cell, (<u32>learnt << 10) | min(seen + 1, SEEN_LIMIT));
}

function decide(context: u32, wanted: u32): u32 {
  const bit = codeBit(context, context, wanted);
  learn(context, bit);
  return bit;
}

/** A context that was never met begins as a coarser one. */
function inherit(context: u32, coarser: u32): void {
  if (mode == TRACE || load<u32>(cellOf(context)) & 1023) return;
  const held = load<u32>(cellOf(coarser));
  store<u32>(cellOf(context), (held & ~1023) | min(held & 1023, INHERITED_LIMIT));
}

/**
 * Decides under a context of ZERO or FULL, refined by the four neighbours further away, and under the halves of 21
 * neighbours; all learn. Where nothing is near that differs, the refined one is enough.
 */
function decideFinely(context: u32, halves: u32, wanted: u32): u32 {
  const fine = FINE + (context << 4) + furtherOf(halves);
  inherit(fine, context);
  const isFull = u32(context >= FULL);
  const neighbours = isFull ? context - FULL : context;
  const isFlat = (halves == 0 && neighbours == 0) || (halves == ALL_HALVES && neighbours == 728);
  const wide = isFlat ? fine : WIDE + ((((halves << 1) | isFull) * SCATTER) >> (32 - WIDE_BITS));
  inherit(wide, fine);
  const bit = codeBit(fine, wide, wanted);
  learn(context, bit);
  learn(fine, bit);
  if (!isFlat) learn(wide, bit);
  return bit;
}

/** Writes the fewest bytes that, with zeros behind them, name a number of the last interval. */
function finish(): void {
  for (let count = 0; count <= 4; count++) {
    const mask = <u64>0xffffffff >> (count << 3);
    const value = (<u64>low + mask) & ~mask;
    if (value - low >= range) continue;
    if (value >> 32 != 0 && next > begin) carry();
    for (let i = 0; i < count; i++) putByte(<u32>(value >> (24 - (i << 3))) & 255);
    return;
  }
}

// @ts-ignore: decorator
@inline function classOf(sample: i32): u32 {
  return sample == 0 ? 0 : sample == 255 ? 2 : 1;
}

// @ts-ignore: decorator
@inline function levelOf(sample: i32): u32 {
  return sample == 0 ? 0 : sample < 128 ? 1 : sample < 255 ? 2 : 3;
}

// The high bits of 21 neighbours: rows from the lowest on, in each from the right on; 4, 7, 7 and 3 of them.
// @ts-ignore: decorator
@inline const ALL_HALVES: u32 = (1 << 21) - 1;

/** Of the halves of all, a bit for each of NEE, NNE, NWW, NNW. */
// @ts-ignore: decorator
@inline function furtherOf(halves: u32): u32 {
  const above = halves >> 4;
  const second = halves >> 11;
  return ((above & 2) << 2) | (second & 4) | ((above >> 4) & 2) | ((second >> 4) & 1);
}

/** Codes the sample `v` (ignored by the decoder) and returns it. */
function codeSample(v: i32, w: i32, n: i32, nw: i32, ne: i32, ww: i32, nn: i32, halves: u32): i32 {
  const plane = w + n - nw;
  const change = max(max(abs(w - nw), abs(n - nw)), abs(ne - n));
  if (plane > 0 && plane < 255 && change < SMOOTH) return codeResidual(v, plane, change);

  const neighbours = ((((classOf(w) * 3 + classOf(n)) * 3 + classOf(nw)) * 3 + classOf(ne)) * 3 + classOf(ww)) * 3 + classOf(nn);
  if (decideFinely(ZERO + neighbours, halves, u32(v == 0))) return 0;
  if (decideFinely(FULL + neighbours, halves, u32(v == 255))) return 255;
  const levels = HIGH + ((levelOf(w) << 2) + levelOf(n) << 2);
  let node: u32 = 1;
  for (let bit = 7; bit >= 0; bit--) {
    node = (node << 1) | decide(node < 4 ? levels + node : LOW + node, (<u32>v >> bit) & 1);
  }
  return <i32>(node & 255);
}

/** Codes the sample as its difference from the prediction: 0, -1, 1, -2, 2 ... become 0, 1, 2, 3, 4 ..., length first, then bits. */
function codeResidual(v: i32, prediction: i32, change: i32): i32 {
  const difference = <i32><i8>(v - prediction);
  const residual = <u32>((difference << 1) ^ (difference >> 31));
  const activity: u32 = 32 - <u32>clz((change + 1) >> 1);
  const bits: u32 = 32 - <u32>clz(residual);
  let length: u32 = 0;
  while (length < 8 && decide(LENGTH + (activity << 3) + length, u32(bits > length))) length++;
  let node: u32 = u32(length > 0);
  for (let bit = <i32>length - 2; bit >= 0; bit--) {
    node = (node << 1) | decide(REST + (length << 7) + node, (residual >> bit) & 1);
  }
  return (prediction + (<i32>(node >> 1) ^ -<i32>(node & 1))) & 255;
}

/** The high bit of the sample in column `x` of a row, 0 outside the row. */
// @ts-ignore: decorator
@inline function halfOf(row: usize, x: i32, W: i32): u32 {
  return <u32>x < <u32>W ? <u32>load<u8>(row + x) >> 7 : 0;
}

/** How many samples wide the row is that lies `above` rows over row y: nothing is above the first. */
// @ts-ignore: decorator
@inline function widthAbove(y: i32, above: i32, W: i32): i32 {
  return y >= above ? W : 0;
}

/** Runs over rows `first` .. H - 1 in raster order, reading samples or writing them, as far as the bytes reach; the rows above lie before them. */
function codeRows(first: i32, H: i32, W: i32, plane: usize): void {
  const decoding = mode == DECODE;
  for (let y = first; y < H; y++) {
    const row = plane + <usize>y * W;
    const above = row - W;
    const second = above - W;
    const third = second - W;
    const wAbove = widthAbove(y, 1, W), wSecond = widthAbove(y, 2, W), wThird = widthAbove(y, 3, W);
    // Halves of a row, the rightmost in bit 0: up to one sample before that which the next step adds.
    let left: u32 = 0;
    let aboves = (halfOf(above, 0, wAbove) << 2) | (halfOf(above, 1, wAbove) << 1) | halfOf(above, 2, wAbove);
    let seconds = (halfOf(second, 0, wSecond) << 2) | (halfOf(second, 1, wSecond) << 1) | halfOf(second, 2, wSecond);
    let thirds = halfOf(third, 0, wThird);
    let ww = 0, w = 0, nw = 0, n = 0;
    let ne = y > 0 ? <i32>load<u8>(above) : 0;
    for (let x = 0; x < W; x++) {
      nw = n;
      n = ne;
      ne = x + 1 < wAbove ? <i32>load<u8>(above + x + 1) : 0;
      const nn = y > 1 ? <i32>load<u8>(second + x) : 0;
      aboves = ((aboves << 1) | halfOf(above, x + 3, wAbove)) & 127;
      seconds = ((seconds << 1) | halfOf(second, x + 3, wSecond)) & 127;
      thirds = ((thirds << 1) | halfOf(third, x + 1, wThird)) & 7;
      const halves = left | (aboves << 4) | (seconds << 11) | (thirds << 18);
      const v = codeSample(decoding ? 0 : <i32>load<u8>(row + x), w, n, nw, ne, ww, nn, halves);
      if (decoding) store<u8>(row + x, v);
      left = ((left << 1) | (<u32>v >> 7)) & 15;
      ww = w;
      w = v;
    }
    // A decoder may look four bytes ahead.
    if (beyond > (decoding ? 4 : 0)) return;
  }
}

export function planeContextCount(): i32 {
  return CONTEXTS;
}

export function planeEncode(
  first: i32, H: i32, W: i32, cells: usize, plane: usize, output: usize, room: i32, coder: usize,
): void {
  resume(ENCODE, coder, output, room);
  contexts = cells;
  next = output + load<u32>(coder, USED);
  low = load<u32>(coder, INTERVAL);
  if (range == 0) range = 0xffffffff;
  codeRows(first, H, W, plane);
  pause(coder, low);
}

export function planeFinish(output: usize, room: i32, coder: usize): void {
  resume(ENCODE, coder, output, room);
  next = output + load<u32>(coder, USED);
  low = load<u32>(coder, INTERVAL);
  finish();
  // One byte would be a plane of one value.
  while (next - begin < 2 && beyond == 0) putByte(0);
  pause(coder, low);
}

export function planeDecode(
  first: i32, H: i32, W: i32, cells: usize, plane: usize, input: usize, length: i32, coder: usize,
): void {
  resume(DECODE, coder, input, length);
  contexts = cells;
  next = input;
  code = load<u32>(coder, INTERVAL);
  if (range == 0) {
    range = 0xffffffff;
    for (let i = 0; i < 4; i++) code = (code << 8) | takeByte();
  }
  codeRows(first, H, W, plane);
  pause(coder, code);
}

export function planeTrace(first: i32, H: i32, W: i32, plane: usize, output: usize, room: i32, result: usize): void {
  mode = TRACE;
  begin = output;
  next = output;
  end = output + room;
  beyond = 0;
  if (W > 0) codeRows(first, H, W, plane);
  store<i32>(result, beyond > 0 ? -1 : <i32>(next - begin) >> 2);
}
