/**
 * CRC-32 (reflected polynomial EDB88320) of symbols, each as a 16-bit two's complement number, lowest byte first: eight bytes a step by eight
 * tables (Kounavis & Berry 2008, "slicing by 8"). Table t holds the remainder of each byte with t zero bytes behind it.
 */

// @ts-ignore: decorator
@inline
const TABLE_BYTES: usize = 1024;
// @ts-ignore: decorator
@lazy
const tables: usize = memory.data(8192, 16);

function makeTables(): void {
  for (let i: u32 = 0; i < 8 * 256; i++) {
    const at = tables + (<usize>i << 2);
    let remainder = i < 256 ? i : load<u32>(at - TABLE_BYTES);
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    store<u32>(at, remainder);
  }
}

/** Of table t, for the lowest byte of `value`. */
// @ts-ignore: decorator
@inline
function entry(t: usize, value: u32): u32 {
  return load<u32>(tables + t * TABLE_BYTES + (<usize>(value & 255) << 2));
}

/** The checksum of symbols of which that of the first is `before` (0 where there are none) and `count` follow: of 32 bits, of which the low 16 count. */
export function symbolChecksum(before: u32, count: i32, symbols: usize): u32 {
  if (load<u32>(tables, 4) == 0) makeTables();
  let remainder = ~before;
  for (; count >= 4; count -= 4, symbols += 16) {
    const four = v128.load(symbols);
    const packed = v128.shuffle<u16>(four, four, 0, 2, 4, 6, 0, 2, 4, 6);
    const low = remainder ^ <u32>i32x4.extract_lane(packed, 0);
    const high = <u32>i32x4.extract_lane(packed, 1);
    remainder = entry(7, low) ^ entry(6, low >> 8) ^ entry(5, low >> 16) ^ entry(4, low >> 24)
      ^ entry(3, high) ^ entry(2, high >> 8) ^ entry(1, high >> 16) ^ entry(0, high >> 24);
  }
  for (; count > 0; count--, symbols += 4) {
    remainder = (remainder >> 8) ^ entry(0, remainder ^ load<u8>(symbols));
    remainder = (remainder >> 8) ^ entry(0, remainder ^ load<u8>(symbols, 1));
  }
  return ~remainder;
}
