/** A cyclic redundancy check of reflected polynomial, whose initial value and final xor are `ones`. */
function checkOf(polynomial: number, ones: number) {
  /** The remainders of a byte. */
  let table: Int32Array | undefined;

  function makeTable(): Int32Array {
    return Int32Array.from({ length: 256 }, (_, byte) => {
      let remainder = byte;
      for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 && polynomial);
      return remainder;
    });
  }

  /** The checksum of the bytes, 0 .. `ones`; `before`: that of the bytes before them. */
  return (bytes: Uint8Array, before = 0): number => {
    table ??= makeTable();
    const remainders = table;
    let remainder = before ^ ones;
    for (let i = 0; i < bytes.length; i++) remainder = (remainder >>> 8) ^ remainders[(remainder ^ bytes[i]) & 255];
    return (remainder ^ ones) >>> 0;
  };
}

/** As in PNG, gzip and IEEE 802.3. */
export const crc32 = /* @__PURE__ */ checkOf(0xedb88320, 0xffffffff);

/** As in X.25 and HDLC. */
export const crc16 = /* @__PURE__ */ checkOf(0x8408, 0xffff);
