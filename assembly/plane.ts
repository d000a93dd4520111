// Lossless coding of a byte plane (the alpha channel): each sample becomes a few binary decisions, each decision is coded by
// an adaptive binary range coder under a probability chosen by the neighbours. Normative: docs/FORMAT.md, "Alpha plane".
//
// Coder and model run the same way in both directions: `decide` takes a bit and writes it, or ignores it and reads one.
//
//          NN            Neighbours outside the plane are 0.
//       NW  N  NE
//   WW   W  v

/** A context holds the probability of a 1 in its high 22 bits and the number of bits it has seen in its low 10. */
// @ts-ignore: decorator
@inline const FRESH: u32 = 1 << 31;
/** Beyond so many bits a context forgets: the newest bit keeps a weight of 2 / (2 * SEEN_LIMIT + 3). */
// @ts-ignore: decorator
@inline const SEEN_LIMIT: i32 = 255;

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
@inline const CONTEXTS: u32 = REST + 1152;

const contexts = memory.data(11944, 16); // CONTEXTS * 4 bytes

/** Neighbours may differ by less than this where the surface counts as smooth. */
// @ts-ignore: decorator
@inline const SMOOTH: i32 = 64;

// The coder: the interval [low, low + range), or for the decoder the code's distance from its lower end.
let low: u32 = 0;
let range: u32 = 0;
let code: u32 = 0;
let decoding: bool = false;
/** First byte of the stream, the next one, and the end of the room or the input. */
let begin: usize = 0;
let next: usize = 0;
let end: usize = 0;
/** Bytes that did not fit, or that were read as zero behind the end of the input. */
let beyond: u32 = 0;

function start(): void {
  for (let i: u32 = 0; i < CONTEXTS; i++) store<u32>(contexts + (<usize>i << 2), FRESH);
  low = 0;
  code = 0;
  range = 0xffffffff;
  beyond = 0;
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

/** Codes one decision and lets the context learn from it. */
function decide(context: u32, wanted: u32): u32 {
  const cell = contexts + (<usize>context << 2);
  const held = load<u32>(cell);
  const probability = held >> 10;
  const seen = <i32>(held & 1023);
  const bound = <u32>((<u64>range * max(probability >> 6, 1)) >> 16);

  let bit = wanted;
  if (decoding) bit = u32(code < bound);
  if (bit) range = bound;
  else {
    range -= bound;
    if (decoding) code -= bound;
    else {
      low += bound;
      if (low < bound && next > begin) carry();
    }
  }
  while (range < 1 << 24) {
    if (decoding) code = (code << 8) | takeByte();
    else {
      putByte(low >> 24);
      low <<= 8;
    }
    range <<= 8;
  }

  const error = <i32>(bit << 22) - <i32>probability;
  const learnt = <i32>probability + (error << 1) / ((seen << 1) + 3);
  store<u32>(cell, (<u32>learnt << 10) | min(seen + 1, SEEN_LIMIT));
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

/** Codes the sample `v` (ignored by the decoder) and returns it. */
function codeSample(v: i32, w: i32, n: i32, nw: i32, ne: i32, ww: i32, nn: i32): i32 {
  const plane = w + n - nw;
  const change = max(max(abs(w - nw), abs(n - nw)), abs(ne - n));
  if (plane > 0 && plane < 255 && change < SMOOTH) return codeResidual(v, plane, change);

  const neighbours = ((((classOf(w) * 3 + classOf(n)) * 3 + classOf(nw)) * 3 + classOf(ne)) * 3 + classOf(ww)) * 3 + classOf(nn);
  if (decide(ZERO + neighbours, u32(v == 0))) return 0;
  if (decide(FULL + neighbours, u32(v == 255))) return 255;
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

/** Runs over the plane in raster order, reading samples or writing them; false where the bytes ran out. */
function codePlane(H: i32, W: i32, plane: usize): bool {
  for (let y = 0; y < H; y++) {
    const row = plane + <usize>y * W;
    let ww = 0, w = 0, nw = 0, n = 0;
    let ne = y > 0 ? <i32>load<u8>(row - W) : 0;
    for (let x = 0; x < W; x++) {
      nw = n;
      n = ne;
      ne = y > 0 && x + 1 < W ? <i32>load<u8>(row - W + x + 1) : 0;
      const nn = y > 1 ? <i32>load<u8>(row - 2 * <usize>W + x) : 0;
      const v = codeSample(decoding ? 0 : <i32>load<u8>(row + x), w, n, nw, ne, ww, nn);
      if (decoding) store<u8>(row + x, v);
      ww = w;
      w = v;
    }
    // A decoder may look four bytes ahead.
    if (beyond > (decoding ? 4 : 0)) return false;
  }
  return true;
}

function isUniform(count: usize, plane: usize): bool {
  const first = load<u8>(plane);
  for (let i: usize = 1; i < count; i++) if (load<u8>(plane + i) != first) return false;
  return true;
}

export function planeEncode(H: i32, W: i32, plane: usize, output: usize, room: i32, result: usize): void {
  const count = <usize>H * W;
  decoding = false;
  begin = output;
  next = output;
  end = output + room;
  start();
  // One byte is a plane of one value; a longer stream is padded to two.
  if (count > 0) {
    if (isUniform(count, plane)) putByte(load<u8>(plane));
    else if (codePlane(H, W, plane)) {
      finish();
      while (next - begin < 2 && beyond == 0) putByte(0);
    }
  }
  store<i32>(result, beyond > 0 ? -1 : <i32>(next - begin));
}

export function planeDecode(H: i32, W: i32, input: usize, length: i32, plane: usize, result: usize): void {
  const count = <usize>H * W;
  decoding = true;
  begin = input;
  next = input;
  end = input + length;
  start();
  let whole = true;
  if (count > 0) {
    if (length == 0) whole = false;
    else if (length == 1) memory.fill(plane, <u8>takeByte(), count);
    else {
      for (let i = 0; i < 4; i++) code = (code << 8) | takeByte();
      whole = codePlane(H, W, plane);
    }
  }
  store<i32>(result, whole ? <i32>(next - begin) : -1);
}
