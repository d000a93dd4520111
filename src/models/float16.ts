/** Conversions to and from IEEE 754 binary16, bit by bit, so that every engine agrees; `Float16Array` is not asked for. */

const word = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4));

/** The 16 bits of a single-precision number rounded to half precision, ties to even; from 65520 on it is infinity, NaN stays NaN. */
export function toFloat16(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // From the halfway point between the largest half (65504) and 65536 on.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // A normal half: move the exponent's bias from 127 to 15, and let rounding carry into the exponent.
    return sign | roundShift(magnitude - (112 << 23), 13);
  }
  // A subnormal half counts units of 2^-24. Below half a unit everything is zero.
  const exponent = magnitude >>> 23;
  if (exponent < 102) return sign;
  return sign | roundShift((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}

/** The number that 16 bits stand for. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return (sign * (1024 + fraction) * 2 ** exponent) / 2 ** 25;
}

/** value / 2^shift rounded to the nearest integer, ties to even. */
function roundShift(value: number, shift: number): number {
  const half = 2 ** (shift - 1);
  const quotient = value >>> shift;
  const rest = value - quotient * 2 ** shift;
  return rest > half || (rest === half && quotient & 1) ? quotient + 1 : quotient;
}

/** The bytes (lowest first) of values rounded to half precision. */
export function float16Bytes(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const half = toFloat16(values[i]);
    bytes[2 * i] = half & 255;
    bytes[2 * i + 1] = half >> 8;
  }
  return bytes;
}

/** The values of bytes that hold half floats, lowest byte first. */
export function float16Values(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.length >> 1);
  for (let i = 0; i < values.length; i++) values[i] = fromFloat16(bytes[2 * i] | (bytes[2 * i + 1] << 8));
  return values;
}
